//! Builds the kernel image and module files; nothing is made twice from the same inputs.

mod aim;
mod bit_counts;
mod broken;
mod capi;
pub mod cargo;
pub mod compile;
pub mod fingerprint;
mod image;
mod literal_fix;
mod module;
mod shorten;
pub mod target_spec;

use std::path::{Path, PathBuf};

use crate::error::Failure;
use crate::files;
use crate::terminal;
use crate::together;
use crate::toolchain::Toolchain;
use crate::workspace::Workspace;

pub use broken::BROKEN;
pub use image::{KERNEL, PROVER, SCALES, SMALL_SCALES, image};
pub use module::{c_module, file as module_file};

use target_spec::Abi;

/// The kernel and the modules of this repository.
pub struct Built {
    /// The kernel image.
    pub kernel: PathBuf,
    /// The module files.
    pub modules: Vec<PathBuf>,
}

/// Builds the kernel and, beside it, every module of this repository.
pub fn everything(toolchain: &Toolchain, workspace: &Workspace) -> Result<Built, Failure> {
    let spinner = terminal::working("Building", "kernel and modules");
    let built = together::both(
        || image(toolchain, workspace, KERNEL),
        || modules(toolchain, workspace),
    );
    spinner.finish_and_clear();
    built.map(|(kernel, modules)| Built { kernel, modules })
}

/// Builds what is at `path` into `output`, or into a file of its own in the build folder: a module, or
/// the C library in `firmware/capi`.
pub fn module(
    toolchain: &Toolchain,
    workspace: &Workspace,
    path: &Path,
    output: Option<&Path>,
) -> Result<PathBuf, Failure> {
    let room = workspace.firmware("capi");
    let is_capi = path.canonicalize().ok() == room.canonicalize().ok() && room.is_dir();
    if is_capi {
        capi::libraries(toolchain, workspace, output)
    } else {
        module::module(toolchain, workspace, path, output)
    }
}

fn modules(toolchain: &Toolchain, workspace: &Workspace) -> Result<Vec<PathBuf>, Failure> {
    let folder = workspace.firmware("modules");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .map_err(Failure::file("read", &folder))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| module::is_module(path))
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| module(toolchain, workspace, path, None))
        .collect()
}

/// Writes the target's description for cargo.
fn specification(workspace: &Workspace, abi: Abi) -> Result<PathBuf, Failure> {
    let path = workspace
        .build_folder()
        .join(format!("{}.json", abi.name()));
    files::write_if_changed(&path, abi.specification().as_bytes())?;
    Ok(path)
}
