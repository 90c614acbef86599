use std::time::Duration;

use super::*;
use crate::build::image::{CProgram, Image, image};
use crate::run::image::{COUNTED, Runner};
use crate::setup;

/// How long the C program may take on a slow and busy host.
const PATIENCE: Duration = Duration::from_secs(300);

/// The C program of `tests/capi` on the board.
const IMAGE: Image = Image::with_c("capi/image", "bulkhead-capi-image", program);

fn files_in(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    files.sort();
    files
}

fn program(workspace: &Workspace) -> Result<CProgram, Failure> {
    let folder = workspace.root().join("tests/capi");
    let include = workspace.firmware(NAME).join("include");
    let mut sources = files_in(&folder, "c");
    sources.retain(|file| file.file_stem().is_some_and(|stem| stem != "machine_host"));
    let mut calls = exported(workspace)?;
    calls.push(String::from("capi_say"));
    let folders = ["", "bulkhead", "rtos", "sof", "sof/lib"].map(|name| include.join(name));
    Ok(CProgram {
        sources,
        headers: folders
            .iter()
            .chain([&folder])
            .flat_map(|folder| files_in(folder, "h"))
            .collect(),
        includes: vec![include, workspace.firmware("sdk").join("include/libc")],
        calls,
    })
}

/// Every check that holds on the host holds on the core, in the library as it is compiled for it.
#[test]
fn the_c_program_passes_on_qemu() {
    let workspace = Workspace::find().unwrap();
    let toolchain = setup::ensure(&workspace).unwrap();
    let image = image(&toolchain, &workspace, IMAGE).unwrap();
    let runner = Runner {
        name: "C program",
        qemu: &toolchain.qemu,
        board: crate::run::board::Board::Sim,
        image: &image,
        scratch: workspace.build_folder().join("sessions"),
    };
    let results: Vec<u32> = runner.run(&[], &COUNTED, "capi.bin", PATIENCE).unwrap();
    let [checks, failures] = results[..] else {
        panic!("{results:?}")
    };
    assert!(checks > 10_000, "{checks} checks were made");
    assert_eq!(failures, 0);
}

/// For both ABIs: what the C program calls is in the archive, and nothing else is missing.
#[test]
fn the_c_program_links_with_the_library_of_each_abi() {
    let workspace = Workspace::find().unwrap();
    let toolchain = setup::ensure(&workspace).unwrap();
    let scratch = Scratch::below(&workspace.build_folder()).unwrap();
    let program = program(&workspace).unwrap();
    for abi in Abi::ALL {
        let library = library(&toolchain, &workspace, abi).unwrap();
        let objects = program
            .objects(&toolchain.llvm, abi, scratch.path())
            .unwrap();
        let mut ld = toolchain.ld.command();
        ld.args(["--no-relax", "-e", "capi_tests", "--defsym", "capi_say=0"])
            .args(&objects)
            .arg(&library)
            .arg("-o")
            .arg(scratch.path().join("linked.elf"));
        process::run(&mut ld, &format!("linking for {}", abi.name())).unwrap();
    }
}

#[test]
fn the_room_is_built_by_the_command_for_modules() {
    let workspace = Workspace::find().unwrap();
    let toolchain = setup::ensure(&workspace).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("libcapi.a");
    let room = workspace.firmware(NAME);
    let file = crate::build::module(&toolchain, &workspace, &room, Some(&output)).unwrap();
    assert_eq!(file, output);
    assert!(std::fs::read(&output).unwrap().starts_with(b"!<arch>\n"));
}
