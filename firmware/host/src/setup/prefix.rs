//! Programs in an unpacked folder: each is started by that folder's own loader, with that folder's
//! libraries, so that neither depends on the system's.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::error::Failure;
use crate::files;
use crate::toolchain::Tool;

/// A folder that stands for `/`.
pub struct Prefix {
    root: PathBuf,
    loader: PathBuf,
    libraries: Vec<PathBuf>,
}

impl Prefix {
    /// Finds the loader and the folders of libraries.
    pub fn open(root: &Path) -> Result<Prefix, Failure> {
        let mut libraries = Vec::new();
        for base in ["usr/lib", "lib"] {
            libraries.extend(entries(&root.join(base)).filter(|path| {
                path.is_dir() && name_of(path).is_some_and(|n| n.ends_with("-linux-gnu"))
            }));
        }
        let loader = libraries
            .iter()
            .flat_map(|folder| entries(folder))
            .find(|path| {
                path.is_file()
                    && name_of(path).is_some_and(|n| n.starts_with("ld-") && n.contains(".so"))
            })
            .ok_or_else(|| Failure::NotUnpacked {
                name: String::from("ld-linux"),
                prefix: root.to_owned(),
            })?;
        Ok(Prefix {
            root: root.to_owned(),
            loader,
            libraries,
        })
    }

    /// A program below this folder.
    pub fn tool(&self, program: &str) -> Result<Tool, Failure> {
        let path = self.path(program)?;
        let mut folders = self.libraries.clone();
        if let Some(sibling) = path.parent().and_then(Path::parent) {
            folders.push(sibling.join("lib"));
        }
        let folders: Vec<&str> = folders
            .iter()
            .filter_map(|folder| folder.to_str())
            .collect();
        let name = Path::new(program).file_name().unwrap_or_default();
        Ok(Tool {
            program: self.loader.clone(),
            arguments: vec![
                OsString::from("--library-path"),
                OsString::from(folders.join(":")),
                OsString::from("--argv0"),
                name.to_owned(),
                path.into_os_string(),
            ],
        })
    }

    /// A file or folder that must be there.
    pub fn path(&self, name: &str) -> Result<PathBuf, Failure> {
        let path = self.root.join(name);
        if path.exists() {
            return Ok(path);
        }
        Err(Failure::NotUnpacked {
            name: name.to_owned(),
            prefix: self.root.clone(),
        })
    }
}

/// Writes a script that starts a Rust compiler as one executable. It names the compiler's own
/// root, which it cannot find by itself behind a loader, unless the caller names another.
pub fn write_rustc(script: &Path, rustc: &Tool, root: &Path) -> Result<(), Failure> {
    let mut words = vec![quoted(&rustc.program.to_string_lossy())];
    words.extend(
        rustc
            .arguments
            .iter()
            .map(|word| quoted(&word.to_string_lossy())),
    );
    let text = format!(
        "#!/bin/sh\n\
         case \" $*\" in\n\
         *' --sysroot'*) ;;\n\
         *) set -- --sysroot {} \"$@\" ;;\n\
         esac\n\
         exec {} \"$@\"\n",
        quoted(&root.to_string_lossy()),
        words.join(" "),
    );
    files::write_if_changed(script, text.as_bytes())?;
    std::fs::set_permissions(script, std::fs::Permissions::from_mode(0o755))
        .map_err(Failure::file("make executable", script))
}

/// A word as the shell reads it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    paths.into_iter()
}

fn name_of(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_reach_the_shell_unchanged() {
        assert_eq!(quoted("/a b/c"), "'/a b/c'");
        assert_eq!(quoted("it's"), "'it'\\''s'");
    }

    #[test]
    fn starts_programs_by_the_loader_beside_them() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for (path, text) in [
            ("lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", ""),
            ("usr/lib/x86_64-linux-gnu/libz.so.1", ""),
            ("usr/lib/llvm-23/bin/llc", ""),
        ] {
            files::write(&root.join(path), text.as_bytes()).unwrap();
        }
        let prefix = Prefix::open(root).unwrap();
        let tool = prefix.tool("usr/lib/llvm-23/bin/llc").unwrap();
        assert_eq!(
            tool.program,
            root.join("lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")
        );
        assert_eq!(tool.arguments[3], "llc");
        assert!(
            tool.arguments[1]
                .to_string_lossy()
                .ends_with("usr/lib/llvm-23/lib")
        );
        assert!(matches!(
            prefix.tool("usr/bin/no"),
            Err(Failure::NotUnpacked { .. })
        ));
    }
}
