//! From bitcode, C and assembly to objects, with LLVM's programs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::aim::{Aim, leave_inlining_to_size};
use super::bit_counts;
use super::literal_fix;
use super::shorten;
use super::target_spec::{Abi, assembly_attributes};
use crate::error::Failure;
use crate::files;
use crate::process;
use crate::terminal;
use crate::toolchain::{Llvm, Tool};

const TRIPLE: &str = "xtensa-none-elf";
/// How often a file is compiled again with more hidden from the back end.
const ATTEMPTS: usize = 32;

/// Joins bitcode, keeps what is named and what that needs, and compiles it. `of` names the
/// program in messages.
pub fn program_to_object(
    llvm: &Llvm,
    abi: Abi,
    bitcode: &[PathBuf],
    kept: &[String],
    of: &str,
    scratch: &Path,
) -> Result<PathBuf, Failure> {
    let optimised = join(llvm, abi, bitcode, kept, Aim::AsWritten, of, scratch)?;
    ir_to_object(llvm, abi, &optimised, of)
}

/// The same for an image, whose functions call each other by name and are shortened.
pub fn image_to_object(
    llvm: &Llvm,
    abi: Abi,
    bitcode: &[PathBuf],
    kept: &[String],
    aim: Aim,
    of: &str,
    scratch: &Path,
) -> Result<PathBuf, Failure> {
    let optimised = join(llvm, abi, bitcode, kept, aim, of, scratch)?;
    let (long, short) = (scratch.join("long.s"), scratch.join("short.s"));
    run_back_end(llvm, abi, &optimised, aim.for_shortening(), &long, of)?;
    let text = shorten::shorten(&files::read_text(&long)?);
    files::write(&short, text.as_bytes())?;
    let object = optimised.with_extension("o");
    let task = format!("assembling {of}");
    assemble(llvm, &abi.attributes(), &short, &object, &task)?;
    Ok(object)
}

/// Joins bitcode, keeps what is needed, and optimises it.
fn join(
    llvm: &Llvm,
    abi: Abi,
    bitcode: &[PathBuf],
    kept: &[String],
    aim: Aim,
    of: &str,
    scratch: &Path,
) -> Result<PathBuf, Failure> {
    let joined = scratch.join("joined.bc");
    let mut link = llvm.link.command();
    link.args(bitcode).arg("-o").arg(&joined);
    if aim == Aim::Size {
        link.arg("-S");
    }
    process::run(&mut link, &format!("joining the crates of {of}"))?;
    if aim == Aim::Size {
        let text = files::read_text(&joined)?;
        files::write(&joined, leave_inlining_to_size(&text).as_bytes())?;
    }
    let optimised = scratch.join("optimised.ll");
    let mut opt = llvm.opt.command();
    opt.args(aim.options(abi))
        .arg(format!("-internalize-public-api-list={}", kept.join(",")))
        .args(["-S", "-o"])
        .args([&optimised, &joined]);
    process::run(&mut opt, &format!("optimising {of}"))?;
    Ok(optimised)
}

/// Compiles one bitcode file with everything in it.
pub fn bitcode_to_object(
    llvm: &Llvm,
    abi: Abi,
    bitcode: &Path,
    of: &str,
    scratch: &Path,
) -> Result<PathBuf, Failure> {
    let optimised = scratch.join("optimised.ll");
    let mut opt = llvm.opt.command();
    opt.args(["-passes=default<O2>", "-S", "-o"])
        .arg(&optimised)
        .arg(bitcode);
    process::run(&mut opt, &format!("optimising {of}"))?;
    ir_to_object(llvm, abi, &optimised, of)
}

/// A C file, and what is particular to it.
#[derive(Clone, Debug, Default)]
pub struct CSource {
    /// The file.
    pub path: PathBuf,
    /// Folders of headers, before the SDK's.
    pub includes: Vec<PathBuf>,
    /// Options of the compiler.
    pub flags: Vec<String>,
}

impl CSource {
    /// A file that needs nothing.
    pub fn plain(path: PathBuf) -> CSource {
        CSource {
            path,
            ..CSource::default()
        }
    }
}

