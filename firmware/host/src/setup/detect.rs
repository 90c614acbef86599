//! Tools that are on this machine already and will do.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::choice::{LEAST_LLVM, LEAST_RUSTC};
use crate::process;
use crate::toolchain::{Llvm, Tool};

/// QEMU in `PATH`, where it knows the DSP, with the line that says its version.
pub fn qemu() -> Option<(Tool, String)> {
    let program = in_path("qemu-system-xtensa")?;
    let cpus = output(Command::new(&program).args(["-M", "sim", "-cpu", "help"]))?;
    cpus.split_whitespace()
        .any(|word| word == "dc233c")
        .then_some(())?;
    let version = output(Command::new(&program).arg("--version"))?;
    let version = version.lines().next().unwrap_or_default().to_owned();
    Some((Tool::plain(program), version))
}

/// The linker and `objcopy` in `PATH`, with the line that says their version.
pub fn binutils() -> Option<(Tool, Tool, String)> {
    let ld = in_path("xtensa-lx106-elf-ld")?;
    let objcopy = in_path("xtensa-lx106-elf-objcopy")?;
    let version = output(Command::new(&ld).arg("--version"))?;
    let version = version.lines().next().unwrap_or_default().to_owned();
    Some((Tool::plain(ld), Tool::plain(objcopy), version))
}

/// A Rust compiler of rustup's.
pub struct Rust {
    /// The compiler itself.
    pub rustc: PathBuf,
    /// Its folder with `lib/rustlib`.
    pub root: PathBuf,
    /// Version and origin.
    pub version: String,
    /// Major version of its LLVM.
    pub llvm_major: u32,
}

/// The lowest compiler of rustup's that is young enough and has its sources. No toolchain is
/// installed by asking.
pub fn rust() -> Option<Rust> {
    let home = std::env::var_os("RUSTUP_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".rustup")))?;
    let toolchains = std::fs::read_dir(home.join("toolchains")).ok()?;
    let mut found: Vec<([u32; 2], Rust)> = toolchains
        .filter_map(|entry| rust_at(&entry.ok()?.path()))
        .collect();
    found.sort_by_key(|(version, _)| *version);
    found.into_iter().next().map(|(_, rust)| rust)
}

fn rust_at(root: &Path) -> Option<([u32; 2], Rust)> {
    let rustc = root.join("bin/rustc");
    root.join("lib/rustlib/src/rust/library/core/Cargo.toml")
        .is_file()
        .then_some(())?;
    let said = output(
        Command::new(&rustc)
            .arg("-vV")
            .env_remove("LD_LIBRARY_PATH"),
    )?;
    let (version, llvm_major) = rust_versions(&said)?;
    let name = root
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let version_line = format!("{} of {name}", said.lines().next().unwrap_or_default());
    let rust = Rust {
        rustc,
        root: root.to_owned(),
        version: version_line,
        llvm_major,
    };
    (version >= LEAST_RUSTC && llvm_major >= LEAST_LLVM).then_some((version, rust))
}

/// The compiler's version and that of its LLVM, as `rustc -vV` says them.
fn rust_versions(said: &str) -> Option<([u32; 2], u32)> {
    let field = |name: &str| said.lines().find_map(|line| line.strip_prefix(name));
    let mut release = field("release: ")?
        .split('.')
        .map(|number| number.parse().ok());
    let version = [release.next()??, release.next()??];
    let llvm = field("LLVM version: ")?.split('.').next()?.parse().ok()?;
    Some((version, llvm))
}

/// An LLVM that was installed as a whole, of at least that version.
pub fn llvm(least: u32) -> Option<(Llvm, String)> {
    let mut majors: Vec<u32> = std::fs::read_dir("/usr/lib")
        .ok()?
        .filter_map(|entry| {
            entry
                .ok()?
                .file_name()
                .to_str()?
                .strip_prefix("llvm-")?
                .parse()
                .ok()
        })
        .filter(|major| *major >= least)
        .collect();
    majors.sort_unstable();
    majors.into_iter().find_map(|major| {
        let root = PathBuf::from(format!("/usr/lib/llvm-{major}"));
        let tool = |name: &str| {
            let program = root.join("bin").join(name);
            program.is_file().then(|| Tool::plain(program))
        };
        let llvm = Llvm {
            llc: tool("llc")?,
            opt: tool("opt")?,
            link: tool("llvm-link")?,
            mc: tool("llvm-mc")?,
            clang: tool("clang")?,
            headers: clang_headers(&root, major),
        };
        llvm.headers
            .is_dir()
            .then(|| (llvm, format!("LLVM {major} of this system")))
    })
}

/// clang's own headers below LLVM's folder.
pub fn clang_headers(root: &Path, major: u32) -> PathBuf {
    root.join(format!("lib/clang/{major}/include"))
}

/// A program in `PATH`.
pub fn in_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

/// What a program says, where it succeeds.
fn output(command: &mut Command) -> Option<String> {
    let outcome = process::capture(command).ok()?;
    outcome
        .status
        .success()
        .then(|| String::from_utf8_lossy(&outcome.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_compilers_versions() {
        let said = "rustc 1.99.0-nightly (abc 2026-08-01)\nbinary: rustc\n\
                    release: 1.99.0-nightly\nLLVM version: 23.1.0\n";
        assert_eq!(rust_versions(said), Some(([1, 99], 23)));
        assert_eq!(rust_versions("rustc 1.99.0\nrelease: 1.99.0\n"), None);
        assert_eq!(rust_versions(""), None);
    }
}
