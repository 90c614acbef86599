//! Images for the board: the kernel, and what proves its parts.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use board::layout::OFFSETS;
use object::Endianness;
use object::elf;
use object::read::elf::{FileHeader, ProgramHeader};

use super::aim::Aim;
use super::cargo::CargoBuild;
use super::compile::{self, CSource};
use super::fingerprint::Fingerprint;
use super::specification;
use super::target_spec::{Abi, assembly_attributes};
use crate::error::Failure;
use crate::files;
use crate::process::{self, Scratch};
use crate::setup::{RUNTIME, alloc_bitcode, core_bitcode};
use crate::terminal;
use crate::toolchain::{Llvm, Toolchain};
use crate::workspace::Workspace;

/// An image: a crate on the ground that `firmware/board` lays.
#[derive(Clone, Copy, Debug)]
pub struct Image {
    /// Its folder in `firmware`, and its file's name.
    pub name: &'static str,
    /// Its crate.
    pub package: &'static str,
    /// The most bytes of text and read-only data that it may have.
    budget: u64,
    /// The first core's stack.
    stack: u32,
    /// Where it has a part in C, where that is.
    c: Option<FindProgram>,
    /// What LLVM strives for.
    aim: Aim,
    /// Whether one of its crates names the crate `alloc`.
    alloc: bool,
    /// Features of its crate; each is a define for the board's assembly as well.
    pub features: &'static [&'static str],
}

impl Image {
    /// The same with features of its crate: an image in a file of its own, which may be a little
    /// larger.
    pub const fn with(self, features: &'static [&'static str]) -> Image {
        Image {
            features,
            budget: self.budget + 4 * 1024,
            ..self
        }
    }

    /// What its files are called, without an ending.
    pub fn file(&self) -> String {
        let mut file = format!("{}{}", self.name, self.aim.suffix());
        for feature in self.features {
            file.push('-');
            file.push_str(feature);
        }
        file
    }
}

/// Says what an image's part in C is made of.
pub type FindProgram = fn(&Workspace) -> Result<CProgram, Failure>;

/// The part of an image that is C.
pub struct CProgram {
    /// Its files.
    pub sources: Vec<PathBuf>,
    /// Where headers are.
    pub includes: Vec<PathBuf>,
    /// Every file of its own that it includes.
    pub headers: Vec<PathBuf>,
    /// What it calls in the image's crates.
    pub calls: Vec<String>,
}

#[cfg(test)]
impl Image {
    /// An image for a test, whose crate calls a program in C.
    pub const fn with_c(name: &'static str, package: &'static str, c: FindProgram) -> Image {
        Image {
            name,
            package,
            budget: 256 * 1024,
            stack: 48 * 1024,
            c: Some(c),
            aim: Aim::AsWritten,
            alloc: false,
            features: &[],
        }
    }
}

/// The product.
pub const KERNEL: Image = Image {
    name: "kernel",
    package: "bulkhead-kernel",
    // 64 KiB before it ran pipelines; they have a third of that.
    budget: 84 * 1024,
    stack: 48 * 1024,
    c: None,
    aim: Aim::AsWritten,
    alloc: false,
    features: &[],
};

/// What compares the MMU with its model, revokes across cores, and measures domains.
pub const PROVER: Image = Image {
    name: "prover",
    package: "bulkhead-prover",
    budget: 64 * 1024,
    // Its table of 251 domains passes over the stack once.
    stack: 256 * 1024,
    c: None,
    aim: Aim::AsWritten,
    alloc: false,
    features: &[],
};

/// What measures allocators.
pub const SCALES: Image = Image {
    name: "scales",
    package: "bulkhead-scales",
    budget: 128 * 1024,
    stack: 48 * 1024,
    c: None,
    aim: Aim::AsWritten,
    alloc: true,
    features: &[],
};

/// The same, with all of it made small. It is not for running: its text is counted.
pub const SMALL_SCALES: Image = Image {
    aim: Aim::Size,
    ..SCALES
};

