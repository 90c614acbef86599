//! Which packages to take: the lowest compiler that will do, and the libraries it needs.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::metadata::{Dependency, Package};
use super::version;
use crate::error::Failure;

/// The first rustc with inline assembly for Xtensa.
pub const LEAST_RUSTC: [u32; 2] = [1, 98];
/// The first LLVM whose Xtensa literal sections are sound.
pub const LEAST_LLVM: u32 = 23;

/// Where descriptions come from.
pub trait Archive {
    /// Every version of these packages.
    fn show(&mut self, names: &[String]) -> Result<Vec<Package>, Failure>;
}

/// Where names come from.
pub trait Names {
    /// Names of all packages that begin like this.
    fn names(&mut self, prefix: &str) -> Result<Vec<String>, Failure>;
}

/// Which of several fitting versions to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefer {
    /// The oldest: it is the nearest to what was tried.
    Lowest,
    /// The newest: it has the archive's corrections.
    Highest,
}

/// A package that is wanted, and whether its shared libraries are wanted too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The package.
    pub package: Dependency,
    /// `false` for packages of which only programs without further needs are used.
    pub with_libraries: bool,
}

impl Wanted {
    /// A package with its libraries.
    pub fn complete(package: Dependency) -> Wanted {
        Wanted {
            package,
            with_libraries: true,
        }
    }
}

/// A compiler that was chosen.
#[derive(Debug)]
pub struct Compiler {
    /// Its packages.
    pub wanted: Vec<Wanted>,
    /// Their version.
    pub version: String,
    /// LLVM's major version; of a Rust compiler, that of the LLVM inside.
    pub llvm_major: u32,
}

/// Chooses the lowest Rust compiler that will do and that has its sources.
pub fn rust(archive: &mut impl Archive) -> Result<Compiler, Failure> {
    let names = ["rustc", "rust-src", "libstd-rust-dev"].map(String::from);
    let packages = archive.show(&names)?;
    let versions = |name: &str| versions_of(&packages, name);
    let rustc = versions("rustc")
        .into_iter()
        .filter(|v| version::upstream_numbers(v).as_slice() >= LEAST_RUSTC.as_slice())
        .find(|v| names.iter().all(|name| versions(name).contains(v)))
        .ok_or_else(|| Failure::NotOffered {
            wanted: format!(
                "rustc >= {}.{} with its sources",
                LEAST_RUSTC[0], LEAST_RUSTC[1]
            ),
            offered: offered(&versions("rustc")),
        })?;
    Ok(Compiler {
        wanted: names
            .iter()
            .map(|name| Wanted::complete(Dependency::exactly(name, rustc)))
            .collect(),
        version: rustc.to_owned(),
        llvm_major: llvm_inside(archive, &packages, rustc)?,
    })
}

/// Chooses the lowest LLVM that will do, that reads what LLVM `inside` rustc writes, and that has
/// clang.
pub fn llvm(archive: &mut (impl Archive + Names), inside: u32) -> Result<Compiler, Failure> {
    let least = LEAST_LLVM.max(inside);
    let mut majors: Vec<u32> = archive
        .names("llvm-")?
        .iter()
        .filter_map(|name| name.strip_prefix("llvm-")?.parse().ok())
        .collect();
    majors.sort_unstable();
    majors.dedup();
    for major in majors.iter().copied().filter(|major| *major >= least) {
        let parts = llvm_parts(major);
        let packages = archive.show(&parts.clone().map(|(name, _)| name))?;
        let everywhere = |version: &&str| {
            parts
                .iter()
                .all(|(name, _)| versions_of(&packages, name).contains(version))
        };
        let Some(llvm) = versions_of(&packages, &parts[0].0)
            .into_iter()
            .find(everywhere)
        else {
            continue;
        };
        return Ok(Compiler {
            wanted: parts
                .iter()
                .map(|(name, with_libraries)| Wanted {
                    package: Dependency::exactly(name, llvm),
                    with_libraries: *with_libraries,
                })
                .collect(),
            version: llvm.to_owned(),
            llvm_major: major,
        });
    }
    let majors: Vec<String> = majors.iter().map(u32::to_string).collect();
    Err(Failure::NotOffered {
        wanted: format!("LLVM >= {least} with clang"),
        offered: offered(&majors.iter().map(String::as_str).collect::<Vec<_>>()),
    })
}

/// The packages of one LLVM; of the programs' packages only these libraries are needed.
fn llvm_parts(major: u32) -> [(String, bool); 5] {
    [
        (format!("llvm-{major}"), false),
        (format!("clang-{major}"), false),
        (format!("libclang-common-{major}-dev"), false),
        (format!("libllvm{major}"), true),
        (format!("libclang-cpp{major}"), true),
    ]
}

