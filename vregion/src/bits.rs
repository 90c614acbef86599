//! Runs of bits in a word.

/// The bits from which on `count` bits of `bits` are set, all in this word.
#[inline(always)]
pub(crate) const fn run_starts(mut bits: u32, count: u32) -> u32 {
    if count > u32::BITS {
        return 0;
    }
    // Each step at most doubles the length.
    let mut have = 1;
    while have < count {
        let rest = count - have;
        let step = if have < rest { have } else { rest };
        bits &= bits >> step;
        have += step;
    }
    bits
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
}
