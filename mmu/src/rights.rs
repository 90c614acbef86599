//! What a user may do with a page, and through which kind of memory it goes.

use core::fmt;

bitflags::bitflags! {
    /// Rights of a user to a page; the first two stand as in an entry's attribute. The MMU knows no page that can be executed or written but not
    /// read, so reading comes with every valid entry.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct Rights: u8 {
        /// Instruction fetches.
        const EXECUTE = 1 << 0;
        /// Stores.
        const WRITE = 1 << 1;
        /// Loads.
        const READ = 1 << 2;
    }
}

impl Rights {
    /// Rights of text.
    pub const TEXT: Rights = Rights::READ.union(Rights::EXECUTE);
    /// Rights of data, stack and region.
    pub const DATA: Rights = Rights::READ.union(Rights::WRITE);

    /// Whether a page may carry these rights: readable, and never both writable and executable.
    #[must_use]
    pub const fn is_lawful(self) -> bool {
        let beyond_read = (self.bits() as u32).wrapping_sub(Rights::READ.bits() as u32);
        beyond_read < Rights::WRITE.union(Rights::EXECUTE).bits() as u32
    }
}

impl fmt::Display for Rights {
    /// As `r-x`, `rw-` and the like.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters = [
            (Rights::READ, "r"),
            (Rights::WRITE, "w"),
            (Rights::EXECUTE, "x"),
        ];
        letters.into_iter().try_for_each(|(right, letter)| {
            f.write_str(if self.contains(right) { letter } else { "-" })
        })
    }
}

/// One kind of access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// A load.
    Read,
    /// A store.
    Write,
    /// An instruction fetch.
    Execute,
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Access::Read => "reading",
            Access::Write => "writing",
            Access::Execute => "execution",
        })
    }
}

impl Access {
    /// The right that this access needs.
    #[must_use]
    pub const fn needs(self) -> Rights {
        match self {
            Access::Read => Rights::READ,
            Access::Write => Rights::WRITE,
            Access::Execute => Rights::EXECUTE,
        }
    }
}

/// How accesses to a page go through the data cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CacheMode {
    /// Write-back.
    WriteBack,
    /// Past the cache.
    Bypass,
}
