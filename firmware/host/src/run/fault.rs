//! A fault of the kernel itself: what it said last, and where that is in its source.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;

use addr2line::gimli::{Dwarf, EndianSlice, Error, LittleEndian};
use addr2line::{Context, Frame, demangle_auto};
use object::{Object, ObjectSection};

/// `EXCCAUSE` of an illegal instruction, which is what a panic of the kernel ends in.
const ILLEGAL_INSTRUCTION: u32 = 0;
/// Where the standard library has its own functions; what called them is of interest.
const LIBRARY: &str = "/library/core/";

/// The registers of the fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    cause: u32,
    pc: u32,
    address: u32,
    depc: u32,
}

impl Fault {
    /// Reads the kernel's last line.
    pub fn read(line: &str) -> Option<Fault> {
        let mut words = line
            .strip_prefix("kernel fault:")?
            .split_ascii_whitespace()
            .map(|word| u32::from_str_radix(word.strip_prefix("0x")?, 16).ok());
        let mut next = || words.next().flatten();
        Some(Fault {
            cause: next()?,
            pc: next()?,
            address: next()?,
            depc: next()?,
        })
    }

    /// The fault as a sentence, with its place in the kernel image.
    pub fn sentence(&self, kernel: &Path) -> String {
        let image = std::fs::read(kernel).unwrap_or_default();
        match place(&image, self.pc.into()) {
            Some(place) if self.cause == ILLEGAL_INSTRUCTION => {
                format!("the kernel panicked: {self}, in {place}")
            }
            Some(place) => format!("the kernel itself faulted: {self}, in {place}"),
            None => format!("the kernel itself faulted: {self}"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fault {
            cause,
            pc,
            address,
            depc,
        } = self;
        write!(
            f,
            "kernel fault: cause {cause}, pc {pc:#010x}, address {address:#010x}, depc {depc:#010x}"
        )
    }
}

/// The function of an instruction, and its file and line where it has any: hand-written code has
/// only a name.
fn place(image: &[u8], pc: u64) -> Option<String> {
    let elf = object::File::parse(image).ok()?;
    let from_lines = source_line(&elf, pc).unwrap_or_default();
    from_lines.or_else(|| {
        let symbols = elf.symbol_map();
        let name = symbols.get(pc)?.name();
        Some(format!("`{}`", demangle_auto(Cow::Borrowed(name), None)))
    })
}

fn source_line(elf: &object::File<'_>, pc: u64) -> Result<Option<String>, Error> {
    let dwarf = Dwarf::load(|id| {
        let section = elf.section_by_name(id.name());
        let bytes = section.and_then(|section| section.data().ok());
        Ok::<_, Error>(EndianSlice::new(bytes.unwrap_or_default(), LittleEndian))
    })?;
    let context = Context::from_dwarf(dwarf)?;
    let mut frames = context.find_frames(pc).skip_all_loads()?;
    let mut place = None;
    // From the innermost on: a function of the library says less than what called it.
    while let Some(frame) = frames.next()? {
        let is_library = frame
            .location
            .as_ref()
            .and_then(|location| location.file)
            .is_some_and(|file| file.contains(LIBRARY));
        place = described(&frame).or(place);
        if !is_library {
            break;
        }
    }
    Ok(place)
}

fn described(frame: &Frame<'_, EndianSlice<'_, LittleEndian>>) -> Option<String> {
    let function = frame.function.as_ref()?.demangle().ok()?;
    let location = frame.location.as_ref()?;
    let line = location.line?;
    Some(format!("`{function}` ({}:{line})", location.file?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_last_line_becomes_a_sentence() {
        let fault =
            Fault::read("kernel fault: 0x0000001c 0x00101234 0x00000004 0x00000000").unwrap();
        assert_eq!(
            fault.sentence(Path::new("/absent")),
            "the kernel itself faulted: kernel fault: cause 28, pc 0x00101234, \
             address 0x00000004, depc 0x00000000"
        );
        for line in [
            "",
            "kernel fault:",
            "kernel fault: 0x1 0x2 0x3",
            "0x1 0x2 0x3 0x4",
        ] {
            assert_eq!(Fault::read(line), None, "{line}");
        }
    }

    #[test]
    fn a_place_is_named_by_function_and_line() {
        let this = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let elf = object::File::parse(&*this).unwrap();
        let map = elf.symbol_map();
        let is_this = |symbol: &&object::SymbolMapName<'_>| {
            symbol
                .name()
                .contains("a_place_is_named_by_function_and_line")
        };
        let here = map.symbols().iter().find(is_this).unwrap().address();
        let place = place(&this, here).unwrap();
        assert!(place.contains("a_place_is_named"), "{place}");
        assert_eq!(super::place(b"no image", here), None);
    }
}
