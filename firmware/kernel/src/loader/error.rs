//! What can be wrong with a module file, by field and value.

use abi::EntryPoint;
use thiserror_no_std::Error;

use crate::report::words::in_words;

/// A part of a file that says where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilePart {
    /// The header at its start.
    ElfHeader,
    /// All program headers.
    ProgramHeaders,
    /// What is loaded.
    Segment,
    /// What a module says of itself.
    ModuleHeader,
    /// What says where the relocations are.
    Dynamic,
    /// All relocations.
    Relocations,
}

impl FilePart {
    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            FilePart::ElfHeader => "the ELF header",
            FilePart::ProgramHeaders => "the program header table",
            FilePart::Segment => "a loadable segment",
            FilePart::ModuleHeader => "the module header",
            FilePart::Dynamic => "the dynamic section",
            FilePart::Relocations => "the relocation table",
        }
    }
}

in_words!(FilePart {
    1 = ElfHeader,
    2 = ProgramHeaders,
    3 = Segment,
    4 = ModuleHeader,
    5 = Dynamic,
    6 = Relocations,
});

/// An entry of the dynamic section that the loader reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DynamicField {
    /// Where the relocations are.
    Rela,
    /// Bytes of them.
    RelaBytes,
    /// Bytes of each.
    RelaEntry,
    /// Bytes of relocations of calls.
    PltRelaBytes,
    /// Where they are.
    PltRela,
    /// Where the symbols are.
    Symbols,
    /// Bytes of each.
    SymbolEntry,
}

impl DynamicField {
    /// Its tag, as the ELF standard spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            DynamicField::Rela => "DT_RELA",
            DynamicField::RelaBytes => "DT_RELASZ",
            DynamicField::RelaEntry => "DT_RELAENT",
            DynamicField::PltRelaBytes => "DT_PLTRELSZ",
            DynamicField::PltRela => "DT_JMPREL",
            DynamicField::Symbols => "DT_SYMTAB",
            DynamicField::SymbolEntry => "DT_SYMENT",
        }
    }
}

in_words!(DynamicField {
    1 = Rela,
    2 = RelaBytes,
    3 = RelaEntry,
    4 = PltRelaBytes,
    5 = PltRela,
    6 = Symbols,
    7 = SymbolEntry,
});

