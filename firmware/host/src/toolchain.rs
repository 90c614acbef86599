//! The programs that build and run firmware, wherever they come from.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

/// A program and the arguments that always come first.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Tool {
    /// The file that is executed.
    pub program: PathBuf,
    /// Arguments before those of the caller.
    pub arguments: Vec<OsString>,
}

impl Tool {
    /// A program that starts by itself.
    pub fn plain(program: PathBuf) -> Tool {
        Tool {
            program,
            arguments: Vec::new(),
        }
    }

    /// A command that starts it. Libraries of the program that started us stay out.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).env_remove("LD_LIBRARY_PATH");
        command
    }
}

/// Everything that set-up provides.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Toolchain {
    /// `qemu-system-xtensa`, which knows cpu `dc233c`.
    pub qemu: Tool,
    /// `xtensa-lx106-elf-ld`.
    pub ld: Tool,
    /// `xtensa-lx106-elf-objcopy`.
    pub objcopy: Tool,
    /// One executable that cargo can use as its compiler.
    pub rustc: PathBuf,
    /// That compiler's folder with `lib/rustlib`.
    pub rust_root: PathBuf,
    /// LLVM's programs.
    pub llvm: Llvm,
    /// Core and run time of the kernel (call0).
    pub kernel_library: PathBuf,
    /// Core and run time of modules (windowed).
    pub module_library: PathBuf,
    /// Name, version and origin of each part.
    pub versions: Vec<String>,
}

/// LLVM's programs.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Llvm {
    /// Compiles IR.
    pub llc: Tool,
    /// Optimises IR.
    pub opt: Tool,
    /// Joins bitcode files.
    pub link: Tool,
    /// Assembles.
    pub mc: Tool,
    /// Preprocesses assembly, and turns C into IR.
    pub clang: Tool,
    /// clang's own headers.
    pub headers: PathBuf,
}

impl Toolchain {
    /// One line per part.
    pub fn describe(&self) -> Vec<String> {
        self.versions.clone()
    }

    /// Whether every file is still there.
    pub fn is_present(&self) -> bool {
        let tools = [
            &self.qemu,
            &self.ld,
            &self.objcopy,
            &self.llvm.llc,
            &self.llvm.opt,
            &self.llvm.link,
            &self.llvm.mc,
            &self.llvm.clang,
        ];
        let folders = [
            &self.kernel_library,
            &self.module_library,
            &self.llvm.headers,
        ];
        tools.iter().all(|tool| tool.program.is_file())
            && tools.iter().all(|tool| tool.arguments_are_present())
            && self.rustc.is_file()
            && folders.iter().all(|folder| folder.is_dir())
    }
}

impl Tool {
    /// Whether the program behind the loader, which comes last, is there.
    fn arguments_are_present(&self) -> bool {
        self.arguments
            .last()
            .is_none_or(|last| Path::new(last).is_file())
    }
}
