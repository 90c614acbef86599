//! Writing files whole or not at all.

use std::io::Write;
use std::path::Path;

use crate::error::Failure;

/// Reads a text file.
pub fn read_text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(Failure::file("read", path))
}

/// Creates a folder and those above it.
pub fn create_folder(path: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(path).map_err(Failure::file("create", path))
}

/// Writes a file by way of a temporary name, so that nobody ever sees half of it.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    create_folder(folder)?;
    let attempt = || {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        set_plain_mode(&file)?;
        file.persist(path).map_err(|error| error.error)
    };
    attempt().map(drop).map_err(Failure::file("write", path))
}

/// Writes a file where its content differs, so that its time tells when it last changed.
pub fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if std::fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    write(path, bytes)
}

/// Moves a finished file to its place, across file systems if it must be.
pub fn publish(from: &Path, to: &Path) -> Result<(), Failure> {
    create_folder(to.parent().unwrap_or(Path::new(".")))?;
    if std::fs::rename(from, to).is_ok() {
        return Ok(());
    }
    write(
        to,
        &std::fs::read(from).map_err(Failure::file("read", from))?,
    )
}

/// Temporary files are private; what is kept has the rights of an ordinary file.
fn set_plain_mode(file: &tempfile::NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file()
        .set_permissions(std::fs::Permissions::from_mode(0o644))
}
