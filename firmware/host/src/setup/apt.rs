//! apt with a state of its own: it reads the machine's settings and changes nothing of them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use super::choice::{Archive, Names};
use super::metadata::{self, Package};
use crate::error::Failure;
use crate::files;
use crate::process;
use crate::terminal;

/// How long lists of packages count as fresh.
const LISTS_LIVE: Duration = Duration::from_hours(6);

/// A place to fetch from: base address and suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Address of the archive.
    pub base: String,
    /// Its suite.
    pub suite: String,
}

/// The Debian archive as this machine's apt knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sources {
    /// The machine's own release, with its updates.
    pub release: Vec<Source>,
    /// Where compilers are young enough.
    pub unstable: Vec<Source>,
}

/// Asks apt which archive this machine uses; no list of packages needs to be there.
pub fn sources(scratch: &Path) -> Result<Sources, Failure> {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let codename = codename(&release).ok_or_else(|| Failure::NoArchive {
        reason: String::from("this is not Debian (/etc/os-release names no Debian release)"),
    })?;
    let state = State::create(scratch, &[], Lists::Packages)?;
    let mut command = Command::new("apt-get");
    // Without the private source list: it is the machine's own that is asked for.
    command.args(["update", "--print-uris"]);
    command
        .arg("-o")
        .arg(format!("Dir::State={}", state.folder.display()));
    let outcome = process::capture(&mut command).map_err(|_| Failure::NoArchive {
        reason: String::from("there is no apt-get"),
    })?;
    let listed = String::from_utf8_lossy(&outcome.stdout);
    archive_sources(&listed, codename).ok_or_else(|| Failure::NoArchive {
        reason: format!("apt is not set up for an archive with Debian {codename}"),
    })
}

/// The release's code name, where this is Debian.
fn codename(os_release: &str) -> Option<&str> {
    let field = |name: &str| {
        os_release.lines().find_map(|line| {
            let (key, value) = line.split_once('=')?;
            (key == name).then(|| value.trim_matches('"'))
        })
    };
    (field("ID") == Some("debian")).then(|| field("VERSION_CODENAME").unwrap_or("sid"))
}

/// Picks the release's archives out of the addresses that an update would read.
fn archive_sources(listed: &str, codename: &str) -> Option<Sources> {
    let mut release = Vec::new();
    for line in listed.lines() {
        let address = line.split('\'').nth(1).unwrap_or_default();
        let Some(address) = address.strip_suffix("/InRelease") else {
            continue;
        };
        let Some((base, suite)) = address.split_once("/dists/") else {
            continue;
        };
        let updates = [
            format!("{codename}-updates"),
            format!("{codename}-security"),
        ];
        if suite == codename || updates.iter().any(|name| name == suite) {
            release.push(Source {
                base: format!("{base}/"),
                suite: suite.to_owned(),
            });
        }
    }
    let main = release
        .iter()
        .find(|source| source.suite == codename)?
        .base
        .clone();
    let unstable = ["sid", "experimental"]
        .map(|suite| Source {
            base: main.clone(),
            suite: suite.to_owned(),
        })
        .to_vec();
    Some(Sources { release, unstable })
}

/// What lists apt reads of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lists {
    /// Of packages.
    Packages,
    /// Of packages and of what they are made from.
    PackagesAndSources,
}

impl Lists {
    /// As a source list names them.
    fn kinds(self) -> &'static [&'static str] {
        match self {
            Lists::Packages => &["deb"],
            Lists::PackagesAndSources => &["deb", "deb-src"],
        }
    }
}

/// apt's private folder for one set of sources.
pub struct State {
    folder: PathBuf,
    config: PathBuf,
}

impl State {
    /// Writes its settings into `folder`.
    pub fn create(folder: &Path, sources: &[Source], lists: Lists) -> Result<State, Failure> {
        let text = folder
            .to_str()
            .filter(|text| !text.contains(['"', '\\', '\n', ';']));
        let Some(text) = text else {
            return Err(Failure::AwkwardPath {
                path: folder.to_owned(),
            });
        };
        for name in ["lists/partial", "archives/partial"] {
            files::create_folder(&folder.join(name))?;
        }
        files::write_if_changed(&folder.join("status"), b"")?;
        files::write_if_changed(
            &folder.join("sources.list"),
            source_list(sources, lists).as_bytes(),
        )?;
        let config = folder.join("apt.conf");
        files::write_if_changed(&config, configuration(text).as_bytes())?;
        Ok(State {
            folder: folder.to_owned(),
            config,
        })
    }

