//! Set-up: finds the tools on this machine, fetches those that are missing into the user's cache,
//! and prepares everything that later needs no network.

mod apt;
mod cache;
mod choice;
mod detect;
mod library;
mod metadata;
mod packages;
mod prefix;
mod sources;
mod valgrind;
mod version;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::build::cargo;
use crate::build::fingerprint::Fingerprint;
use crate::build::target_spec::Abi;
use crate::error::Failure;
use crate::process;
use crate::process::Scratch;
use crate::terminal;
use crate::together;
use crate::toolchain::{Llvm, Tool, Toolchain};
use crate::workspace::Workspace;

use apt::Lists;
use cache::{Cache, recall, record};
use choice::{Prefer, Wanted};
use metadata::Dependency;
use packages::Group;
use prefix::Prefix;

pub use library::{RUNTIME, alloc_bitcode, core_bitcode};
pub use sources::{PackagedFile, SourcePackage, third_party};
pub use valgrind::{Valgrind, valgrind};

/// What a finished set-up leaves behind.
#[derive(Deserialize, Serialize)]
struct Record {
    /// Of this program's part in it.
    fingerprint: String,
    toolchain: Toolchain,
}

/// The tools, fetched where they are missing. Does nothing where an earlier run has finished.
pub fn ensure(workspace: &Workspace) -> Result<Toolchain, Failure> {
    let cache = Cache::find()?;
    let toolchain = match finished(&cache) {
        Some(toolchain) => toolchain,
        None => {
            let _lock = cache.lock()?;
            // Another run may have done it while this one waited.
            match finished(&cache) {
                Some(toolchain) => toolchain,
                None => set_up(&cache)?,
            }
        }
    };
    fetch_crates(workspace, workspace.root(), "crates")?;
    Ok(toolchain)
}

fn record_path(cache: &Cache) -> PathBuf {
    cache.path("toolchain.json")
}

fn fingerprint() -> String {
    let mut fingerprint = Fingerprint::new("toolchain 2");
    for abi in Abi::ALL {
        fingerprint.text(&abi.specification());
    }
    fingerprint.texts(cargo::COMPILER_OPTIONS);
    fingerprint.short()
}

fn finished(cache: &Cache) -> Option<Toolchain> {
    let record: Record = recall(&record_path(cache))?;
    (record.fingerprint == fingerprint() && record.toolchain.is_present())
        .then_some(record.toolchain)
}

/// What is on this machine, and what must be fetched.
struct Found {
    qemu: Option<(Tool, String)>,
    binutils: Option<(Tool, Tool, String)>,
    rust: Option<detect::Rust>,
    llvm: Option<(Llvm, String)>,
}