/// The major version of the LLVM that rustc links, 0 where its packages do not say.
fn llvm_inside(archive: &mut impl Archive, rust: &[Package], rustc: &str) -> Result<u32, Failure> {
    let runtime = rust
        .iter()
        .find(|package| package.name == "libstd-rust-dev" && package.version == rustc)
        .and_then(|package| package.dependency("libstd-rust-"));
    let Some(runtime) = runtime else { return Ok(0) };
    let inside = archive
        .show(std::slice::from_ref(&runtime.name))?
        .iter()
        .filter(|package| runtime.accepts(&package.version))
        .filter_map(|package| package.dependency("libllvm"))
        .filter_map(|library| library.name.trim_start_matches("libllvm").parse().ok())
        .max();
    Ok(inside.unwrap_or(0))
}

/// All versions of a package, lowest first.
fn versions_of<'a>(packages: &'a [Package], name: &str) -> Vec<&'a str> {
    let mut versions: Vec<&str> = packages
        .iter()
        .filter(|package| package.name == name)
        .map(|package| package.version.as_str())
        .collect();
    versions.sort_by(|left, right| version::compare(left, right));
    versions.dedup();
    versions
}

fn offered(versions: &[&str]) -> String {
    if versions.is_empty() {
        String::from("none at all")
    } else {
        versions.join(", ")
    }
}

/// The wanted packages and, where asked for, every shared library below them, each in the version
/// that satisfies all of them.
pub fn with_libraries(
    archive: &mut impl Archive,
    wanted: &[Wanted],
    prefer: Prefer,
) -> Result<Vec<Package>, Failure> {
    let mut known: HashMap<String, Vec<Package>> = HashMap::new();
    let mut conditions: BTreeMap<String, Vec<Dependency>> = BTreeMap::new();
    let mut programs_only = BTreeSet::new();
    for want in wanted {
        conditions
            .entry(want.package.name.clone())
            .or_default()
            .push(want.package.clone());
        if !want.with_libraries {
            programs_only.insert(want.package.name.clone());
        }
    }
    loop {
        learn(archive, &mut known, conditions.keys())?;
        let chosen = choose(&known, &conditions, prefer)?;
        let groups: Vec<&Vec<Dependency>> = chosen
            .iter()
            .filter(|package| !programs_only.contains(&package.name))
            .flat_map(|package| &package.depends)
            .collect();
        let names: Vec<&String> = groups.iter().copied().flatten().map(|d| &d.name).collect();
        learn(archive, &mut known, names)?;
        let mut grown = false;
        for group in groups {
            let library = group.iter().find(|dependency| {
                known[&dependency.name].iter().any(Package::is_library)
                    && !dependency.name.ends_with("-dev")
            });
            let Some(library) = library else { continue };
            let list = conditions.entry(library.name.clone()).or_default();
            if !list.contains(library) {
                list.push(library.clone());
                grown = true;
            }
        }
        if !grown {
            return Ok(chosen);
        }
    }
}

/// Asks the archive about those names it was not asked about before.
fn learn<'a>(
    archive: &mut impl Archive,
    known: &mut HashMap<String, Vec<Package>>,
    names: impl IntoIterator<Item = &'a String>,
) -> Result<(), Failure> {
    let new: BTreeSet<&String> = names
        .into_iter()
        .filter(|name| !known.contains_key(*name))
        .collect();
    if new.is_empty() {
        return Ok(());
    }
    let new: Vec<String> = new.into_iter().cloned().collect();
    let packages = archive.show(&new)?;
    known.extend(new.into_iter().map(|name| (name, Vec::new())));
    for package in packages {
        known.entry(package.name.clone()).or_default().push(package);
    }
    Ok(())
}

fn choose(
    known: &HashMap<String, Vec<Package>>,
    conditions: &BTreeMap<String, Vec<Dependency>>,
    prefer: Prefer,
) -> Result<Vec<Package>, Failure> {
    let mut chosen = Vec::new();
    for (name, conditions) in conditions {
        let packages = &known[name];
        let mut fitting: Vec<&Package> = packages
            .iter()
            .filter(|package| conditions.iter().all(|c| c.accepts(&package.version)))
            .collect();
        fitting.sort_by(|left, right| version::compare(&left.version, &right.version));
        let best = match prefer {
            Prefer::Lowest => fitting.first(),
            Prefer::Highest => fitting.last(),
        };
        let best = best.ok_or_else(|| Failure::NotOffered {
            wanted: wanted_text(name, conditions),
            offered: offered(&versions_of(packages, name)),
        })?;
        chosen.push((*best).clone());
    }
    Ok(chosen)
}