/// Compiles one C file. The files it includes are listed in a file beside the object.
pub fn c_to_object(
    llvm: &Llvm,
    abi: Abi,
    source: &CSource,
    includes: &[PathBuf],
    scratch: &Path,
    name: &str,
) -> Result<PathBuf, Failure> {
    let ir = scratch.join(format!("{name}.ll"));
    let mut clang = llvm.clang.command();
    clang
        .arg(format!("--target={TRIPLE}"))
        .args([
            "-std=gnu11",
            "-ffreestanding",
            "-nostdlibinc",
            "-O2",
            "-fomit-frame-pointer",
        ])
        .args([
            "-ffunction-sections",
            "-fdata-sections",
            "-fno-common",
            "-Wall",
        ])
        .args(["-S", "-emit-llvm", "-MD", "-MF"])
        .arg(scratch.join(format!("{name}.d")));
    for option in abi.options() {
        clang
            .args(["-Xclang", "-target-feature", "-Xclang"])
            .arg(format!("+{option}"));
    }
    clang.args(&source.flags);
    for folder in &source.includes {
        clang.arg("-I").arg(folder);
    }
    for folder in includes {
        clang.arg("-isystem").arg(folder);
    }
    clang
        .arg("-isystem")
        .arg(&llvm.headers)
        .arg("-o")
        .args([&ir, &source.path]);
    let outcome = process::capture(&mut clang)?;
    let task = format!("compiling {}", source.path.display());
    if !outcome.status.success() {
        return Err(process::failed(&clang, &task, &outcome));
    }
    // Warnings.
    terminal::tell(&outcome.stderr);
    ir_to_object(llvm, abi, &ir, &source.path.display().to_string())
}

/// Assembles one file after the C preprocessor.
pub fn assembly_to_object(
    llvm: &Llvm,
    source: &Path,
    includes: &[PathBuf],
    scratch: &Path,
    name: &str,
) -> Result<PathBuf, Failure> {
    let task = format!("assembling {}", source.display());
    let plain = scratch.join(format!("{name}.s"));
    let mut clang = llvm.clang.command();
    clang
        .arg(format!("--target={TRIPLE}"))
        .args(["-E", "-x", "assembler-with-cpp"]);
    for folder in includes {
        clang.arg("-I").arg(folder);
    }
    clang.arg(source).arg("-o").arg(&plain);
    process::run(&mut clang, &task)?;
    let object = scratch.join(format!("{name}.o"));
    assemble(llvm, &assembly_attributes(), &plain, &object, &task)?;
    Ok(object)
}

fn assemble(
    llvm: &Llvm,
    attributes: &str,
    source: &Path,
    object: &Path,
    task: &str,
) -> Result<(), Failure> {
    let mut mc = llvm.mc.command();
    mc.arg(format!("-triple={TRIPLE}"))
        .arg(format!("-mattr={attributes}"))
        .args(["-filetype=obj", "-o"])
        .args([object, source]);
    process::run(&mut mc, task).map(drop)
}

/// Makes the sections writable whose words a loader must relocate; the linker script gives the
/// rights that they have in the file.
pub fn make_relocatable(objcopy: &Tool, object: &Path) -> Result<(), Failure> {
    let mut command = objcopy.command();
    for section in [".literal*", ".rodata*", ".bulkhead"] {
        command
            .arg("--set-section-flags")
            .arg(format!("{section}=alloc,load,contents,data"));
    }
    command.arg(object);
    process::run(&mut command, &format!("preparing {}", object.display())).map(drop)
}

/// The last step.
fn ir_to_object(llvm: &Llvm, abi: Abi, ir: &Path, of: &str) -> Result<PathBuf, Failure> {
    let object = ir.with_extension("o");
    run_back_end(llvm, abi, ir, &["-filetype=obj"], &object, of)?;
    Ok(object)
}

/// Runs LLVM's back end, around a defect of it.
fn run_back_end(
    llvm: &Llvm,
    abi: Abi,
    ir: &Path,
    options: &[&str],
    output: &Path,
    of: &str,
) -> Result<(), Failure> {
    let original = files::read_text(ir)?;
    let safe = ir.with_extension("safe.ll");
    let mut strict = BTreeSet::new();
    let mut message = String::new();
    for _ in 0..ATTEMPTS {
        let text = literal_fix::rewrite(&original, &strict);
        let text = bit_counts::rewrite(&text);
        std::fs::write(&safe, text.as_ref()).map_err(Failure::file("write", &safe))?;
        let mut llc = llvm.llc.command();
        llc.args(["-O2", "-function-sections", "-data-sections"])
            .args(options)
            .arg(format!("-mattr={}", abi.attributes()))
            .arg("-o")
            .args([output, &safe]);
        let outcome = process::capture(&mut llc)?;
        if outcome.status.success() {
            return Ok(());
        }
        match literal_fix::failed_function(&outcome.stderr) {
            Some(function) if strict.insert(function.to_owned()) => message = outcome.stderr,
            _ if outcome.stderr.contains("LLVM ERROR") => {
                return Err(compiler_failure(of, &outcome.stderr));
            }
            _ => return Err(process::failed(&llc, &format!("compiling {of}"), &outcome)),
        }
    }
    Err(compiler_failure(of, &message))
}

