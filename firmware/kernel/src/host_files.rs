//! Files of the host, as the simulator gives them to the kernel. Only the kernel's own buffers
//! ever go through here, never an address of a module.

/// A file of the host, opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileHandle(pub u32);

/// The host's files.
pub trait HostFiles {
    /// Opens a file to read.
    fn open(&mut self, name: &str) -> Option<FileHandle>;

    /// Makes a file to write.
    fn create(&mut self, name: &str) -> Option<FileHandle>;

    /// Reads from an offset; returns how many bytes there were.
    fn read_at(&mut self, file: FileHandle, offset: u32, into: &mut [u8]) -> usize;

    /// Appends. Whether all bytes were taken.
    fn write(&mut self, file: FileHandle, from: &[u8]) -> bool;

    /// Reads a whole file into memory that no module can be given, once for each place. `None`
    /// where the place had its file already, or the file does not fit.
    fn stage(&mut self, file: FileHandle, place: usize) -> Option<&'static [u8]>;
}