/// Builds an image.
pub fn image(
    toolchain: &Toolchain,
    workspace: &Workspace,
    what: Image,
) -> Result<PathBuf, Failure> {
    let Image {
        name,
        package,
        budget,
        stack,
        c,
        aim,
        alloc,
        features,
    } = what;
    let room = workspace.firmware(name);
    let file = what.file();
    let board = workspace.firmware("board");
    let built = CargoBuild {
        rustc: &toolchain.rustc,
        abi: Abi::Call0,
        specification: &specification(workspace, Abi::Call0)?,
        manifest: &workspace.root().join("Cargo.toml"),
        packages: &[package],
        features,
        // One folder whatever the features: crates that do not have them are compiled once, and cargo
        // keeps those that do apart by their hash.
        target_folder: &workspace
            .build_folder()
            .join(format!("{name}{}", aim.suffix())),
        library: Some(&toolchain.kernel_library),
        vendor: None,
    }
    .run_with(name, aim.compiler_options())?;

    let mut bitcode = built.bitcode();
    bitcode.extend(core_bitcode(&toolchain.kernel_library, Abi::Call0)?);
    if alloc {
        bitcode.extend(alloc_bitcode(&toolchain.kernel_library)?);
    }
    let exports = room.join("exports.txt");
    let script = board.join("image.ld");
    let assembly_folder = board.join("src/target");
    let assembly = assembly_files(&assembly_folder)?;
    let layout = layout_header(
        &[OFFSETS, &[("MAIN_STACK_BYTES", stack)]].concat(),
        features,
    );
    let log_script = built.out_folder("defmt", Abi::Call0);
    let program = c.map(|c| c(workspace)).transpose()?;

    let mut fingerprint = Fingerprint::new("image 3");
    fingerprint.texts(&toolchain.versions);
    fingerprint.text(&Abi::Call0.specification());
    fingerprint.texts(&aim.options(Abi::Call0));
    fingerprint.texts(aim.for_shortening());
    fingerprint.text(&assembly_attributes());
    fingerprint.text(&budget.to_string());
    fingerprint.text(&layout);
    fingerprint.texts(features);
    for file in bitcode
        .iter()
        .chain([&toolchain.kernel_library.join(RUNTIME)])
    {
        fingerprint.large_file(file)?;
    }
    for file in assembly.all.iter().chain([&exports, &script]) {
        fingerprint.file(file)?;
    }
    if let Some(program) = &program {
        for file in program.sources.iter().chain(&program.headers) {
            fingerprint.file(file)?;
        }
        fingerprint.texts(&program.calls);
    }
    let image = workspace.build_folder().join(format!("{file}.elf"));
    let stamp = workspace.build_folder().join(format!("{file}.stamp"));
    if image.is_file() && fingerprint.matches(&stamp) {
        return Ok(image);
    }

    terminal::say("Linking", &file);
    let scratch = Scratch::below(&workspace.build_folder())?;
    let folder = scratch.path();
    let mut kept: Vec<String> = names(&files::read_text(&exports)?);
    if let Some(program) = &program {
        kept.extend_from_slice(&program.calls);
    }
    let mut objects = vec![compile::image_to_object(
        &toolchain.llvm,
        Abi::Call0,
        &bitcode,
        &kept,
        aim,
        name,
        folder,
    )?];
    files::write(&folder.join("layout.h"), layout.as_bytes())?;
    for source in &assembly.sources {
        let stem = source.file_stem().unwrap_or_default().to_string_lossy();
        objects.push(compile::assembly_to_object(
            &toolchain.llvm,
            source,
            &[folder.to_owned(), assembly_folder.clone()],
            folder,
            &format!("board-{stem}"),
        )?);
    }
    if let Some(program) = &program {
        objects.extend(program.objects(&toolchain.llvm, Abi::Call0, folder)?);
    }
    objects.push(toolchain.kernel_library.join(RUNTIME));

    let linked = folder.join("image.elf");
    let mut ld = toolchain.ld.command();
    // Before the script, which includes a file from there as soon as it is read. An image without
    // a log has an empty one.
    let log_script = log_script.unwrap_or(folder);
    if !log_script.join(LOG_SCRIPT).is_file() {
        files::write(&log_script.join(LOG_SCRIPT), b"")?;
    }
    ld.arg("-L").arg(log_script);
    ld.args(["--no-relax", "-z", "noexecstack", "--gc-sections", "-T"])
        .arg(&script);
    ld.args(&objects).arg("-o").arg(&linked);
    process::run(&mut ld, &format!("linking {name}"))?;

    let bytes = fixed_bytes(&linked)?;
    if bytes > budget {
        return Err(Failure::OverBudget {
            image: name,
            bytes,
            limit: budget,
        });
    }
    files::publish(&linked, &image)?;
    fingerprint.store(&stamp)?;
    Ok(image)
}