/// LLVM's own words are long: the sentence and the function are what helps.
fn compiler_failure(of: &str, message: &str) -> Failure {
    let line = |start: &str| {
        message.lines().find_map(|line| {
            line.find(start)
                .map(|at| line[at + start.len()..].trim().to_owned())
        })
    };
    let function = line("In function: ")
        .or_else(|| line("on function '").map(|name| name.trim_matches(['\'', '@']).to_owned()))
        .unwrap_or_else(|| String::from("(unknown)"));
    let reason = line("LLVM ERROR: ").unwrap_or_else(|| {
        message
            .lines()
            .next()
            .unwrap_or("no reason given")
            .to_owned()
    });
    Failure::Compiler {
        function,
        of: of.to_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup;
    use crate::workspace::Workspace;

    #[test]
    fn what_is_made_small_is_inlined_by_nobodys_wish() {
        let (plain, small) = [Aim::AsWritten, Aim::Size]
            .map(|aim| aim.options(Abi::Call0).join(" "))
            .into();
        assert!(!plain.contains("attribute"), "{plain}");
        assert!(small.contains("-force-attribute=minsize"), "{small}");
        assert!(
            small.contains("-force-remove-attribute=alwaysinline"),
            "{small}"
        );
        assert!(Aim::AsWritten.compiler_options().is_empty());
    }

    #[test]
    fn names_the_function_that_llvm_could_not_compile() {
        let message = "LLVM ERROR: Error while trying to spill A8\nStack dump:\n\
                       3.\tRunning pass 'Prologue' on function '@encode'\n";
        let failure = compiler_failure("module x", message).to_string();
        assert!(
            failure.contains("`encode` of module x: Error while"),
            "{failure}"
        );
    }

    /// Every form in which the defect was seen, each of which the back end refuses as it stands.
    const REFUSED: &[&str] = &[
        "%s = shl i32 %x, 3\n %r = add i32 %s, 2048",
        "%s = add i32 %x, 256\n %r = shl i32 %s, 3",
        "%s = add i32 %x, 1024\n %r = shl i32 %s, 1",
        "%s = add i32 %x, 256\n %r = mul i32 %s, 8",
        "%s = shl i32 %x, 3\n %r = sub i32 %s, 4096",
        "%s = mul i32 %x, 8\n %r = add i32 %s, 2048",
        "%s = shl i32 %x, 1\n %r = add i32 %s, -32768",
        "%s = shl i32 %x, 3\n %a = add i32 %s, 1024\n %r = add i32 %a, 1024",
        "%p = getelementptr i64, ptr inttoptr (i32 2048 to ptr), i32 %x\n\
         %r = ptrtoint ptr %p to i32",
        "%q = getelementptr i64, ptr null, i32 %x\n\
         %p = getelementptr i8, ptr %q, i32 2048\n %r = ptrtoint ptr %p to i32",
        "%s = shl i32 %x, 3\n %q = inttoptr i32 %s to ptr\n\
         %p = getelementptr i8, ptr %q, i32 2048\n %r = load i32, ptr %p",
        "%l = zext i32 %x to i64\n %s = shl i64 %l, 3\n %a = add i64 %s, 2048\n\
         %r = trunc i64 %a to i32",
        "%l = zext i32 %x to i64\n %s = shl i64 %l, 3\n %a = add i64 %s, -2304\n\
         %h = lshr i64 %a, 32\n %u = trunc i64 %h to i32\n %w = trunc i64 %a to i32\n\
         %r = xor i32 %u, %w",
        "%h = trunc i32 %x to i16\n %s = shl i16 %h, 3\n %a = add i16 %s, 2048\n\
         %r = zext i16 %a to i32",
        "%s = shl i32 %x, 3\n %a = add i32 %s, -2304\n %c = icmp ult i32 %a, 2560\n\
         %r = zext i1 %c to i32",
    ];

    #[test]
    fn the_back_end_takes_what_it_refused() {
        let toolchain = setup::ensure(&Workspace::find().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let ir = folder.path().join("f.ll");
        for abi in Abi::ALL {
            for body in REFUSED {
                let text = format!(
                    "target datalayout = \"e-m:e-p:32:32-i8:8:32-i16:16:32-i64:64-n32\"\n\
                     target triple = \"{TRIPLE}\"\n\
                     define i32 @f(i32 %x) {{\n  {body}\n  ret i32 %r\n}}\n"
                )
                .replace("\n ", "\n  ");
                std::fs::write(&ir, text).unwrap();
                if let Err(failure) = ir_to_object(&toolchain.llvm, abi, &ir, body) {
                    panic!("{failure}\n{}", std::fs::read_to_string(&ir).unwrap());
                }
            }
        }
    }
}
