//! Where runs of free pages may begin within a word.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_between_boundaries() {
        assert_eq!(word_starts(1, 1), !0);
        assert_eq!(word_starts(2, 2), 0x5555_5555);
        assert_eq!(word_starts(3, 4), 0x3333_3333);
        assert_eq!(word_starts(16, 16), 0x0001_0001);
        assert_eq!(word_starts(5, 32), !0);
    }
}