fn wanted_text(name: &str, conditions: &[Dependency]) -> String {
    let conditions: Vec<String> = conditions
        .iter()
        .filter_map(|dependency| dependency.condition.as_ref())
        .map(|(operator, version)| format!("{operator} {version}"))
        .collect();
    format!("{name} {}", conditions.join(", "))
        .trim_end()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::metadata;

    struct Fixed(Vec<Package>);

    impl Archive for Fixed {
        fn show(&mut self, names: &[String]) -> Result<Vec<Package>, Failure> {
            Ok(self
                .0
                .iter()
                .filter(|package| names.contains(&package.name))
                .cloned()
                .collect())
        }
    }

    fn archive(lines: &[(&str, &str, &str, &str)]) -> Fixed {
        let text: Vec<String> = lines
            .iter()
            .map(|(name, version, section, depends)| {
                format!(
                    "Package: {name}\nVersion: {version}\nArchitecture: amd64\n\
                     Section: {section}\nSize: 1\nDepends: {depends}\n"
                )
            })
            .collect();
        Fixed(metadata::parse(&text.join("\n")))
    }

    fn rust_packages(version: &str) -> [(&str, &str, &str, &str); 3] {
        [
            ("rustc", version, "rust", "gcc, libc6"),
            ("rust-src", version, "devel", ""),
            (
                "libstd-rust-dev",
                version,
                "rust",
                "libstd-rust-1.98 (= 1.98.1-1)",
            ),
        ]
    }

    impl Names for Fixed {
        fn names(&mut self, prefix: &str) -> Result<Vec<String>, Failure> {
            let names = self.0.iter().map(|package| package.name.clone());
            Ok(names.filter(|name| name.starts_with(prefix)).collect())
        }
    }

    fn all_of_llvm(major: u32) -> Vec<Package> {
        let names = llvm_parts(major).map(|(name, _)| name);
        let version = format!("1:{major}.1-1");
        let lines = names
            .iter()
            .map(|name| (name.as_str(), version.as_str(), "libs", ""));
        archive(&lines.collect::<Vec<_>>()).0
    }

    #[test]
    fn takes_the_lowest_rustc_that_will_do() {
        let mut lines = Vec::new();
        for version in ["1.97.1-1", "1.99.0-1", "1.98.1-1"] {
            lines.extend(rust_packages(version));
        }
        lines.push((
            "libstd-rust-1.98",
            "1.98.1-1",
            "libs",
            "libllvm22 (>= 1:22)",
        ));
        let chosen = rust(&mut archive(&lines)).unwrap();
        assert_eq!(
            (chosen.version.as_str(), chosen.llvm_major),
            ("1.98.1-1", 22)
        );
        assert_eq!(chosen.wanted.len(), 3);
    }

    #[test]
    fn takes_the_lowest_llvm_that_reads_what_rustc_writes() {
        let mut archive = Fixed([24, 22, 23].into_iter().flat_map(all_of_llvm).collect());
        assert_eq!(llvm(&mut archive, 22).unwrap().llvm_major, 23);
        assert_eq!(llvm(&mut archive, 24).unwrap().llvm_major, 24);
    }

    #[test]
    fn an_llvm_without_clang_is_passed_over() {
        let mut archive = Fixed([23, 24].into_iter().flat_map(all_of_llvm).collect());
        archive.0.retain(|package| package.name != "clang-23");
        assert_eq!(llvm(&mut archive, 22).unwrap().llvm_major, 24);
    }

    #[test]
    fn says_what_is_not_offered() {
        let failure = rust(&mut archive(&rust_packages("1.97.1-1")))
            .unwrap_err()
            .to_string();
        assert!(
            failure.contains("rustc >= 1.98") && failure.contains("1.97.1-1"),
            "{failure}"
        );
        let failure = llvm(&mut Fixed(all_of_llvm(22)), 22)
            .unwrap_err()
            .to_string();
        assert!(
            failure.contains("LLVM >= 23") && failure.contains("22"),
            "{failure}"
        );
    }

    #[test]
    fn follows_shared_libraries_and_nothing_else() {
        let mut archive = archive(&[
            (
                "tool",
                "1",
                "devel",
                "liba (>= 2), gcc, libb-dev | libb, virtual | libc",
            ),
            ("other", "1", "devel", "libunneeded"),
            ("gcc", "1", "devel", "libgcc"),
            ("liba", "1", "libs", ""),
            ("liba", "2", "libs", "libd"),
            ("liba", "3", "libs", "libd"),
            ("libb", "1", "libs", ""),
            ("libc", "1", "libs", ""),
            ("libd", "1", "libs", "liba (>= 2)"),
            ("libgcc", "1", "libs", ""),
            ("libunneeded", "1", "libs", ""),
        ]);
        let plain = |name: &str| Dependency {
            name: name.to_owned(),
            condition: None,
        };
        let wanted = [
            Wanted::complete(plain("tool")),
            Wanted {
                package: plain("other"),
                with_libraries: false,
            },
        ];
        let mut take = |prefer| -> Vec<String> {
            with_libraries(&mut archive, &wanted, prefer)
                .unwrap()
                .iter()
                .map(|package| format!("{} {}", package.name, package.version))
                .collect()
        };
        let lowest = ["liba 2", "libb 1", "libc 1", "libd 1", "other 1", "tool 1"];
        assert_eq!(take(Prefer::Lowest), lowest);
        assert!(take(Prefer::Highest).contains(&String::from("liba 3")));
    }
}
