//! Module files as the kernel's own loader sees them.

use std::path::Path;

use abi::ModuleHeader;
use kernel::config::MODULE_PAGES;
use kernel::estate::Estate;
use kernel::loader::Image;

use crate::error::Failure;
use crate::report::known::Known;
use crate::report::story::version;
use crate::report::table::printable;

/// A file that the kernel will load.
#[derive(Clone, Debug)]
pub struct ModuleFile {
    /// All of it.
    pub bytes: Vec<u8>,
    /// What it says of itself.
    pub header: ModuleHeader,
    /// What it would be given.
    pub estate: Estate,
}

impl ModuleFile {
    /// Reads a file and has the kernel's loader check it.
    pub fn read(path: &Path) -> Result<ModuleFile, Failure> {
        let bytes = std::fs::read(path).map_err(Failure::file("read", path))?;
        let refused = |reason: String| Failure::BadModule {
            path: path.to_owned(),
            reason,
        };
        let (header, estate) = {
            let image = parse(&bytes).map_err(refused)?;
            let estate = plan(&image).map_err(refused)?;
            (*image.header(), estate)
        };
        Ok(ModuleFile {
            bytes,
            header,
            estate,
        })
    }

    /// The module's name.
    pub fn name(&self) -> String {
        printable(self.header.name().unwrap_or_default())
    }

    /// Name and version.
    pub fn title(&self) -> String {
        format!("{} {}", self.name(), version(self.header.version))
    }

    /// Which of this repository's modules it is.
    pub fn known(&self) -> Option<Known> {
        Known::find(&self.header.uuid, &self.name())
    }
}

/// Checks a file's fields.
pub fn parse(bytes: &[u8]) -> Result<Image<'_>, String> {
    Image::parse(bytes, MODULE_PAGES).map_err(|error| error.to_string())
}

/// Lays a module out as the kernel does.
pub fn plan(image: &Image<'_>) -> Result<Estate, String> {
    Estate::plan(image, MODULE_PAGES).map_err(|error| error.to_string())
}