impl CProgram {
    /// Compiles its files.
    pub fn objects(&self, llvm: &Llvm, abi: Abi, scratch: &Path) -> Result<Vec<PathBuf>, Failure> {
        let compile = |source: &PathBuf| {
            let stem = source.file_stem().unwrap_or_default().to_string_lossy();
            let name = format!("c-{stem}");
            let source = CSource::plain(source.clone());
            compile::c_to_object(llvm, abi, &source, &self.includes, scratch, &name)
        };
        self.sources.iter().map(compile).collect()
    }
}

/// The script that defmt writes for its texts.
const LOG_SCRIPT: &str = "defmt.x";

/// Hand-written files of the board.
struct Assembly {
    /// Those that are assembled.
    sources: Vec<PathBuf>,
    /// Those and what they include.
    all: Vec<PathBuf>,
}

fn assembly_files(folder: &Path) -> Result<Assembly, Failure> {
    let mut all: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(Failure::file("read", folder))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "S" || e == "h"))
        .collect();
    all.sort();
    let sources = all
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "S"))
        .cloned()
        .collect();
    Ok(Assembly { sources, all })
}

/// One name per line; `#` begins a comment.
pub fn names(text: &str) -> Vec<String> {
    text.lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

fn layout_header(layout: &[(&str, u32)], features: &[&str]) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    for (name, value) in layout {
        let _ = writeln!(text, "#define {name} {value}");
    }
    for feature in features {
        let name = feature.to_uppercase().replace('-', "_");
        let _ = writeln!(text, "#define {name} 1");
    }
    text
}

/// Bytes in segments that nobody may write: text and read-only data.
fn fixed_bytes(image: &Path) -> Result<u64, Failure> {
    let bytes = std::fs::read(image).map_err(Failure::file("read", image))?;
    let malformed = |error: object::Error| Failure::Malformed {
        path: image.to_owned(),
        reason: error.to_string(),
    };
    let header = elf::FileHeader32::<Endianness>::parse(&*bytes).map_err(malformed)?;
    let endian = header.endian().map_err(malformed)?;
    let segments = header.program_headers(endian, &*bytes).map_err(malformed)?;
    Ok(segments
        .iter()
        .filter(|s| s.p_type(endian) == elf::PT_LOAD && s.p_flags(endian) & elf::PF_W == 0)
        .map(|segment| u64::from(segment.p_filesz(endian)))
        .sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_on_lines_of_their_own() {
        assert_eq!(names("a\n\n# why\n b # because\n"), ["a", "b"]);
    }

    #[test]
    fn the_layout_is_a_header() {
        let header = layout_header(&[("FRAME_PC", 4), ("FRAME_BYTES", 96)], &[]);
        assert_eq!(header, "#define FRAME_PC 4\n#define FRAME_BYTES 96\n");
        let header = layout_header(&[("FRAME_PC", 4)], &["break-it"]);
        assert_eq!(header, "#define FRAME_PC 4\n#define BREAK_IT 1\n");
    }

    #[test]
    fn an_image_with_features_has_a_file_of_its_own() {
        assert_eq!(KERNEL.file(), "kernel");
        assert_eq!(SMALL_SCALES.file(), format!("scales{}", Aim::Size.suffix()));
        assert_eq!(KERNEL.with(&["a", "b-c"]).file(), "kernel-a-b-c");
    }
}