    /// One of apt's programs, on this state.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.arg("-c").arg(&self.config).env("LC_ALL", "C.UTF-8");
        command
    }

    /// Reads the lists of packages where they are missing or old, or `now`. `true` where it has.
    pub fn update(&self, what: &str, now: bool) -> Result<bool, Failure> {
        let stamp = self.folder.join("updated");
        let age = std::fs::metadata(&stamp)
            .and_then(|data| data.modified())
            .ok()
            .and_then(
                // From the future: as good as old.
                |time| SystemTime::now().duration_since(time).ok(),
            );
        if !now && age.is_some_and(|age| age < LISTS_LIVE) {
            return Ok(false);
        }
        let bar = terminal::steps("Reading", what, 100);
        let mut command = self.command("apt-get");
        command.args(["-qq", "-o", "APT::Status-Fd=1", "update"]);
        let (status, errors) = process::lines(&mut command, |line| {
            if let Some(percent) = percent(line) {
                bar.set_position(percent as u64);
            }
        })?;
        bar.finish_and_clear();
        if !status.success() {
            return Err(Failure::Apt {
                task: "reading the lists of packages",
                output: errors,
            });
        }
        files::write(&stamp, b"")?;
        Ok(true)
    }

    /// Fetches packages into `folder`. What is there already is checked and kept, what is there
    /// in part is continued. `progress` gets the percentage of this run.
    pub fn download(
        &self,
        packages: &[&Package],
        folder: &Path,
        mut progress: impl FnMut(f64),
    ) -> Result<(), Failure> {
        let mut command = self.command("apt-get");
        command
            .args(["-qq", "-o", "APT::Status-Fd=1", "download"])
            .current_dir(folder);
        command.args(packages.iter().map(|p| format!("{}={}", p.name, p.version)));
        let (status, errors) = process::lines(&mut command, |line| {
            if let Some(percent) = percent(line) {
                progress(percent);
            }
        })?;
        if status.success() {
            return Ok(());
        }
        Err(Failure::Apt {
            task: "fetching packages",
            output: errors,
        })
    }
}

/// Source packages.
impl State {
    /// Every version of a source package.
    pub fn source_versions(&self, name: &str) -> Result<Vec<String>, Failure> {
        // Fails where there is no such package.
        let outcome = process::capture(self.command("apt-cache").args([
            "-q",
            "showsrc",
            "--only-source",
            "--",
            name,
        ]))?;
        let shown = String::from_utf8_lossy(&outcome.stdout);
        let versions = shown.lines().filter_map(|l| l.strip_prefix("Version: "));
        Ok(versions.map(|version| version.trim().to_owned()).collect())
    }

    /// Fetches the authors' archive of a source package into `folder`; Debian's own changes stay
    /// where they are.
    pub fn download_source(&self, name: &str, version: &str, folder: &Path) -> Result<(), Failure> {
        let mut command = self.command("apt-get");
        command
            .args(["-qq", "source", "--download-only", "--tar-only"])
            .arg(format!("{name}={version}"))
            .current_dir(folder);
        let outcome = process::capture(&mut command)?;
        if outcome.status.success() {
            return Ok(());
        }
        Err(Failure::Apt {
            task: "fetching sources",
            output: outcome.stderr,
        })
    }
}

impl Archive for State {
    fn show(&mut self, names: &[String]) -> Result<Vec<Package>, Failure> {
        // Fails where one of the names is not a real package: the others are shown all the same.
        let outcome = process::capture(
            self.command("apt-cache")
                .args(["-q", "show", "--"])
                .args(names),
        )?;
        Ok(metadata::parse(&String::from_utf8_lossy(&outcome.stdout)))
    }
}

impl Names for State {
    fn names(&mut self, prefix: &str) -> Result<Vec<String>, Failure> {
        let output = process::run(
            self.command("apt-cache").args(["pkgnames", prefix]),
            "looking for packages",
        )?;
        Ok(String::from_utf8_lossy(&output)
            .lines()
            .map(str::to_owned)
            .collect())
    }
}