fn set_up(cache: &Cache) -> Result<Toolchain, Failure> {
    let mut found = Found {
        qemu: detect::qemu(),
        binutils: detect::binutils(),
        rust: detect::rust(),
        llvm: None,
    };
    found.llvm = detect::llvm(
        found
            .rust
            .as_ref()
            .map_or(choice::LEAST_LLVM, |rust| rust.llvm_major),
    );
    let (release, unstable) = fetch(cache, &found)?;

    let mut versions = Vec::new();
    let qemu = match (found.qemu, &release) {
        (Some((tool, version)), _) => {
            versions.push(format!("{version} ({})", tool.program.display()));
            tool
        }
        (None, group) => {
            let group = needed(group.as_ref(), cache)?;
            versions.push(of_debian("QEMU", group, "qemu-system-misc"));
            Prefix::open(&group.prefix)?.tool("usr/bin/qemu-system-xtensa")?
        }
    };
    let (ld, objcopy) = match (found.binutils, &release) {
        (Some((ld, objcopy, version)), _) => {
            versions.push(format!("{version} ({})", ld.program.display()));
            (ld, objcopy)
        }
        (None, group) => {
            let group = needed(group.as_ref(), cache)?;
            versions.push(of_debian("linker", group, "binutils-xtensa-lx106"));
            let prefix = Prefix::open(&group.prefix)?;
            (
                prefix.tool("usr/bin/xtensa-lx106-elf-ld")?,
                prefix.tool("usr/bin/xtensa-lx106-elf-objcopy")?,
            )
        }
    };
    let (rustc, rust_root) = match (found.rust, &unstable) {
        (Some(rust), _) => {
            versions.push(rust.version);
            (rust.rustc, rust.root)
        }
        (None, group) => {
            let group = needed(group.as_ref(), cache)?;
            versions.push(of_debian("rustc", group, "rustc"));
            let prefix = Prefix::open(&group.prefix)?;
            let script = cache.path("bin/rustc");
            let root = prefix.path("usr")?;
            prefix::write_rustc(&script, &prefix.tool("usr/bin/rustc")?, &root)?;
            (script, root)
        }
    };
    let llvm = match (found.llvm, &unstable) {
        (Some((llvm, version)), _) => {
            versions.push(version);
            llvm
        }
        (None, group) => fetched_llvm(needed(group.as_ref(), cache)?, &mut versions)?,
    };
    let makers = library::Makers {
        rustc: &rustc,
        rust_root: &rust_root,
        llvm: &llvm,
        objcopy: &objcopy,
        versions: &versions,
    };
    let (kernel_library, module_library) = libraries(cache, &makers)?;
    let toolchain = Toolchain {
        qemu,
        ld,
        objcopy,
        rustc,
        rust_root,
        llvm,
        kernel_library,
        module_library,
        versions,
    };
    let finished = Record {
        fingerprint: fingerprint(),
        toolchain: toolchain.clone(),
    };
    record(&record_path(cache), &finished)?;
    // Lists of packages age; the next set-up reads them anew.
    for name in ["apt", "packages"] {
        let folder = cache.path(name);
        if folder.is_dir() {
            std::fs::remove_dir_all(&folder).map_err(Failure::file("remove", &folder))?;
        }
    }
    Ok(toolchain)
}

/// Both core libraries, side by side: each is compiled by one thread.
fn libraries(cache: &Cache, makers: &library::Makers<'_>) -> Result<(PathBuf, PathBuf), Failure> {
    let spinner = terminal::spinner("Compiling", "core library for kernel and modules");
    let made = together::both(
        || library::provide(cache, makers, Abi::Call0),
        || library::provide(cache, makers, Abi::Windowed),
    );
    spinner.finish_and_clear();
    made
}

/// Fetches what was not found: QEMU and the linker of this machine's own release, compilers from
/// where they are young enough.
fn fetch(cache: &Cache, found: &Found) -> Result<(Option<Group>, Option<Group>), Failure> {
    let plain = |name: &str| {
        Wanted::complete(Dependency {
            name: name.to_owned(),
            condition: None,
        })
    };
    let mut from_release = Vec::new();
    if found.qemu.is_none() {
        from_release.push(plain("qemu-system-misc"));
    }
    if found.binutils.is_none() {
        from_release.push(plain("binutils-xtensa-lx106"));
    }
    let wants_compilers = found.rust.is_none() || found.llvm.is_none();
    let has = |group: &Group, wanted: &[Wanted]| {
        wanted
            .iter()
            .all(|want| group.version(&want.package.name).is_some())
    };
    let mut release =
        packages::finished(cache, "release").filter(|group| has(group, &from_release));
    let mut unstable = packages::finished(cache, "compilers").filter(|group| {
        (found.rust.is_some() || group.version("rustc").is_some())
            && (found.llvm.is_some() || llvm_major(group).is_some())
    });
    let fetch_release = release.is_none() && !from_release.is_empty();
    let fetch_unstable = unstable.is_none() && wants_compilers;
    if !fetch_release && !fetch_unstable {
        return Ok((release, unstable));
    }
    let sources = {
        let scratch = Scratch::below(&cache.path("apt"))?;
        apt::sources(scratch.path())?
    };
    if fetch_release {
        let mut state = apt::State::create(
            &cache.path("apt/release"),
            &sources.release,
            Lists::Packages,
        )?;
        release = Some(with_fresh_lists(
            &mut state,
            "Debian's list of packages",
            |state| packages::provide(cache, state, "release", &from_release, Prefer::Highest),
        )?);
    }
    if fetch_unstable {
        let mut state = apt::State::create(
            &cache.path("apt/compilers"),
            &sources.unstable,
            Lists::Packages,
        )?;
        let what = "Debian's list of packages in sid and experimental";
        unstable = Some(with_fresh_lists(&mut state, what, |state| {
            let wanted = compilers(state, found)?;
            packages::provide(cache, state, "compilers", &wanted, Prefer::Lowest)
        })?);
    }
    Ok((release, unstable))
}

