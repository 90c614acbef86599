//! Module files, from Rust or from C.

use std::path::{Path, PathBuf};

use bulkhead_sdk::stubs;

use super::cargo::CargoBuild;
use super::compile::{self, CSource};
use super::fingerprint::Fingerprint;
use super::specification;
use super::target_spec::{Abi, assembly_attributes};
use crate::error::Failure;
use crate::files;
use crate::process::{self, Scratch};
use crate::setup::{RUNTIME, core_bitcode};
use crate::terminal;
use crate::together;
use crate::toolchain::Toolchain;
use crate::workspace::Workspace;

/// What a module is made from.
#[derive(Default)]
struct Sources {
    /// The folder of a crate.
    package: Option<PathBuf>,
    c: Vec<CSource>,
    assembly: Vec<PathBuf>,
}

/// The SDK's files that every module is linked with.
struct Sdk {
    start: PathBuf,
    script: PathBuf,
    exports: PathBuf,
    includes: Vec<PathBuf>,
}

/// Whether a path looks like a module.
pub fn is_module(path: &Path) -> bool {
    Sources::of(path).is_ok()
}

/// Builds the module at `path` into `output`, or into a file of its own in the build folder.
pub fn module(
    toolchain: &Toolchain,
    workspace: &Workspace,
    path: &Path,
    output: Option<&Path>,
) -> Result<PathBuf, Failure> {
    let path = std::path::absolute(path).map_err(Failure::file("find", path))?;
    let source = Sources::of(&path)?;
    let sdk = Sdk::of(workspace)?;
    let name = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mut base = sdk.fingerprint(toolchain)?;
    base.text(&path.to_string_lossy());

    // One name in two places must not be one file; this repository's modules have their own names.
    let mut place = Fingerprint::new("place");
    place.text(&path.to_string_lossy());
    let key = if path.parent() == Some(workspace.firmware("modules").as_path()) {
        name.clone()
    } else {
        format!("{name}-{}", place.short())
    };
    let job = Job {
        toolchain,
        workspace,
        sdk: &sdk,
        name,
        key,
    };
    let file = job.build(&source, base)?;
    let Some(output) = output else {
        return Ok(file);
    };
    files::write(
        output,
        &std::fs::read(&file).map_err(Failure::file("read", &file))?,
    )?;
    Ok(output.to_owned())
}

/// The file of a module in the build folder, where nothing else is asked for.
pub fn file(workspace: &Workspace, name: &str) -> PathBuf {
    place(workspace, name, "elf")
}

fn place(workspace: &Workspace, key: &str, kind: &str) -> PathBuf {
    let folder = workspace.build_folder().join("modules");
    folder.join(format!("{key}.{kind}"))
}

/// Builds a module from C files that may be anywhere, into a file of its own in the build folder.
pub fn c_module(
    toolchain: &Toolchain,
    workspace: &Workspace,
    name: &str,
    sources: Vec<CSource>,
) -> Result<PathBuf, Failure> {
    let sdk = Sdk::of(workspace)?;
    let base = sdk.fingerprint(toolchain)?;
    let job = Job {
        toolchain,
        workspace,
        sdk: &sdk,
        name: name.to_owned(),
        key: name.to_owned(),
    };
    let sources = Sources {
        c: sources,
        ..Sources::default()
    };
    job.build(&sources, base)
}

impl Sources {
    fn of(path: &Path) -> Result<Sources, Failure> {
        let no = |reason: &str| Failure::NotAModule {
            path: path.to_owned(),
            reason: reason.to_owned(),
        };
        if path.is_file() {
            return if path.extension().is_some_and(|extension| extension == "c") {
                Ok(Sources {
                    c: vec![CSource::plain(path.to_owned())],
                    ..Sources::default()
                })
            } else {
                Err(no("the file's name does not end in .c"))
            };
        }
        if path.join("Cargo.toml").is_file() {
            let folder = path.join("src");
            return Ok(Sources {
                package: Some(path.to_owned()),
                c: c_files(&folder),
                assembly: files_ending(&folder, "S"),
            });
        }
        std::fs::read_dir(path).map_err(|error| no(&error.to_string()))?;
        let c = c_files(path);
        if c.is_empty() {
            return Err(no("the folder has neither a Cargo.toml nor a C file"));
        }
        Ok(Sources {
            package: None,
            c,
            assembly: files_ending(path, "S"),
        })
    }
}

impl Sdk {
    fn of(workspace: &Workspace) -> Result<Sdk, Failure> {
        let room = workspace.firmware("sdk");
        let include = room.join("include");
        let includes = [include.join("libc"), include];
        Ok(Sdk {
            start: room.join("start.S"),
            script: room.join("module.ld"),
            exports: room.join("exports.map"),
            includes: includes
                .into_iter()
                .filter(|folder| folder.is_dir())
                .collect(),
        })
    }

