//! Lets cargo compile crates for the target, and learns from it where their bitcode is.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::target_spec::Abi;
use crate::error::Failure;
use crate::process;
use crate::terminal;

/// How rustc compiles for the target: to bitcode, and no further.
///
/// Panics say what happened but not where, and nothing is printed by `Debug`: a third of the
/// kernel's constants were names of files and fields.
pub const COMPILER_OPTIONS: &[&str] = &[
    "--emit=llvm-bc",
    "-Ccodegen-units=1",
    "-Clinker-plugin-lto",
    "-Zlocation-detail=none",
    "-Zfmt-debug=none",
];

/// The profile, here rather than in a Cargo.toml so that it holds for modules anywhere.
const PROFILE: &[&str] = &[
    "profile.firmware.inherits=\"release\"",
    "profile.firmware.codegen-units=1",
    "profile.firmware.lto=false",
    "profile.firmware.incremental=false",
    "profile.firmware.debug=1",
    "profile.firmware.build-override.debug=0",
];

/// One run of cargo.
pub struct CargoBuild<'a> {
    /// The compiler, one executable.
    pub rustc: &'a Path,
    /// For which target.
    pub abi: Abi,
    /// The target's JSON file; its stem is the target's name.
    pub specification: &'a Path,
    /// Which workspace.
    pub manifest: &'a Path,
    /// Which packages of it, or none for the manifest's own.
    pub packages: &'a [&'a str],
    /// Which features of theirs besides the default ones.
    pub features: &'a [&'a str],
    /// Where to build.
    pub target_folder: &'a Path,
    /// Where core is; without it, core is built as well.
    pub library: Option<&'a Path>,
    /// Where the crates are that core's own workspace names.
    pub vendor: Option<&'a Path>,
}

/// What cargo built for the target.
#[derive(Debug, Default)]
pub struct Built {
    /// Every library.
    pub rlibs: Vec<PathBuf>,
    /// Folders that build scripts wrote to, with the package's id.
    pub out_folders: Vec<(String, PathBuf)>,
}

/// cargo, free of what an outer cargo or the user has set for other builds.
pub fn command() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_foreign) {
            command.env_remove(name);
        }
    }
    // A package may bring a file that asks rustup for another toolchain, and rustup's `rustc` would go and
    // install it. So the compiler is named, and nothing is installed by asking.
    if let Some(rustc) = rustc_beside(Path::new(command.get_program())) {
        command.env("RUSTC", rustc);
    }
    command.env("RUSTUP_AUTO_INSTALL", "0");
    // Set and empty overrides what a configuration file says.
    command
        .env("RUSTC_WRAPPER", "")
        .env("RUSTC_WORKSPACE_WRAPPER", "");
    command
}

/// The compiler of the toolchain that a cargo is of; `None` for one that only finds another.
fn rustc_beside(cargo: &Path) -> Option<PathBuf> {
    let beside = |cargo: &Path| {
        let is_toolchain = cargo.parent()?.parent()?.join("lib/rustlib").is_dir();
        let rustc = cargo.with_file_name("rustc");
        (is_toolchain && rustc.is_file()).then_some(rustc)
    };
    beside(cargo).or_else(|| {
        let mut ask = Command::new("rustc");
        ask.args(["--print", "sysroot"])
            .env("RUSTUP_AUTO_INSTALL", "0");
        let said = ask.output().ok().filter(|said| said.status.success())?;
        let root = String::from_utf8(said.stdout).ok()?;
        beside(&Path::new(root.trim()).join("bin/cargo"))
    })
}

/// Whether a variable would change what is built here.
fn is_foreign(name: &str) -> bool {
    const KEPT: [&str; 6] = [
        "CARGO_HOME",
        "CARGO_HTTP_",
        "CARGO_NET_",
        "CARGO_REGISTRIES_",
        "CARGO_REGISTRY_",
        "CARGO_TERM_",
    ];
    const FOREIGN: [&str; 6] = [
        "CARGO",
        "RUSTC",
        "RUSTFLAGS",
        "RUSTDOC",
        "RUSTUP_TOOLCHAIN",
        "LD_LIBRARY_PATH",
    ];
    !KEPT.iter().any(|kept| name.starts_with(kept))
        && FOREIGN.iter().any(|foreign| name.starts_with(foreign))
}

