//! Address-space numbers: which of the 256 belong to a domain now.

use thiserror_no_std::Error;

/// The number that ring 2 carries in RASID while a domain runs; the TLB tags its entries with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Asid(u8);

/// Ring 0 always has this one; the hardware forces it.
const KERNEL: u8 = 1;
/// Rings 1 and 3 have fixed numbers; the four in RASID must differ.
const RING_ONE: u8 = 2;
const SHARED: u8 = 4;
/// First number that a domain can have.
const FIRST: u16 = 5;

/// Why no ASID was given or taken back.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum AsidError {
    /// All are in use.
    #[error("all {} address-space numbers are in use; destroy a domain first", 256 - FIRST)]
    Exhausted,
    /// The number is not one that was given out.
    #[error("address-space number {0} is not in use")]
    NotInUse(u8),
}

impl Asid {
    /// The number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The RASID word for which ring 2 has this number.
    #[must_use]
    pub const fn rasid(self) -> u32 {
        u32::from_be_bytes([SHARED, self.0, RING_ONE, KERNEL])
    }
}

/// The numbers in use. 251 can be: zero marks an invalid entry, and rings 0, 1 and 3 have one
/// each (3 is left free beside them).
#[derive(Clone, Debug)]
pub struct AsidPool {
    used: [u32; 8],
    free: u16,
    next: u16,
}

impl Default for AsidPool {
    fn default() -> Self {
        Self::new()
    }
}

impl AsidPool {
    /// How many numbers can be in use at once.
    pub const MOST: u16 = 256 - FIRST;

    /// All free.
    #[must_use]
    pub const fn new() -> AsidPool {
        AsidPool {
            used: [0; 8],
            free: Self::MOST,
            next: FIRST,
        }
    }

    /// How many can still be taken.
    #[must_use]
    pub const fn free(&self) -> u32 {
        self.free as u32
    }

    /// Takes a number. It goes round, so that a number comes back as late as possible.
    ///
    /// # Errors
    /// [`AsidError::Exhausted`]. O(1) while numbers are plenty, at most 251 steps.
    pub fn take(&mut self) -> Result<Asid, AsidError> {
        if self.free == 0 {
            return Err(AsidError::Exhausted);
        }
        loop {
            let candidate = self.next;
            self.next = if candidate == 255 {
                FIRST
            } else {
                candidate + 1
            };
            let (word, bit) = Self::place(candidate as u8);
            if self.used[word] & bit == 0 {
                self.used[word] |= bit;
                self.free -= 1;
                return Ok(Asid(candidate as u8));
            }
        }
    }

    /// Takes a number back. The caller has removed every TLB entry that carries it.
    ///
    /// # Errors
    /// [`AsidError::NotInUse`].
    pub fn give_back(&mut self, asid: Asid) -> Result<(), AsidError> {
        let (word, bit) = Self::place(asid.0);
        if u16::from(asid.0) < FIRST || self.used[word] & bit == 0 {
            return Err(AsidError::NotInUse(asid.0));
        }
        self.used[word] &= !bit;
        self.free += 1;
        Ok(())
    }

    const fn place(number: u8) -> (usize, u32) {
        (number as usize / 32, 1 << (number % 32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn all_of_them_and_never_the_kernels() {
        let mut pool = AsidPool::new();
        let mut seen = BTreeSet::new();
        while let Ok(asid) = pool.take() {
            let rings = asid.rasid().to_le_bytes();
            assert_eq!((rings[0], rings[1], rings[3]), (1, 2, 4));
            assert!(rings[2] != 0 && rings[2] != 1 && rings[2] != 2 && rings[2] != 4);
            assert!(seen.insert(asid), "{asid:?} given twice");
        }
        assert_eq!(seen.len(), 251);
        assert_eq!(pool.take(), Err(AsidError::Exhausted));
    }

    #[test]
    fn a_number_comes_back_late_and_once() {
        let mut pool = AsidPool::new();
        let first = pool.take().unwrap();
        pool.give_back(first).unwrap();
        assert_eq!(
            pool.give_back(first),
            Err(AsidError::NotInUse(first.number()))
        );
        assert_ne!(pool.take().unwrap(), first);
        assert_eq!(pool.free(), 250);
    }
}