    /// Of everything that goes into every module.
    fn fingerprint(&self, toolchain: &Toolchain) -> Result<Fingerprint, Failure> {
        let mut base = Fingerprint::new("module 2");
        base.texts(&toolchain.versions);
        base.text(&Abi::Windowed.specification());
        base.text(Abi::Windowed.passes());
        base.text(&assembly_attributes());
        base.text(&stubs::assembly());
        for file in [&self.start, &self.script, &self.exports] {
            base.file(file)?;
        }
        base.large_file(&toolchain.module_library.join(RUNTIME))?;
        Ok(base)
    }

    /// The names that a module shows to the kernel.
    fn exported(&self) -> Result<Vec<String>, Failure> {
        Ok(exported(&files::read_text(&self.exports)?))
    }
}

/// The global names of a version script.
fn exported(script: &str) -> Vec<String> {
    let global = script.split_once("global:").map_or("", |(_, rest)| rest);
    let global = global
        .split_once("local:")
        .map_or(global, |(names, _)| names);
    global
        .split([';', '}'])
        .map(str::trim)
        .filter(|n| !n.is_empty())
        .map(str::to_owned)
        .collect()
}

/// One module on its way.
struct Job<'a> {
    toolchain: &'a Toolchain,
    workspace: &'a Workspace,
    sdk: &'a Sdk,
    /// For messages.
    name: String,
    /// The name of its files in the build folder.
    key: String,
}

impl Job<'_> {
    /// A file of this module in the build folder.
    fn place(&self, kind: &str) -> PathBuf {
        place(self.workspace, &self.key, kind)
    }

    fn build(&self, sources: &Sources, mut base: Fingerprint) -> Result<PathBuf, Failure> {
        let bitcode = match &sources.package {
            Some(folder) => self.crates(&folder.join("Cargo.toml"))?,
            None => Vec::new(),
        };
        for file in &bitcode {
            base.large_file(file)?;
        }
        for file in &sources.assembly {
            base.file(file)?;
        }
        for source in &sources.c {
            base.text(&source.path.to_string_lossy());
            let folders = source.includes.iter();
            base.texts(&folders.map(|f| f.to_string_lossy()).collect::<Vec<_>>());
            base.texts(&source.flags);
        }
        // C files and what they include: known from the last time they were compiled.
        let list = self.place("inputs");
        let read_last = std::fs::read_to_string(&list).unwrap_or_default();
        let stamp = self.place("stamp");
        // An input that is gone is a change.
        let current = with_inputs(&base, &read_last).is_ok_and(|whole| whole.matches(&stamp));
        if self.place("elf").is_file() && current {
            return Ok(self.place("elf"));
        }

        terminal::say("Linking", &format!("module {}", self.name));
        let scratch = Scratch::below(&self.workspace.build_folder())?;
        let mut objects = Vec::new();
        if !bitcode.is_empty() {
            objects.push(compile::program_to_object(
                &self.toolchain.llvm,
                Abi::Windowed,
                &bitcode,
                &self.sdk.exported()?,
                &format!("module {}", self.name),
                scratch.path(),
            )?);
        }
        let (from_c, read) = self.compile_all(&sources.c, &scratch)?;
        objects.extend(from_c);
        for source in &sources.assembly {
            let beside = source.parent().map(Path::to_owned);
            objects.push(self.assemble(source, beside.as_slice(), &scratch)?);
        }
        self.link(&scratch, objects)?;
        files::write(&list, read.as_bytes())?;
        with_inputs(&base, &read)?.store(&stamp)?;
        Ok(self.place("elf"))
    }

    /// The bitcode of a crate and of all it depends on.
    fn crates(&self, manifest: &Path) -> Result<Vec<PathBuf>, Failure> {
        let built = CargoBuild {
            rustc: &self.toolchain.rustc,
            abi: Abi::Windowed,
            specification: &specification(self.workspace, Abi::Windowed)?,
            manifest,
            packages: &[],
            features: &[],
            target_folder: &self.workspace.build_folder().join("module"),
            library: Some(&self.toolchain.module_library),
            vendor: None,
        }
        .run(&format!("module {}", self.name))?;
        let mut bitcode = built.bitcode();
        if bitcode.is_empty() {
            return Err(Failure::NoArtifact {
                what: String::from("library"),
                manifest: manifest.to_owned(),
            });
        }
        bitcode.extend(core_bitcode(&self.toolchain.module_library, Abi::Windowed)?);
        Ok(bitcode)
    }

    /// Compiles C files; the objects, and a list of the files they were made from.
    fn compile_all(
        &self,
        sources: &[CSource],
        scratch: &Scratch,
    ) -> Result<(Vec<PathBuf>, String), Failure> {
        let compiled = together::each(sources, |number, source| {
            self.compile_c(source, &format!("c-{number}"), scratch)
        })?;
        Ok(compiled.into_iter().unzip())
    }

    /// Compiles a C file and lists the files it was made from.
    fn compile_c(
        &self,
        source: &CSource,
        stem: &str,
        scratch: &Scratch,
    ) -> Result<(PathBuf, String), Failure> {
        let llvm = &self.toolchain.llvm;
        let object = compile::c_to_object(
            llvm,
            Abi::Windowed,
            source,
            &self.sdk.includes,
            scratch.path(),
            stem,
        )?;
        let rule = files::read_text(&scratch.path().join(format!("{stem}.d")))?;
        let read = dependencies(&rule).into_iter().map(|file| file + "\n");
        Ok((object, read.collect()))
    }

    fn assemble(
        &self,
        source: &Path,
        includes: &[PathBuf],
        scratch: &Scratch,
    ) -> Result<PathBuf, Failure> {
        let stem = source.file_stem().unwrap_or_default().to_string_lossy();
        let llvm = &self.toolchain.llvm;
        compile::assembly_to_object(llvm, source, includes, scratch.path(), &format!("s-{stem}"))
    }

    /// Adds the SDK's start code and stubs and the run-time functions, and links.
    fn link(&self, scratch: &Scratch, mut objects: Vec<PathBuf>) -> Result<(), Failure> {
        let generated = scratch.path().join("sdk-stubs.S");
        files::write(&generated, stubs::assembly().as_bytes())?;
        objects.push(self.assemble(&self.sdk.start, &[], scratch)?);
        objects.push(self.assemble(&generated, &[], scratch)?);
        for object in &objects {
            compile::make_relocatable(&self.toolchain.objcopy, object)?;
        }
        // Prepared when it was compiled.
        objects.push(self.toolchain.module_library.join(RUNTIME));
        let linked = scratch.path().join("module.elf");
        let mut ld = self.toolchain.ld.command();
        ld.args(["--no-relax", "-shared", "-Bsymbolic", "-S", "--gc-sections"])
            .args(["-z", "text", "-z", "defs", "-T"])
            .arg(&self.sdk.script)
            .arg("--version-script")
            .arg(&self.sdk.exports)
            .args(&objects)
            .arg("-o")
            .arg(&linked);
        process::run(&mut ld, &format!("linking module {}", self.name))?;
        files::publish(&linked, &self.place("elf"))
    }
}

