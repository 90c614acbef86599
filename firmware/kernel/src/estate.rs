//! Where the parts of a module lie in its slot.

use abi::ModuleHeader;
use heapless::Vec;
use mmu::{PAGE_BYTES, PageCount, Rights};
use thiserror_no_std::Error;

use crate::config::FIRST_BUFFER_PAGE;
use crate::loader::Image;
use crate::report::words::in_words;

/// What a part is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// Instructions.
    Text = 0,
    /// Constants and literals.
    ReadOnly = 1,
    /// Initialised and zero data.
    Data = 2,
    /// The thread's stack.
    Stack = 3,
    /// What the module allocates from.
    Region = 4,
    /// Audio to read: a buffer's, not a part.
    Input = 5,
    /// Audio to write: likewise.
    Output = 6,
    /// Through which it is configured.
    Message = 7,
}

impl Purpose {
    /// Every purpose, in the order of its number.
    pub const ALL: [Purpose; 8] = [
        Purpose::Text,
        Purpose::ReadOnly,
        Purpose::Data,
        Purpose::Stack,
        Purpose::Region,
        Purpose::Input,
        Purpose::Output,
        Purpose::Message,
    ];

    /// In a word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Purpose::Text => "text",
            Purpose::ReadOnly => "rodata",
            Purpose::Data => "data",
            Purpose::Stack => "stack",
            Purpose::Region => "region",
            Purpose::Input => "input",
            Purpose::Output => "output",
            Purpose::Message => "message",
        }
    }

    const fn of_segment(rights: Rights) -> Purpose {
        if rights.contains(Rights::EXECUTE) {
            Purpose::Text
        } else if rights.contains(Rights::WRITE) {
            Purpose::Data
        } else {
            Purpose::ReadOnly
        }
    }
}

/// Pages of a slot with one purpose. Pages between parts are guards: no frame backs them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// What for.
    pub purpose: Purpose,
    /// What the module may do with it.
    pub rights: Rights,
    /// First page, counted from the slot's first.
    pub first: u32,
    /// How many.
    pub pages: PageCount,
}

impl Part {
    /// Whether all instances of a module have it together: nobody can write it.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        !self.rights.contains(Rights::WRITE)
    }

    /// Offset of its first byte in the slot.
    #[must_use]
    pub const fn offset(&self) -> u32 {
        self.first * PAGE_BYTES
    }

    /// Offset of the first byte behind it.
    #[must_use]
    pub const fn end_offset(&self) -> u32 {
        (self.first + self.pages.0) * PAGE_BYTES
    }
}

/// Parts that a module can have: four segments and what it is given besides.
pub const MAX_PARTS: usize = 8;

/// The whole layout of a module in its slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estate {
    parts: Vec<Part, MAX_PARTS>,
    /// What to add to an address as linked, to have an offset in the slot.
    bias: u32,
}

/// Why a module has no place.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum EstateError {
    /// More than the quota.
    #[error("it wants {wanted} pages in all, its quota is {quota}")]
    OverQuota {
        /// Pages wanted: segments, stack, region, message page.
        wanted: u32,
        /// Pages allowed.
        quota: u32,
    },
}

in_words!(EstateError {
    1 = OverQuota { wanted, quota },
});

/// Pages of a region that whoever asks for an instance wants, in place of what the module's header says;
/// none at all for that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegionPages {
    /// For lifetime allocations.
    pub lifetime: u16,
    /// For interim allocations.
    pub interim: u16,
}

impl RegionPages {
    /// Writes them over what a header says, if they are wanted. Whether they are.
    pub(crate) fn apply(self, header: &mut ModuleHeader) -> bool {
        let is_wanted = self != RegionPages::default();
        if is_wanted {
            header.lifetime_bytes = u32::from(self.lifetime) * PAGE_BYTES;
            header.interim_bytes = u32::from(self.interim) * PAGE_BYTES;
        }
        is_wanted
    }
}

impl Estate {
    /// Lays a module out: a guard page, the image, and behind a guard page each, stack, region
    /// and message page.
    ///
    /// # Errors
    /// Where it is more than `quota` pages or does not fit below the buffers.
    pub fn plan(image: &Image<'_>, quota: PageCount) -> Result<Estate, EstateError> {
        Estate::plan_for(image, image.header(), quota)
    }

    /// The same with the sizes of another header.
    ///
    /// # Errors
    /// As of [`Self::plan`].
    pub(crate) fn plan_for(
        image: &Image<'_>,
        header: &ModuleHeader,
        quota: PageCount,
    ) -> Result<Estate, EstateError> {
        let mut parts = Vec::new();
        let mut wanted = 0u64;
        let image_page = 1;
        let mut next = u64::from(image_page) + u64::from(image.span().0) + 1;
        for segment in image.segments() {
            let first = segment.first_page() - image.first_page() + image_page;
            wanted += u64::from(segment.pages().0);
            // `MAX_PARTS` has room for all segments that a loader takes, and the rest.
            let _ = parts.push(Part {
                purpose: Purpose::of_segment(segment.rights),
                rights: segment.rights,
                first,
                pages: segment.pages(),
            });
        }
        for (purpose, rights, bytes) in [
            (Purpose::Stack, Rights::DATA, u64::from(header.stack_bytes)),
            (Purpose::Region, Rights::DATA, region_bytes(header)),
            (
                Purpose::Message,
                Rights::DATA,
                u64::from(abi::MESSAGE_PAGE_BYTES),
            ),
        ] {
            let pages = bytes.div_ceil(u64::from(PAGE_BYTES)).max(1);
            wanted += pages;
            if wanted <= u64::from(quota.0) {
                let part = Part {
                    purpose,
                    rights,
                    first: next as u32,
                    pages: PageCount(pages as u32),
                };
                let _ = parts.push(part);
            }
            next += pages + 1;
        }
        if wanted > u64::from(quota.0) || next > u64::from(FIRST_BUFFER_PAGE) {
            let wanted = u32::try_from(wanted).unwrap_or(u32::MAX);
            return Err(EstateError::OverQuota {
                wanted,
                quota: quota.0,
            });
        }
        let bias = (image_page.wrapping_sub(image.first_page())).wrapping_mul(PAGE_BYTES);
        Ok(Estate { parts, bias })
    }

    /// All parts, by address.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The first part of a purpose.
    #[must_use]
    pub fn part(&self, purpose: Purpose) -> Option<&Part> {
        self.parts.iter().find(|part| part.purpose == purpose)
    }

    /// Pages that need a frame.
    #[must_use]
    pub fn pages(&self) -> PageCount {
        PageCount(self.parts.iter().map(|part| part.pages.0).sum())
    }

    /// The offset in the slot of an address as linked.
    #[must_use]
    pub const fn offset_of_linked(&self, linked: u32) -> u32 {
        linked.wrapping_add(self.bias)
    }
}

fn region_bytes(header: &ModuleHeader) -> u64 {
    u64::from(header.lifetime_bytes) + u64::from(header.interim_bytes)
}
