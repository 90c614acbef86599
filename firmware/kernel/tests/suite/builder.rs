//! Builds module files by hand, so that every field can be wrong.

use abi::{ABI_VERSION, HEADER_MAGIC, HEADER_SEGMENT, ModuleHeader};
use zerocopy::IntoBytes;

pub const LOAD: u32 = 1;
pub const DYNAMIC: u32 = 2;
pub const EXECUTE: u32 = 1;
pub const WRITE: u32 = 2;
pub const READ: u32 = 4;

/// Bytes of an ELF header and of a program header.
pub const FILE_HEADER: usize = 52;
pub const PROGRAM_HEADER: usize = 32;
const HEADER: u32 = size_of::<ModuleHeader>() as u32;

/// Addresses as linked. Text has two pages, data too: one of the file and one of zeros.
pub const TEXT: u32 = 0x1000;
pub const TEXT_BYTES: u32 = 0x1234;
pub const CONSTANTS: u32 = 0x4010;
pub const DATA: u32 = 0x6000;
pub const DATA_BYTES: u32 = 0x100;
pub const DATA_MEMORY: u32 = 0x1800;
/// Where the tables stand in the constants.
pub const DYNAMIC_TABLE: u32 = CONSTANTS + HEADER;
pub const RELOCATIONS: u32 = DYNAMIC_TABLE + 5 * 8;
/// A word of data, and one of the constants, that are relocated.
pub const DATA_WORD: u32 = DATA + 8;
pub const START_WORD: u32 = CONSTANTS + std::mem::offset_of!(ModuleHeader, start) as u32;

#[derive(Clone, Debug)]
pub struct Segment {
    pub kind: u32,
    pub address: u32,
    pub flags: u32,
    pub bytes: Vec<u8>,
    pub memory: u32,
}

/// A file in parts.
#[derive(Clone, Debug)]
pub struct File {
    pub header: ModuleHeader,
    /// Tag and value.
    pub dynamic: Vec<(u32, u32)>,
    /// Place, type and addend.
    pub relocations: Vec<[u32; 3]>,
    /// Loadable segments beside the constants, which hold the tables.
    pub text: Segment,
    pub data: Segment,
    pub more: Vec<Segment>,
    pub constants_flags: u32,
}

impl File {
    /// A file without a fault.
    pub fn sound() -> File {
        let mut name = [0; 32];
        name[..5].copy_from_slice(b"sound");
        let relocations = vec![
            [START_WORD, 5, 0],
            [START_WORD + 4, 5, 0],
            [DATA_WORD, 5, 0],
            [0, 0, 0],
        ];
        File {
            header: ModuleHeader {
                magic: HEADER_MAGIC,
                abi: ABI_VERSION,
                bytes: HEADER,
                version: 0x0001_0002,
                uuid: [7; 16],
                name,
                stack_bytes: 5000,
                lifetime_bytes: 4096,
                interim_bytes: 6000,
                start: TEXT,
                entry: [
                    TEXT + 3,
                    TEXT + 6,
                    TEXT + 9,
                    TEXT + 12,
                    TEXT + TEXT_BYTES - 3,
                    0,
                    0,
                    0,
                    0,
                    TEXT + 15,
                ],
            },
            dynamic: vec![
                (7, RELOCATIONS),
                (8, 12 * relocations.len() as u32),
                (9, 12),
                (2, 0),
                (0, 0),
            ],
            relocations,
            text: Segment {
                kind: LOAD,
                address: TEXT,
                flags: READ | EXECUTE,
                bytes: (0..TEXT_BYTES).map(|at| (at % 251) as u8 + 1).collect(),
                memory: TEXT_BYTES,
            },
            data: Segment {
                kind: LOAD,
                address: DATA,
                flags: READ | WRITE,
                bytes: (0..DATA_BYTES).map(|at| at as u8 | 1).collect(),
                memory: DATA_MEMORY,
            },
            more: Vec::new(),
            constants_flags: READ,
        }
    }

    /// The constants: module header, dynamic section, relocations.
    fn constants(&self) -> Vec<u8> {
        let mut bytes = self.header.as_bytes().to_vec();
        let words = self.dynamic.iter().flat_map(|(tag, value)| [*tag, *value]);
        words.for_each(|word| bytes.extend(word.to_le_bytes()));
        for [place, kind, addend] in &self.relocations {
            for word in [*place, *kind, *addend] {
                bytes.extend(word.to_le_bytes());
            }
        }
        bytes
    }

    /// The bytes of the file: headers, then text, constants, the others and data, in this order.
    pub fn bytes(&self) -> Vec<u8> {
        let constants = self.constants();
        let part = |kind, address, from: u32, to: u32| Segment {
            kind,
            address,
            flags: READ,
            bytes: constants[from as usize..to as usize].to_vec(),
            memory: to - from,
        };
        let tables = HEADER + 8 * self.dynamic.len() as u32;
        let mut segments = vec![
            self.text.clone(),
            Segment {
                flags: self.constants_flags,
                ..part(LOAD, CONSTANTS, 0, constants.len() as u32)
            },
        ];
        segments.extend(self.more.iter().cloned());
        segments.push(self.data.clone());
        segments.push(part(DYNAMIC, DYNAMIC_TABLE, HEADER, tables));
        segments.push(part(HEADER_SEGMENT, CONSTANTS, 0, HEADER));

        let mut bytes = file_header(segments.len() as u16);
        let mut offset = (FILE_HEADER + PROGRAM_HEADER * segments.len()) as u32;
        let constants_at = offset + self.text.bytes.len() as u32;
        let mut body = Vec::<u8>::new();
        for segment in &segments {
            // The last two lie inside the constants.
            let inside = segment.kind != LOAD;
            let at = if inside {
                constants_at + segment.address - CONSTANTS
            } else {
                offset
            };
            for word in [
                segment.kind,
                at,
                segment.address,
                segment.address,
                segment.bytes.len() as u32,
                segment.memory,
                segment.flags,
                0x1000,
            ] {
                bytes.extend(word.to_le_bytes());
            }
            if !inside {
                body.extend(&segment.bytes);
                offset += segment.bytes.len() as u32;
            }
        }
        bytes.extend(body);
        bytes
    }

    /// Where the constants begin in the file.
    pub fn constants_offset(&self) -> usize {
        let headers = 5 + self.more.len();
        FILE_HEADER + PROGRAM_HEADER * headers + self.text.bytes.len()
    }
}

fn file_header(program_headers: u16) -> Vec<u8> {
    let mut bytes = b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    for half in [3u16, 94] {
        bytes.extend(half.to_le_bytes());
    }
    for word in [1u32, 0, FILE_HEADER as u32, 0, 0] {
        bytes.extend(word.to_le_bytes());
    }
    let halves = [
        FILE_HEADER as u16,
        PROGRAM_HEADER as u16,
        program_headers,
        40,
        0,
        0,
    ];
    for half in halves {
        bytes.extend(half.to_le_bytes());
    }
    bytes
}

/// The file with one word of it changed.
pub fn with_word(mut bytes: Vec<u8>, at: usize, word: u32) -> Vec<u8> {
    bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
    bytes
}

/// The file with one half word of it changed.
pub fn with_half(mut bytes: Vec<u8>, at: usize, half: u16) -> Vec<u8> {
    bytes[at..at + 2].copy_from_slice(&half.to_le_bytes());
    bytes
}

/// Where a field of a program header stands: 0 type, 1 offset, 2 address, 4 file bytes, 5 memory
/// bytes, 6 flags.
pub const fn program_field(header: usize, field: usize) -> usize {
    FILE_HEADER + header * PROGRAM_HEADER + field * 4
}
