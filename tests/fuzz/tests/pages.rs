//! A pool of pages beside its shadow.

#[path = "../../../vregion/tests/shadow/pages.rs"]
mod shadow;

use fuzz_targets::Bytes;
use shadow::{PAGES, Step, run_steps};

#[test]
fn pages() {
    bolero::check!()
        .with_iterations(40)
        .with_generator(bolero::produce::<Vec<u8>>().with().len(0..512_usize))
        .for_each(|input| run_steps(Bytes::new(input).steps(100, step)));
}

fn count(bytes: &mut Bytes<'_>) -> Option<u32> {
    match bytes.below(8)? {
        0 => bytes.below(1_100),
        1 | 2 => bytes.below(80),
        _ => bytes.below(12),
    }
}

fn boundary(bytes: &mut Bytes<'_>) -> Option<u32> {
    Some(match bytes.below(4)? {
        0 => 1 << bytes.below(13)?,
        _ => 1_024,
    })
}

fn step(bytes: &mut Bytes<'_>) -> Option<Step> {
    Some(match bytes.below(16)? {
        0..4 => Step::Reserve(count(bytes)?, boundary(bytes)?),
        4..8 => Step::Alloc(count(bytes)?, boundary(bytes)?),
        8..12 => Step::Commit(bytes.pick()?, bytes.below(12)?, bytes.below(16)?),
        12 | 13 => Step::Decommit(bytes.pick()?, bytes.below(12)?, bytes.below(9)?),
        14 => Step::Release(bytes.pick()?),
        _ => Step::ReleaseAny(bytes.below(PAGES + 2)?, bytes.below(40)?),
    })
}
