//! The core library and the run-time functions for the target, compiled once into the cache.
//!
//! A crate without dependencies is built together with core, so that the sources that core's own
//! workspace names come from the copy beside it and no registry is asked. What comes out is laid
//! out as a root of a compiler, which crates are then built against.

use std::path::{Path, PathBuf};

use crate::build::cargo::{self, CargoBuild};
use crate::build::compile;
use crate::build::fingerprint::Fingerprint;
use crate::build::target_spec::Abi;
use crate::error::Failure;
use crate::files;
use crate::process::Scratch;
use crate::toolchain::{Llvm, Tool};

use super::cache::Cache;

/// The object with the run-time functions, beside the libraries.
pub const RUNTIME: &str = "runtime.o";

/// The bitcode of core, which every program is joined with. The run-time functions stay out: they
/// are linked as an object, whose functions the back end may call as it likes.
pub fn core_bitcode(library: &Path, abi: Abi) -> Result<Vec<PathBuf>, Failure> {
    let folder = libraries_in(library, abi);
    let mut bitcode: Vec<PathBuf> = std::fs::read_dir(&folder)
        .map_err(Failure::file("read", &folder))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "bc"))
        .filter(|path| !is_runtime(path) && !is_of(path, "alloc"))
        .collect();
    bitcode.sort();
    Ok(bitcode)
}

/// The bitcode of alloc, for a program that names it.
pub fn alloc_bitcode(library: &Path) -> Result<Vec<PathBuf>, Failure> {
    let folder = libraries_in(library, Abi::Call0);
    let files = std::fs::read_dir(&folder).map_err(Failure::file("read", &folder))?;
    let paths = files.filter_map(|entry| Some(entry.ok()?.path()));
    let is_bitcode = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "bc");
    Ok(paths
        .filter(|path| is_bitcode(path) && is_of(path, "alloc"))
        .collect())
}

/// Where a compiler looks for libraries below its root.
fn libraries_in(root: &Path, abi: Abi) -> PathBuf {
    root.join("lib/rustlib").join(abi.name()).join("lib")
}

fn is_runtime(bitcode: &Path) -> bool {
    is_of(bitcode, "compiler_builtins")
}

/// Whether a file is of that crate.
fn is_of(bitcode: &Path, name: &str) -> bool {
    let file = bitcode.file_name().unwrap_or_default().to_string_lossy();
    file.strip_prefix(name)
        .is_some_and(|rest| rest.starts_with('-'))
}

/// What a library is compiled with.
pub struct Makers<'a> {
    /// One executable.
    pub rustc: &'a Path,
    /// Its folder with `lib/rustlib`.
    pub rust_root: &'a Path,
    /// LLVM's programs.
    pub llvm: &'a Llvm,
    /// Makes literals relocatable.
    pub objcopy: &'a Tool,
    /// Name, version and origin of each tool.
    pub versions: &'a [String],
}

/// The folder with the libraries for that ABI; compiles them where they are not there.
pub fn provide(cache: &Cache, makers: &Makers<'_>, abi: Abi) -> Result<PathBuf, Failure> {
    let mut fingerprint = Fingerprint::new("library 2");
    fingerprint.text(&abi.specification());
    fingerprint.text(abi.opt_level());
    fingerprint.texts(cargo::COMPILER_OPTIONS);
    fingerprint.texts(makers.versions);
    let folder = cache
        .path("library")
        .join(format!("{}-{}", abi.name(), fingerprint.short()));
    if folder.is_dir() {
        return Ok(folder);
    }
    let scratch = Scratch::below(&cache.path("library"))?;
    let built = compile_core(&scratch, makers, abi)?;
    let made = scratch.path().join("root");
    let libraries = libraries_in(&made, abi);
    files::create_folder(&libraries)?;
    for rlib in &built.rlibs {
        for file in [rlib.clone(), cargo::bitcode_of(rlib)] {
            let to = libraries.join(file.file_name().unwrap_or_default());
            std::fs::copy(&file, &to).map_err(Failure::file("copy", &file))?;
        }
    }
    let runtime = built.bitcode().into_iter().find(|file| is_runtime(file));
    let runtime = runtime.ok_or_else(|| Failure::NoArtifact {
        what: String::from("run-time functions"),
        manifest: scratch.path().to_owned(),
    })?;
    let object = compile::bitcode_to_object(
        makers.llvm,
        abi,
        &runtime,
        "the run-time functions",
        scratch.path(),
    )?;
    if abi == Abi::Windowed {
        compile::make_relocatable(makers.objcopy, &object)?;
    }
    files::publish(&object, &made.join(RUNTIME))?;
    std::fs::rename(&made, &folder).map_err(Failure::file("rename", &made))?;
    Ok(folder)
}

fn compile_core(scratch: &Scratch, makers: &Makers<'_>, abi: Abi) -> Result<cargo::Built, Failure> {
    let folder = scratch.path();
    let manifest = folder.join("Cargo.toml");
    let text =
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n";
    files::write(&manifest, text.as_bytes())?;
    files::write(&folder.join("src/lib.rs"), b"#![no_std]\n")?;
    let specification = folder.join(format!("{}.json", abi.name()));
    files::write(&specification, abi.specification().as_bytes())?;
    let sources = makers.rust_root.join("lib/rustlib/src/rust/library/vendor");
    let vendor = sources.is_dir().then_some(sources);
    let mut built = CargoBuild {
        rustc: makers.rustc,
        abi,
        specification: &specification,
        manifest: &manifest,
        packages: &[],
        features: &[],
        target_folder: &folder.join("target"),
        library: None,
        vendor: vendor.as_deref(),
    }
    .run("the core library")?;
    built.rlibs.retain(|rlib| {
        rlib.file_name()
            .is_some_and(|name| !name.to_string_lossy().starts_with("libempty"))
    });
    Ok(built)
}