/// The bitcode that rustc leaves beside a library.
pub fn bitcode_of(rlib: &Path) -> PathBuf {
    let stem = rlib.file_stem().unwrap_or_default().to_string_lossy();
    rlib.with_file_name(format!("{}.bc", stem.strip_prefix("lib").unwrap_or(&stem)))
}

impl CargoBuild<'_> {
    /// Builds; cargo says on the terminal what is wrong with a crate.
    pub fn run(&self, what: &str) -> Result<Built, Failure> {
        self.run_with(what, &[])
    }

    /// The same with more options of the compiler.
    pub fn run_with(&self, what: &str, more: &[&str]) -> Result<Built, Failure> {
        let target = self.specification.file_stem().unwrap_or_default();
        let libraries = self.target_folder.join(target);
        let mut built = Built::default();
        // Told at the end, so that the messages of two builds at once stay apart.
        let (status, messages) = process::lines(&mut self.command(more), |line| {
            built.take(line, &libraries);
        })?;
        if self.library.is_some() || !status.success() {
            terminal::tell(&messages);
        }
        if !status.success() {
            return Err(Failure::Cargo {
                what: what.to_owned(),
            });
        }
        Ok(built)
    }

    fn command(&self, more: &[&str]) -> Command {
        let mut command = command();
        command
            .args(["build", "--quiet", "--lib", "--profile", "firmware"])
            .args(["--message-format", "json-render-diagnostics"])
            .args(["-Z", "json-target-spec"])
            .arg("--manifest-path")
            .arg(self.manifest)
            .arg("--target")
            .arg(self.specification)
            .arg("--target-dir")
            .arg(self.target_folder)
            .env("RUSTC", self.rustc)
            .env("RUSTC_BOOTSTRAP", "1")
            // Without it, the kernel's log would be compiled out below errors.
            .env("DEFMT_LOG", "info");
        if std::io::stderr().is_terminal() {
            command.env("CARGO_TERM_COLOR", "always");
        }
        for line in PROFILE {
            command.args(["--config", line]);
        }
        command.arg("--config").arg(format!(
            "profile.firmware.opt-level={}",
            self.abi.opt_level()
        ));
        for package in self.packages {
            command.args(["-p", package]);
        }
        for feature in self.features {
            command.args(["--features", feature]);
        }
        let mut options: Vec<String> = COMPILER_OPTIONS
            .iter()
            .chain(more)
            .map(|option| (*option).to_owned())
            .collect();
        match self.library {
            Some(library) => options.push(format!("--sysroot={}", library.display())),
            None => {
                command.args(["-Z", self.abi.library()]);
                command.args(["-Z", "build-std-features=compiler-builtins-mem"]);
            }
        }
        if let Some(vendor) = self.vendor {
            let folder = serde_json::Value::from(vendor.to_string_lossy());
            command
                .args([
                    "--offline",
                    "--config",
                    "source.crates-io.replace-with=\"beside-core\"",
                ])
                .arg("--config")
                .arg(format!("source.beside-core.directory={folder}"));
        }
        command.env("CARGO_ENCODED_RUSTFLAGS", options.join("\u{1f}"));
        command
    }
}

/// A message of cargo's; the fields that matter here.
#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    package_id: String,
    #[serde(default)]
    filenames: Vec<PathBuf>,
    #[serde(default)]
    out_dir: PathBuf,
}

impl Built {
    fn take(&mut self, line: &str, libraries: &Path) {
        // What is not a message is a build script talking.
        let Ok(message) = serde_json::from_str::<Message>(line) else {
            return;
        };
        match message.reason.as_str() {
            "compiler-artifact" => {
                // A library's metadata carries the hash even where the library itself does not.
                let metadata = message.filenames.iter().find(|file| {
                    file.extension().is_some_and(|e| e == "rmeta") && file.starts_with(libraries)
                });
                self.rlibs
                    .extend(metadata.map(|file| file.with_extension("rlib")));
            }
            "build-script-executed" => {
                self.out_folders.push((message.package_id, message.out_dir));
            }
            _ => {}
        }
    }

