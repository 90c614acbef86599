//! The copy of the tree. A file whose bytes are right already is left alone, so that cargo sees
//! by the times of the files how little has to be built again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Failure;
use crate::process;

/// Makes `copy` hold the sources in `root` and nothing else; `target` holds no sources.
pub fn copy(root: &Path, target: &Path, copy: &Path) -> Result<(), Failure> {
    let mut files = match listed_by_git(root) {
        Some(files) => files,
        None => {
            let mut files = BTreeSet::new();
            walk(
                root,
                Path::new(""),
                &[target, &root.join("target")],
                &mut files,
            )?;
            files
        }
    };
    files.retain(|file| !root.join(file).starts_with(target));
    for file in &files {
        bring(&root.join(file), &copy.join(file))?;
    }
    let mut there = BTreeSet::new();
    walk(copy, Path::new(""), &[], &mut there)?;
    for vanished in there.difference(&files) {
        let path = copy.join(vanished);
        std::fs::remove_file(&path).map_err(Failure::file("remove", &path))?;
        // A folder goes with its last file; where it cannot, it is not empty.
        for folder in path
            .ancestors()
            .skip(1)
            .take_while(|folder| *folder != copy)
        {
            if std::fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }
    Ok(())
}

/// What git tracks or would track, or `None` where git does not know this folder.
fn listed_by_git(root: &Path) -> Option<BTreeSet<PathBuf>> {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "-z",
    ]);
    // A hook of git's would have us look elsewhere.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        command.env_remove(name);
    }
    let outcome = process::run(&mut command, None).ok()?;
    let listed = outcome.stdout.split_terminator('\0').map(PathBuf::from);
    // A file may be in the index and nowhere else.
    let files: BTreeSet<PathBuf> = listed.filter(|file| root.join(file).is_file()).collect();
    // Inside an ignored folder of another tree, git knows of nothing.
    (outcome.is_success() && files.contains(Path::new("Cargo.toml"))).then_some(files)
}

/// Every file at or below a folder of `root`, except in `.git` and in the folders left out.
fn walk(
    root: &Path,
    folder: &Path,
    left_out: &[&Path],
    files: &mut BTreeSet<PathBuf>,
) -> Result<(), Failure> {
    let here = root.join(folder);
    if !here.exists() {
        return Ok(());
    }
    for entry in here.read_dir().map_err(Failure::file("read", &here))? {
        let entry = entry.map_err(Failure::file("read", &here))?;
        let (path, relative) = (entry.path(), folder.join(entry.file_name()));
        if path.is_file() {
            files.insert(relative);
        } else if path.is_dir() && entry.file_name() != ".git" && !left_out.contains(&&*path) {
            walk(root, &relative, left_out, files)?;
        }
    }
    Ok(())
}

/// Copies a file unless its copy has the same bytes.
fn bring(from: &Path, to: &Path) -> Result<(), Failure> {
    let bytes = std::fs::read(from).map_err(Failure::file("read", from))?;
    if std::fs::read(to).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).map_err(Failure::file("create", folder))?;
    }
    std::fs::copy(from, to).map_err(Failure::file("write", to))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn git(folder: &Path, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.arg("-C").arg(folder).args(arguments);
        assert!(command.output().unwrap().status.success());
    }

    fn put(root: &Path, file: &str, text: &str) {
        let path = root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn all(folder: &Path) -> Vec<String> {
        let mut files = BTreeSet::new();
        walk(folder, Path::new(""), &[], &mut files).unwrap();
        let text = |file: &PathBuf| file.display().to_string();
        files.iter().map(text).collect()
    }

    #[test]
    fn the_copy_follows_the_tree_and_leaves_alone_what_is_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let (root, target) = (
            folder.path().join("tree"),
            folder.path().join("tree/target"),
        );
        let to = target.join("planted/tree");
        put(&root, "Cargo.toml", "[workspace]");
        put(&root, "mmu/src/lib.rs", "one");
        put(&root, "old/src/lib.rs", "old");
        put(&root, "target/debug/x", "built");
        copy(&root, &target, &to).unwrap();
        assert_eq!(all(&to), ["Cargo.toml", "mmu/src/lib.rs", "old/src/lib.rs"]);

        let time = |file: &str| fs::metadata(to.join(file)).unwrap().modified().unwrap();
        let before = (time("Cargo.toml"), time("mmu/src/lib.rs"));
        put(&to, "mmu/src/lib.rs", "a bug that a killed run has left");
        fs::remove_dir_all(root.join("old")).unwrap();
        copy(&root, &target, &to).unwrap();
        assert_eq!(all(&to), ["Cargo.toml", "mmu/src/lib.rs"]);
        assert!(!to.join("old").exists());
        assert_eq!(
            fs::read_to_string(to.join("mmu/src/lib.rs")).unwrap(),
            "one"
        );
        assert_eq!(time("Cargo.toml"), before.0);
        assert!(time("mmu/src/lib.rs") > before.1);
    }

    #[test]
    fn what_git_ignores_is_not_copied_and_what_is_new_is() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("tree");
        put(&root, "Cargo.toml", "[workspace]");
        put(&root, ".gitignore", "/out\n*.wav\n");
        put(&root, "gone.rs", "");
        git(&root, &["init", "--quiet"]);
        git(&root, &["add", "--all"]);
        fs::remove_file(root.join("gone.rs")).unwrap();
        put(&root, "new.rs", "");
        put(&root, "sample.wav", "");
        put(&root, "build/debug/x", "");
        let to = root.join("out/tree");
        copy(&root, &root.join("build"), &to).unwrap();
        assert_eq!(all(&to), [".gitignore", "Cargo.toml", "new.rs"]);
        // A tree that git ignores is walked.
        let again = folder.path().join("again");
        copy(&to, &to.join("target"), &again).unwrap();
        assert_eq!(all(&again), all(&to));
    }
}
