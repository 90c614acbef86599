//! One step of a comparison, as words of a file.

use crate::Deed;

/// Bytes of a step in the file.
pub const STEP_BYTES: usize = 24;

/// How many kinds of steps there are.
const KINDS: u32 = 18;

/// One step. Domains and tables are named by small numbers; a number too large counts from the
/// beginning again, so that every list of words is a list of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Makes the domain of a name, if it is free.
    Create {
        /// The name.
        name: u32,
        /// The slot.
        slot: u32,
    },
    /// Destroys a domain.
    Destroy {
        /// The name.
        name: u32,
    },
    /// Adds a partition: page `i` has frame `frame + i * stride`.
    Add {
        /// The name.
        name: u32,
        /// First page of the slot; below it 10 bits, above it the number of pages.
        pages: u32,
        /// Rights in the low byte, tenure above.
        terms: u32,
        /// First frame's number.
        frame: u32,
        /// From one page's frame to the next's.
        stride: u32,
    },
    /// Removes the partition that starts at a page of the slot.
    Remove {
        /// The name.
        name: u32,
        /// The page.
        page: u32,
    },
    /// Shares a partition with another domain.
    Share {
        /// Whose.
        from: u32,
        /// At which page of its slot.
        page: u32,
        /// With whom.
        to: u32,
        /// At which page of that slot.
        at: u32,
        /// With which rights.
        rights: u32,
    },
    /// Switches to a domain.
    Enter {
        /// The name.
        name: u32,
    },
    /// One access by user code.
    Access {
        /// Which.
        deed: Deed,
        /// Where.
        address: u32,
        /// What a store stores.
        value: u32,
    },
    /// Writes any entry into a table that no domain has.
    SetEntry {
        /// The table.
        table: u32,
        /// Which entry.
        index: u32,
        /// The entry.
        pte: u32,
    },
    /// Switches to such tables under some ASID.
    EnterRaw {
        /// Which ASID.
        asid: u32,
        /// The slot.
        slot: u32,
        /// The cached alias' table; the next one is the uncached alias'.
        table: u32,
    },
    /// Drops TLB entries: the bits of [`mmu::Stale`].
    Forget {
        /// The bits.
        stale: u32,
    },
    /// Drops one way at one index.
    DropWay {
        /// The address that selects the index.
        address: u32,
        /// The way.
        way: u32,
    },
    /// Wires way 9.
    Wire {
        /// The address.
        address: u32,
        /// The entry.
        pte: u32,
    },
    /// Asks whether a domain may: 1 or 0.
    May {
        /// The name.
        name: u32,
        /// First address.
        address: u32,
        /// How many bytes.
        bytes: u32,
        /// 0 reading, 1 writing, 2 execution.
        access: u32,
    },
    /// Gives a domain all partitions of another.
    Inherit {
        /// Whose.
        from: u32,
        /// To whom.
        to: u32,
    },
    /// Makes the one thread a member of a domain.
    Join {
        /// The name.
        name: u32,
    },
    /// Takes the thread out of its domain.
    Part,
    /// Whether the rules of domains hold: 1 or 0.
    Sound,
    /// Destroys all domains and fills all frames as at the beginning.
    Restore,
}

impl Step {
    /// The words of a step.
    #[must_use]
    pub const fn to_words(self) -> [u32; 6] {
        match self {
            Step::Create { name, slot } => [0, name, slot, 0, 0, 0],
            Step::Destroy { name } => [1, name, 0, 0, 0, 0],
            Step::Add {
                name,
                pages,
                terms,
                frame,
                stride,
            } => [2, name, pages, terms, frame, stride],
            Step::Remove { name, page } => [3, name, page, 0, 0, 0],
            Step::Share {
                from,
                page,
                to,
                at,
                rights,
            } => [4, from, page, to, at, rights],
            Step::Enter { name } => [5, name, 0, 0, 0, 0],
            Step::Access {
                deed,
                address,
                value,
            } => [6, deed as u32, address, value, 0, 0],
            Step::SetEntry { table, index, pte } => [7, table, index, pte, 0, 0],
            Step::EnterRaw { asid, slot, table } => [8, asid, slot, table, 0, 0],
            Step::Forget { stale } => [9, stale, 0, 0, 0, 0],
            Step::DropWay { address, way } => [10, address, way, 0, 0, 0],
            Step::Wire { address, pte } => [11, address, pte, 0, 0, 0],
            Step::May {
                name,
                address,
                bytes,
                access,
            } => [12, name, address, bytes, access, 0],
            Step::Inherit { from, to } => [13, from, to, 0, 0, 0],
            Step::Join { name } => [14, name, 0, 0, 0, 0],
            Step::Part => [15, 0, 0, 0, 0, 0],
            Step::Sound => [16, 0, 0, 0, 0, 0],
            Step::Restore => [17, 0, 0, 0, 0, 0],
        }
    }

    /// The step of six words.
    #[must_use]
    pub const fn from_words(words: [u32; 6]) -> Step {
        let [kind, a, b, c, d, e] = words;
        match kind % KINDS {
            0 => Step::Create { name: a, slot: b },
            1 => Step::Destroy { name: a },
            2 => Step::Add {
                name: a,
                pages: b,
                terms: c,
                frame: d,
                stride: e,
            },
            3 => Step::Remove { name: a, page: b },
            4 => Step::Share {
                from: a,
                page: b,
                to: c,
                at: d,
                rights: e,
            },
            5 => Step::Enter { name: a },
            6 => Step::Access {
                deed: Deed::ALL[a as usize % Deed::ALL.len()],
                address: b,
                value: c,
            },
            7 => Step::SetEntry {
                table: a,
                index: b,
                pte: c,
            },
            8 => Step::EnterRaw {
                asid: a,
                slot: b,
                table: c,
            },
            9 => Step::Forget { stale: a },
            10 => Step::DropWay { address: a, way: b },
            11 => Step::Wire { address: a, pte: b },
            12 => Step::May {
                name: a,
                address: b,
                bytes: c,
                access: d,
            },
            13 => Step::Inherit { from: a, to: b },
            14 => Step::Join { name: a },
            15 => Step::Part,
            16 => Step::Sound,
            _ => Step::Restore,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_comes_back() {
        for kind in 0..KINDS {
            let words = [kind, 3, 5, 7, 11, 13];
            let step = Step::from_words(words);
            assert_eq!(Step::from_words(step.to_words()), step);
            assert_eq!(step.to_words()[0], kind);
        }
    }
}
