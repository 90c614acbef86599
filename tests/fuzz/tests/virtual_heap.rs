//! A virtual heap beside its shadow.

#[path = "../../../vregion/tests/shadow/virtual_heap.rs"]
mod shadow;

use fuzz_targets::Bytes;
use shadow::{Step, run};
use vregion::virtual_heap::Bundle;

#[test]
fn virtual_heap() {
    bolero::check!()
        .with_iterations(500)
        .with_generator(bolero::produce::<Vec<u8>>().with().len(0..1_024_usize))
        .for_each(|input| {
            let mut bytes = Bytes::new(input);
            if let Some(bundles) = bundles(&mut bytes) {
                run(&bundles, bytes.steps(200, step));
            }
        });
}

fn bundles(bytes: &mut Bytes<'_>) -> Option<Vec<Bundle>> {
    let mut bundles = Vec::new();
    for _ in 0..=bytes.below(4)? {
        let block_bytes = match bytes.below(8)? {
            0 => 64,
            1 => 4_096,
            2 => 65_536,
            3 | 4 => 4_000 + bytes.below(5_000)?,
            _ => 8 + bytes.below(300)?,
        };
        let count = 1 + bytes.below(80)?;
        bundles.push(Bundle {
            block_bytes,
            count: count.min(200_000 / block_bytes),
        });
    }
    bundles.sort_unstable_by_key(|bundle| (bundle.block_bytes, bundle.count));
    Some(bundles)
}

fn size(bytes: &mut Bytes<'_>) -> Option<u32> {
    match bytes.below(8)? {
        0 => bytes.below(70_000),
        1..4 => bytes.below(20_000),
        _ => bytes.below(1_200),
    }
}

fn step(bytes: &mut Bytes<'_>) -> Option<Step> {
    Some(match bytes.below(16)? {
        0..6 => {
            let shift = bytes.below(13)?.saturating_sub(6);
            Step::Alloc(size(bytes)?, 1 << shift, bytes.below(2)? == 1)
        }
        6 => Step::Range(size(bytes)?, size(bytes)?),
        7..12 => Step::Free(bytes.pick()?),
        12 => Step::FreeAny(bytes.below(256 * 4_096)?),
        13 => Step::Refuse(bytes.pick()?, size(bytes)?),
        _ => Step::Resize(bytes.pick()?, size(bytes)?),
    })
}