    /// The bitcode of every library, in an order that does not depend on what cargo had to do.
    pub fn bitcode(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = self.rlibs.iter().map(|rlib| bitcode_of(rlib)).collect();
        files.sort();
        files
    }

    /// The folder that the build script of a package wrote for the target.
    pub fn out_folder(&self, package: &str, abi: Abi) -> Option<&Path> {
        self.out_folders
            .iter()
            .find(|(id, folder)| {
                package_name(id) == package
                    && folder
                        .components()
                        .any(|part| part.as_os_str() == abi.name())
            })
            .map(|(_, folder)| folder.as_path())
    }
}

/// The name in an id: `registry+https://…#defmt@1.0.1`, `path+file:///…/defmt#1.0.1`.
fn package_name(id: &str) -> &str {
    let (place, version) = id.rsplit_once('#').unwrap_or(("", id));
    match version.split_once('@') {
        Some((name, _)) => name,
        None => place.rsplit('/').next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bitcode_stands_beside_the_library() {
        let file = bitcode_of(Path::new("/t/deps/libcore-3e08.rlib"));
        assert_eq!(file, Path::new("/t/deps/core-3e08.bc"));
    }

    #[test]
    fn an_outer_cargo_changes_nothing() {
        for name in [
            "CARGO",
            "CARGO_TARGET_DIR",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_BUILD_TARGET",
            "RUSTFLAGS",
            "RUSTC_WRAPPER",
            "RUSTUP_TOOLCHAIN",
        ] {
            assert!(is_foreign(name), "{name}");
        }
        for name in [
            "CARGO_HOME",
            "CARGO_HTTP_PROXY",
            "RUSTUP_HOME",
            "PATH",
            "HOME",
        ] {
            assert!(!is_foreign(name), "{name}");
        }
    }

    #[test]
    fn the_compiler_is_named_and_is_no_finder_of_others() {
        let command = command();
        let named = |name: &str| {
            let mut set = command.get_envs().filter(|(key, _)| *key == name);
            set.next().and_then(|(_, value)| value).map(PathBuf::from)
        };
        let rustc = named("RUSTC").expect("cargo runs this, so its compiler is there");
        assert!(rustc.is_absolute());
        let root = rustc.parent().and_then(Path::parent).unwrap();
        assert!(root.join("lib/rustlib").is_dir(), "{}", rustc.display());
        assert_eq!(named("RUSTUP_AUTO_INSTALL"), Some(PathBuf::from("0")));
        assert_eq!(rustc_beside(Path::new("/absent/bin/cargo")), Some(rustc));
    }

    #[test]
    fn reads_cargos_messages() {
        let mut built = Built::default();
        let target = Path::new("/t/xtensa-call0");
        for line in [
            r#"{"reason":"compiler-artifact","package_id":"a#1","filenames":["/t/xtensa-call0/firmware/libx.rlib","/t/xtensa-call0/firmware/deps/libx-12.rmeta"]}"#,
            r#"{"reason":"compiler-artifact","package_id":"b#1","filenames":["/t/firmware/deps/libsyn-12.rlib","/t/firmware/deps/libsyn-12.rmeta"]}"#,
            r#"{"reason":"build-script-executed","package_id":"registry+https://example#defmt@1.0.1","out_dir":"/t/firmware/build/defmt-1/out"}"#,
            r#"{"reason":"build-script-executed","package_id":"registry+https://example#defmt@1.0.1","out_dir":"/t/xtensa-call0/firmware/build/defmt-2/out"}"#,
            r#"{"reason":"build-finished","success":true}"#,
            "a build script said this",
        ] {
            built.take(line, target);
        }
        assert_eq!(
            built.bitcode(),
            [Path::new("/t/xtensa-call0/firmware/deps/x-12.bc")]
        );
        let out = built.out_folder("defmt", Abi::Call0);
        assert_eq!(
            out,
            Some(Path::new("/t/xtensa-call0/firmware/build/defmt-2/out"))
        );
        assert_eq!(built.out_folder("defmt", Abi::Windowed), None);
        assert_eq!(package_name("path+file:///a/defmt#1.0.1"), "defmt");
    }
}
