//! Runs of free pages within a word.

use super::map::WORD_PAGES;

/// The bits of a word at which `count` pages may begin without crossing a multiple of `boundary`.
pub(super) fn word_starts(count: u32, boundary: u32) -> u32 {
    if boundary >= WORD_PAGES {
        return !0;
    }
    let mut starts = (1 << (boundary - count + 1)) - 1;
    let mut covered = boundary;
    while covered < WORD_PAGES {
        starts |= starts << covered;
        covered *= 2;
    }
    starts
}

/// How to find runs of one length: by how much the bits are moved over themselves, one after the other.
/// Each step at most doubles the length; moving by nothing changes nothing.
#[derive(Clone, Copy)]
pub(super) struct Steps([u32; 5]);

impl Steps {
    /// For `count` bits, at most as many as a word has.
    #[inline(always)]
    pub const fn of(count: u32) -> Self {
        let mut steps = [0; 5];
        let (mut have, mut at) = (1, 0);
        while at < steps.len() {
            let lacking = count - have;
            steps[at] = if have < lacking { have } else { lacking };
            have += steps[at];
            at += 1;
        }
        Steps(steps)
    }

    /// The bits from which on that many bits of `free` are set, all in this word.
    #[inline(always)]
    pub const fn run_starts(self, mut free: u32) -> u32 {
        let Steps([one, two, three, four, five]) = self;
        free &= free.wrapping_shr(one);
        free &= free.wrapping_shr(two);
        free &= free.wrapping_shr(three);
        if free == 0 {
            return 0;
        }
        free &= free.wrapping_shr(four);
        free & free.wrapping_shr(five)
    }

    /// The same without a look whether it is worth going on.
    #[inline(always)]
    pub const fn run_starts_where_any(self, mut free: u32) -> u32 {
        let Steps([one, two, three, four, five]) = self;
        free &= free.wrapping_shr(one);
        free &= free.wrapping_shr(two);
        free &= free.wrapping_shr(three);
        free &= free.wrapping_shr(four);
        free & free.wrapping_shr(five)
    }
}

/// The bits from which on `count` bits of `free` are set, all in this word.
#[inline]
pub(super) const fn run_starts(free: u32, count: u32) -> u32 {
    if count > WORD_PAGES {
        return 0;
    }
    Steps::of(count).run_starts(free)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_in_a_word() {
        assert_eq!(run_starts(!0, 1), !0);
        assert_eq!(run_starts(!0, 32), 1);
        assert_eq!(run_starts(!0, 33), 0);
        assert_eq!(run_starts(0b0111_0110, 3), 0b0001_0000);
        assert_eq!(run_starts(0b0111_0110, 2), 0b0011_0010);
        assert_eq!(run_starts(0, 1), 0);
    }

    #[test]
    fn starts_between_boundaries() {
        assert_eq!(word_starts(1, 1), !0);
        assert_eq!(word_starts(2, 2), 0x5555_5555);
        assert_eq!(word_starts(3, 4), 0x3333_3333);
        assert_eq!(word_starts(16, 16), 0x0001_0001);
        assert_eq!(word_starts(5, 32), !0);
    }
}