fn source_list(sources: &[Source], lists: Lists) -> String {
    const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
    let option = if Path::new(KEYRING).is_file() {
        format!("[signed-by={KEYRING}] ")
    } else {
        String::new()
    };
    let line = |kind: &str, source: &Source| {
        let Source { base, suite } = source;
        format!("{kind} {option}{base} {suite} main\n")
    };
    let of_kind = |kind: &&'static str| {
        let lines = sources.iter().map(|source| line(kind, source));
        lines.collect::<String>()
    };
    lists.kinds().iter().map(of_kind).collect()
}

/// apt's settings: the machine's (proxies, checks), but a state of its own, no hooks, and no
/// lists beyond those of packages.
fn configuration(folder: &str) -> String {
    format!(
        r#"#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Update::Error-Mode "any";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled "false";
Dir::State "{folder}/";
Dir::State::lists "{folder}/lists/";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}/";
Dir::Cache::archives "{folder}/archives/";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "srcpkgcache.bin";
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
"#
    )
}

/// The percentage in a status line of apt: `dlstatus:3:57.04:Retrieving file 3 of 20`.
fn percent(line: &str) -> Option<f64> {
    line.strip_prefix("dlstatus:")?
        .split(':')
        .nth(1)?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &str = "\
'http://mirror.example/debian/dists/bookworm/InRelease' m_bookworm_InRelease 0
'http://mirror.example/debian/dists/bookworm-updates/InRelease' m_updates_InRelease 0
'http://mirror.example/debian/dists/bookworm-backports/InRelease' m_backports_InRelease 0
'http://mirror.example/security/dists/bookworm-security/InRelease' m_security_InRelease 0
'https://other.example/tool/dists/stable/InRelease' o_stable_InRelease 0
'http://mirror.example/debian/dists/bookworm/main/binary-amd64/Packages.xz' m_Packages 0
";

    #[test]
    fn finds_the_archive_among_the_machines_sources() {
        let sources = archive_sources(LISTED, "bookworm").unwrap();
        let suites: Vec<&str> = sources.release.iter().map(|s| s.suite.as_str()).collect();
        assert_eq!(
            suites,
            ["bookworm", "bookworm-updates", "bookworm-security"]
        );
        assert_eq!(sources.unstable[0].base, "http://mirror.example/debian/");
        assert_eq!(sources.unstable[1].suite, "experimental");
        assert_eq!(archive_sources(LISTED, "trixie"), None);
        assert_eq!(archive_sources("", "bookworm"), None);
    }

    #[test]
    fn knows_debian_by_its_release_file() {
        assert_eq!(
            codename("ID=debian\nVERSION_CODENAME=bookworm\n"),
            Some("bookworm")
        );
        assert_eq!(codename("ID=\"debian\"\n"), Some("sid"));
        assert_eq!(codename("ID=ubuntu\nVERSION_CODENAME=noble\n"), None);
        assert_eq!(codename(""), None);
    }

    #[test]
    fn reads_percentages_and_nothing_else() {
        assert_eq!(
            percent("dlstatus:2:57.0409:Retrieving file 2 of 2"),
            Some(57.0409)
        );
        assert_eq!(percent("pmstatus:x:1:y"), None);
        assert_eq!(percent("dlstatus:2"), None);
    }

    #[test]
    fn a_path_that_apt_cannot_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let odd = folder.path().join("a\"b");
        assert!(matches!(
            State::create(&odd, &[], Lists::Packages),
            Err(Failure::AwkwardPath { .. })
        ));
    }

    #[test]
    fn sources_are_listed_only_where_they_are_wanted() {
        let sources = ["one", "two"].map(|suite| Source {
            base: String::from("http://mirror.example/debian/"),
            suite: suite.to_owned(),
        });
        let kinds = |lists: Lists| {
            let text = source_list(&sources, lists);
            let ends = |line: &str| {
                let kind = line.split(' ').next().unwrap_or_default().to_owned();
                let suite = line.rsplit(' ').nth(1).unwrap_or_default().to_owned();
                (kind, suite)
            };
            text.lines().map(ends).collect::<Vec<_>>()
        };
        let of = |kind: &str, suite: &str| (kind.to_owned(), suite.to_owned());
        let packages = [of("deb", "one"), of("deb", "two")];
        assert_eq!(kinds(Lists::Packages), packages);
        let both = kinds(Lists::PackagesAndSources);
        assert_eq!(both[..2], packages);
        assert_eq!(both[2..], [of("deb-src", "one"), of("deb-src", "two")]);
    }
}