/// Why a module file is refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum LoadError {
    /// No ELF file header.
    #[error("it is no ELF file, or shorter than an ELF header")]
    NotElf,
    /// Not 32-bit little-endian.
    #[error("its ELF class is not 32-bit little-endian")]
    Class,
    /// Another machine.
    #[error("e_machine is {0}, not 94 (Xtensa)")]
    Machine(u16),
    /// Not a shared object.
    #[error("e_type is {0}, not 3 (shared object); link it with -shared")]
    Type(u16),
    /// A table or segment runs past the end of the file.
    #[error("{} runs past the end of the file", what.name())]
    Truncated {
        /// Which.
        what: FilePart,
    },
    /// Program headers of another size.
    #[error("e_phentsize is {said}, {right} is right")]
    ProgramHeaderBytes {
        /// What it says.
        said: u16,
        /// What is right.
        right: u16,
    },
    /// Nothing to load.
    #[error("it has no loadable segment")]
    NoSegments,
    /// Too many segments.
    #[error("it has more than {0} loadable segments")]
    TooManySegments(usize),
    /// Writable and executable.
    #[error("the segment at {address:#x} is writable and executable (p_flags {flags:#x})")]
    WritableText {
        /// p_vaddr.
        address: u32,
        /// p_flags.
        flags: u32,
    },
    /// More bytes in the file than in memory.
    #[error("the segment at {address:#x} has p_filesz {file} above p_memsz {memory}")]
    Sizes {
        /// p_vaddr.
        address: u32,
        /// p_filesz.
        file: u32,
        /// p_memsz.
        memory: u32,
    },
    /// Wraps the address space.
    #[error("the segment at {address:#x} with p_memsz {bytes:#x} wraps the address space")]
    SegmentWraps {
        /// p_vaddr.
        address: u32,
        /// p_memsz.
        bytes: u32,
    },
    /// Two segments share a page.
    #[error("the segments at {0:#x} and {1:#x} overlap or share a page")]
    Overlap(u32, u32),
    /// More memory than a module can have.
    #[error("it wants {wanted} pages of memory, {allowed} are allowed")]
    TooLarge {
        /// Pages wanted.
        wanted: u32,
        /// Pages allowed.
        allowed: u32,
    },
    /// No module header.
    #[error(
        "it has no module header (a program header of type {:#x})",
        abi::HEADER_SEGMENT
    )]
    NoHeader,
    /// The header does not begin as it must.
    #[error("the module header begins with {0:#010x}, not with \"BHM1\"")]
    HeaderMagic(u32),
    /// Another ABI.
    #[error("it is built for module ABI {0}, this kernel has {}", abi::ABI_VERSION)]
    Abi(u32),
    /// Another size of header.
    #[error("its module header says {said} bytes, {right} are right")]
    HeaderBytes {
        /// What it says.
        said: u32,
        /// What is right.
        right: u32,
    },
    /// A name that is no text.
    #[error("its name is empty or not UTF-8")]
    Name,
    /// No stack.
    #[error("it asks for a stack of {0} bytes; at least 1024 are needed")]
    Stack(u32),
    /// The start stub is not in text.
    #[error("its start address {0:#x} is outside its text")]
    Start(u32),
    /// An entry point is not in text.
    #[error("its entry point {} at {address:#x} is outside its text", entry.name())]
    Entry {
        /// Which.
        entry: EntryPoint,
        /// Where it is said to be.
        address: u32,
    },
    /// The dynamic section contradicts itself.
    #[error("its dynamic section has {} = {value:#x}, which is invalid", field.name())]
    Dynamic {
        /// Which entry.
        field: DynamicField,
        /// Its value.
        value: u32,
    },
    /// A relocation outside the segments.
    #[error("relocation {index} is at {address:#x}, outside its own memory")]
    RelocationOutside {
        /// Which, from 0.
        index: u32,
        /// r_offset.
        address: u32,
    },
    /// A relocation that would change text.
    #[error("relocation {index} at {address:#x} lies in text, which is never changed")]
    RelocationInText {
        /// Which, from 0.
        index: u32,
        /// r_offset.
        address: u32,
    },
    /// A relocation that adds more than the load bias.
    #[error("relocation {index} at {address:#x} has addend {addend:#x}; only 0 is known")]
    RelocationAddend {
        /// Which, from 0.
        index: u32,
        /// r_offset.
        address: u32,
        /// Its addend.
        addend: u32,
    },
    /// A relocation of another type.
    #[error(
        "relocation {index} at {address:#x} has type {kind}; R_XTENSA_RELATIVE, _32, _GLOB_DAT and _JMP_SLOT are known"
    )]
    RelocationType {
        /// Which, from 0.
        index: u32,
        /// r_offset.
        address: u32,
        /// Its type.
        kind: u32,
    },
    /// A symbol that the module does not have.
    #[error(
        "relocation {index} names symbol {symbol}, which the module itself does not define; nothing can be imported"
    )]
    RelocationSymbol {
        /// Which, from 0.
        index: u32,
        /// The symbol's number.
        symbol: u32,
    },
}

in_words!(LoadError {
    1 = NotElf,
    2 = Class,
    3 = Machine(machine),
    4 = Type(kind),
    5 = Truncated { what },
    6 = ProgramHeaderBytes { said, right },
    7 = NoSegments,
    8 = TooManySegments(most),
    9 = WritableText { address, flags },
    10 = Sizes { address, file, memory },
    11 = SegmentWraps { address, bytes },
    12 = Overlap(first, second),
    13 = TooLarge { wanted, allowed },
    14 = NoHeader,
    15 = HeaderMagic(magic),
    16 = Abi(version),
    17 = HeaderBytes { said, right },
    18 = Name,
    19 = Stack(bytes),
    20 = Start(address),
    21 = Entry { entry, address },
    22 = Dynamic { field, value },
    23 = RelocationOutside { index, address },
    24 = RelocationInText { index, address },
    25 = RelocationAddend { index, address, addend },
    26 = RelocationType { index, address, kind },
    27 = RelocationSymbol { index, symbol },
});
