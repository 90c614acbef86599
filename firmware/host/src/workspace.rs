//! Where this project's own sources and build folder are.

use std::path::{Path, PathBuf};

use crate::error::Failure;

/// A checkout of this repository.
#[derive(Clone, Debug)]
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The checkout that the working directory is in, or else the one this program was built from.
    pub fn find() -> Result<Workspace, Failure> {
        let from = std::env::current_dir().map_err(Failure::file("find", Path::new(".")))?;
        let built_from = Path::new(env!("CARGO_MANIFEST_DIR"));
        from.ancestors()
            .chain(built_from.ancestors())
            .find(|folder| is_root(folder))
            .map(|folder| Workspace {
                root: folder.to_owned(),
            })
            .ok_or(Failure::NoWorkspace { from: from.clone() })
    }

    /// The top folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The room of that name in `firmware`.
    pub fn firmware(&self, room: &str) -> PathBuf {
        self.root.join("firmware").join(room)
    }

    /// Where everything that is built for the target goes.
    pub fn build_folder(&self) -> PathBuf {
        self.root.join("target/firmware")
    }
}

fn is_root(folder: &Path) -> bool {
    folder.join("Cargo.lock").is_file()
        && ["host", "kernel", "sdk"].iter().all(|room| {
            folder
                .join("firmware")
                .join(room)
                .join("Cargo.toml")
                .is_file()
        })
}
