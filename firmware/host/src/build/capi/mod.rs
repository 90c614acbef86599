//! The C library for Xtensa, one for each ABI, and the image that runs its tests.

mod archive;

use std::path::{Path, PathBuf};

use super::cargo::CargoBuild;
use super::compile;
use super::fingerprint::Fingerprint;
use super::image::names;
use super::specification;
use super::target_spec::Abi;
use crate::error::Failure;
use crate::files;
use crate::process::{self, Scratch};
use crate::setup::{RUNTIME, core_bitcode};
use crate::terminal;
use crate::toolchain::Toolchain;
use crate::workspace::Workspace;

/// The room of the library, and its crate.
const NAME: &str = "capi";

/// Builds the library for both ABIs; the one that is SOF's goes to `output`, too. Returns its path.
pub fn libraries(
    toolchain: &Toolchain,
    workspace: &Workspace,
    output: Option<&Path>,
) -> Result<PathBuf, Failure> {
    let other = library(toolchain, workspace, Abi::Call0)?;
    terminal::say("Built", &other.display().to_string());
    let file = library(toolchain, workspace, Abi::Windowed)?;
    let Some(output) = output else {
        return Ok(file);
    };
    files::write(
        output,
        &std::fs::read(&file).map_err(Failure::file("read", &file))?,
    )?;
    Ok(output.to_owned())
}

/// The names that the library shows.
fn exported(workspace: &Workspace) -> Result<Vec<String>, Failure> {
    let exports = workspace.firmware(NAME).join("exports.txt");
    Ok(names(&files::read_text(&exports)?))
}

/// Builds the library for one ABI.
fn library(toolchain: &Toolchain, workspace: &Workspace, abi: Abi) -> Result<PathBuf, Failure> {
    let runtime = match abi {
        Abi::Call0 => &toolchain.kernel_library,
        Abi::Windowed => &toolchain.module_library,
    };
    let built = CargoBuild {
        rustc: &toolchain.rustc,
        abi,
        specification: &specification(workspace, abi)?,
        manifest: &workspace.root().join("Cargo.toml"),
        packages: &[NAME],
        features: &[],
        target_folder: &workspace.build_folder().join(NAME),
        library: Some(runtime),
        vendor: None,
    }
    .run(NAME)?;
    let mut bitcode = built.bitcode();
    bitcode.extend(core_bitcode(runtime, abi)?);
    let kept = exported(workspace)?;

    let mut fingerprint = Fingerprint::new("library 1");
    fingerprint.texts(&toolchain.versions);
    fingerprint.text(&abi.specification());
    fingerprint.text(abi.passes());
    fingerprint.texts(&kept);
    let functions = runtime.join(RUNTIME);
    for file in bitcode.iter().chain([&functions]) {
        fingerprint.large_file(file)?;
    }
    let place = |ending: &str| {
        let name = format!("libbulkhead_capi-{}.{ending}", abi.name());
        workspace.build_folder().join(name)
    };
    let (file, stamp) = (place("a"), place("stamp"));
    if file.is_file() && fingerprint.matches(&stamp) {
        return Ok(file);
    }

    terminal::say("Linking", &format!("{NAME} for {}", abi.name()));
    let scratch = Scratch::below(&workspace.build_folder())?;
    let llvm = &toolchain.llvm;
    let object = compile::program_to_object(llvm, abi, &bitcode, &kept, NAME, scratch.path())?;
    // Where the firmware has such a function of its own, its own is used.
    let weak = scratch.path().join(RUNTIME);
    let mut objcopy = toolchain.objcopy.command();
    objcopy.arg("--weaken").args([&functions, &weak]);
    process::run(&mut objcopy, "preparing the run-time functions")?;
    let members = [("capi.o", object), (RUNTIME, weak)];
    archive::write(&members, &file)?;
    fingerprint.store(&stamp)?;
    Ok(file)
}

#[cfg(test)]
mod tests;
