//! Blocks alone, without pages.

use super::super::group::CLASSES;
use super::*;

#[test]
fn joined_blocks_are_counted_over_words() {
    let mut blocks = Blocks::<3>::new();
    blocks.open(0..96, 96 * 32 - 5);
    for (first, count) in [(0, 1), (31, 2), (64, 64), (1000, 100), (2000, 1067)] {
        blocks.take(first, count, false);
        assert_eq!(blocks.length(first), count);
        assert!((0..96).all(|word| blocks.notes_hold(word)));
        // It hides everything, and is told of each word that becomes free.
        let mut hints = Hints {
            from: [u16::MAX; CLASSES],
            later: [0; CLASSES],
        };
        blocks.give(first, count, &mut hints);
        assert!((0..96).all(|word| blocks.notes_hold(word)));
        let mut whole = first.div_ceil(WORD)..(first + count) / WORD;
        assert!(whole.all(|word| blocks.hints_hold(word, &hints)));
    }
    let mut hints = Hints::beginning(0);
    assert_eq!(blocks.find(0..96, 96 * 32 - 5, &mut hints), Some(0));
    assert_eq!(blocks.find(0..96, 96 * 32 - 4, &mut hints), None);
}

/// The search leaves out stretches of groups, and never one that has what is sought.
#[test]
fn the_lowest_run_is_found_over_stretches() {
    const GROUPS: u32 = 70;
    let words = 0..GROUPS * GROUP_WORDS;
    let mut blocks = std::boxed::Box::new(Blocks::<{ GROUPS as usize }>::new());
    assert_eq!(Blocks::<{ GROUPS as usize }>::STRETCH, 2);
    blocks.open(words.clone(), GROUPS * GROUP_WORDS * WORD);
    let mut hints = Hints::beginning(0);
    for word in words.clone() {
        assert_eq!(
            blocks.find(words.clone(), WORD, &mut hints),
            Some(word * WORD)
        );
        blocks.take(word * WORD, WORD, false);
    }
    assert_eq!(blocks.find(words.clone(), 1, &mut hints), None);
    let mut free = std::collections::BTreeSet::new();
    let mut seed = 12_345_u32;
    for step in 0..4_000 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let word = (seed >> 16) % words.end;
        if step % 3 != 0 && free.insert(word) {
            blocks.give(word * WORD, WORD, &mut hints);
        }
        let count = 1 << (seed >> 8 & 3);
        let lowest = free.first().map(|word| word * WORD);
        assert_eq!(blocks.find(words.clone(), count, &mut hints), lowest);
        if seed >> 12 & 1 == 0
            && let Some(word) = free.pop_first()
        {
            blocks.take(word * WORD, WORD, false);
        }
        assert!(words.clone().all(|word| blocks.hints_hold(word, &hints)));
    }
}