/// A fingerprint with the content of the files in a list.
fn with_inputs(base: &Fingerprint, list: &str) -> Result<Fingerprint, Failure> {
    let mut fingerprint = base.clone();
    list.lines()
        .try_for_each(|line| fingerprint.file(Path::new(line)))?;
    Ok(fingerprint)
}

/// The C files of a folder, none where there is no folder.
fn c_files(folder: &Path) -> Vec<CSource> {
    let files = files_ending(folder, "c").into_iter();
    files.map(CSource::plain).collect()
}

/// The files of a folder with that ending, none where there is no folder.
fn files_ending(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    files.sort();
    files
}

/// The files in a rule that the compiler wrote for make.
fn dependencies(rule: &str) -> Vec<String> {
    let text = rule.replace("\\\n", " ").replace("\\ ", "\u{0}");
    let files = text.split_once(": ").map_or("", |(_, files)| files);
    files
        .split_whitespace()
        .map(|file| file.replace('\u{0}', " "))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exported_names_come_from_the_version_script() {
        assert_eq!(exported("{ global: a; b;\n local: *; };"), ["a", "b"]);
        assert_eq!(exported("{ global: a; };"), ["a"]);
        assert!(exported("{ local: *; };").is_empty());
    }

    #[test]
    fn dependencies_come_from_a_rule_for_make() {
        let rule = "x.o: /a/b\\ c.c \\\n  /a/d.h\n";
        assert_eq!(dependencies(rule), ["/a/b c.c", "/a/d.h"]);
    }

    #[test]
    fn says_why_a_path_is_no_module() {
        let folder = tempfile::tempdir().unwrap();
        let text = |path: &Path| Sources::of(path).err().map(|failure| failure.to_string());
        assert!(
            text(folder.path())
                .unwrap()
                .contains("neither a Cargo.toml nor a C file")
        );
        assert!(text(&folder.path().join("none")).is_some());
        std::fs::write(folder.path().join("a.c"), "").unwrap();
        assert!(is_module(folder.path()) && is_module(&folder.path().join("a.c")));
        std::fs::write(folder.path().join("a.txt"), "").unwrap();
        assert!(text(&folder.path().join("a.txt")).unwrap().contains(".c"));
    }
}