/// Runs a step on lists of packages; where it fails on old lists, once more on new ones, since
/// packages move.
fn with_fresh_lists<T>(
    state: &mut apt::State,
    what: &str,
    step: impl Fn(&mut apt::State) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let fresh = state.update(what, false)?;
    match step(state) {
        Err(Failure::Apt { .. } | Failure::NotOffered { .. }) if !fresh => {
            state.update(what, true)?;
            step(state)
        }
        result => result,
    }
}

/// The packages of those compilers that were not found; says which versions.
fn compilers(state: &mut apt::State, found: &Found) -> Result<Vec<Wanted>, Failure> {
    let mut wanted = Vec::new();
    let mut versions = Vec::new();
    let inside = match &found.rust {
        Some(rust) => rust.llvm_major,
        None => {
            let rust = choice::rust(state)?;
            versions.push(format!("rustc {}", rust.version));
            wanted.extend(rust.wanted);
            rust.llvm_major
        }
    };
    if found.llvm.is_none() {
        let llvm = choice::llvm(state, inside)?;
        versions.push(format!(
            "LLVM {} (version {})",
            llvm.llvm_major, llvm.version
        ));
        wanted.extend(llvm.wanted);
    }
    terminal::say("Chosen", &versions.join(" and "));
    Ok(wanted)
}

fn llvm_major(group: &Group) -> Option<u32> {
    group
        .packages
        .iter()
        .find_map(|(name, _)| name.strip_prefix("llvm-")?.parse().ok())
}

fn fetched_llvm(group: &Group, versions: &mut Vec<String>) -> Result<Llvm, Failure> {
    let missing = || Failure::NotUnpacked {
        name: String::from("llvm"),
        prefix: group.prefix.clone(),
    };
    let major = llvm_major(group).ok_or_else(missing)?;
    versions.push(of_debian("LLVM", group, &format!("llvm-{major}")));
    let prefix = Prefix::open(&group.prefix)?;
    let root = format!("usr/lib/llvm-{major}");
    let tool = |name: &str| prefix.tool(&format!("{root}/bin/{name}"));
    Ok(Llvm {
        llc: tool("llc")?,
        opt: tool("opt")?,
        link: tool("llvm-link")?,
        mc: tool("llvm-mc")?,
        clang: tool("clang")?,
        headers: detect::clang_headers(&prefix.path(&root)?, major),
    })
}

fn needed<'a>(group: Option<&'a Group>, cache: &Cache) -> Result<&'a Group, Failure> {
    group.ok_or_else(|| Failure::NotUnpacked {
        name: String::from("package"),
        prefix: cache.path("tools"),
    })
}

fn of_debian(what: &str, group: &Group, package: &str) -> String {
    let version = group.version(package).unwrap_or("of unknown version");
    format!("{what} {version} of Debian ({})", group.prefix.display())
}

/// Fetches the crates that the lock file in a folder names, once per lock file, so that building
/// needs no network later. `stamp` is the name of the file that says so.
pub fn fetch_crates(workspace: &Workspace, folder: &Path, stamp: &str) -> Result<(), Failure> {
    let mut fingerprint = Fingerprint::new("crates 1");
    fingerprint.file(&folder.join("Cargo.lock"))?;
    let stamp = workspace.build_folder().join(stamp);
    if fingerprint.matches(&stamp) {
        return Ok(());
    }
    let spinner = terminal::spinner("Fetching", "crates");
    let mut command: Command = cargo::command();
    command
        .args(["fetch", "--locked", "--quiet"])
        .current_dir(folder);
    process::run(&mut command, "fetching crates")?;
    spinner.finish_and_clear();
    fingerprint.store(&stamp)
}
