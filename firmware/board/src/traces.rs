//! Records that a module leaves as it runs, with the time of each, where the entry code puts them.

/// Records that a module can leave before the kernel takes them away.
pub const TRACES: usize = 32;

/// A record that was left, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Traced {
    /// What the module wrote.
    pub words: [u32; 4],
    /// The cycle counter then.
    pub cycles: u32,
    /// Nothing.
    pub reserved: [u32; 3],
}

/// The records of one module, in kernel memory. The entry code appends to it as [`Self::append`]
/// does, so its layout is fixed: a count, and from [`TraceRing::FIRST`] bytes on the records, each
/// of `1 << TraceRing::SHIFT` bytes.
#[derive(Debug)]
#[repr(C, align(32))]
pub struct TraceRing {
    count: u32,
    records: [Traced; TRACES],
}

impl Default for TraceRing {
    fn default() -> Self {
        Self::new()
    }
}

impl TraceRing {
    /// Where the first record lies in the ring.
    pub const FIRST: u32 = core::mem::offset_of!(TraceRing, records) as u32;
    /// Where the cycles lie in a record.
    pub const CYCLES: u32 = core::mem::offset_of!(Traced, cycles) as u32;
    /// The binary logarithm of a record's size.
    pub const SHIFT: u32 = size_of::<Traced>().trailing_zeros();

    /// Empty.
    #[must_use]
    pub const fn new() -> TraceRing {
        TraceRing {
            count: 0,
            records: [Traced {
                words: [0; 4],
                cycles: 0,
                reserved: [0; 3],
            }; TRACES],
        }
    }

    /// The kernel's address of the ring, for the entry code.
    #[must_use]
    pub fn address(&self) -> u32 {
        core::ptr::from_ref(self).addr() as u32
    }

    /// Whether no record can be appended.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.count as usize >= TRACES
    }

    /// Appends a record; whether there was room.
    pub fn append(&mut self, words: [u32; 4], cycles: u32) -> bool {
        let Some(place) = self.records.get_mut(self.count as usize) else {
            return false;
        };
        *place = Traced {
            words,
            cycles,
            reserved: [0; 3],
        };
        self.count += 1;
        true
    }

    /// The records since the last time this was asked, oldest first.
    pub fn take(&mut self) -> &[Traced] {
        let count = core::mem::take(&mut self.count) as usize;
        &self.records[..count.min(TRACES)]
    }
}

const _: () = assert!(
    size_of::<Traced>().is_power_of_two() && TraceRing::FIRST.is_multiple_of(4),
    "the entry code shifts and stores words"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_ring_takes_nothing_until_it_is_emptied() {
        let mut ring = TraceRing::new();
        for number in 0..TRACES as u32 {
            assert!(!ring.is_full());
            assert!(ring.append([number; 4], number + 100));
        }
        assert!(ring.is_full());
        assert!(!ring.append([99; 4], 0));
        let taken: std::vec::Vec<_> = ring.take().to_vec();
        assert_eq!(taken.len(), TRACES);
        assert_eq!(taken[31].words, [31; 4]);
        assert_eq!(taken[31].cycles, 131);
        assert!(ring.take().is_empty());
        assert!(ring.append([1; 4], 1));
        assert_eq!(ring.take().len(), 1);
    }
}
