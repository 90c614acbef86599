//! A region beside its shadow.

#[path = "../../../vregion/tests/shadow/region.rs"]
mod shadow;

use fuzz_targets::Bytes;
use shadow::{Step, run_steps};
use vregion::region::{Geometry, Kind, Request};

#[test]
fn region() {
    bolero::check!()
        .with_iterations(500)
        .with_generator(bolero::produce::<Vec<u8>>().with().len(0..2_048_usize))
        .for_each(|input| {
            let mut bytes = Bytes::new(input);
            if let Some(geometry) = geometry(&mut bytes) {
                run_steps(geometry, bytes.steps(400, step));
            }
        });
}

fn geometry(bytes: &mut Bytes<'_>) -> Option<Geometry> {
    Some(Geometry {
        bytes: 8 * (1 + bytes.below(4_000)?),
        line: 8 << bytes.below(5)?,
        base: [0, 0xa000_0000, 0x4000_1080][bytes.below(3)? as usize],
    })
}

fn size(bytes: &mut Bytes<'_>) -> Option<u32> {
    Some(match bytes.below(16)? {
        0 => u32::MAX - bytes.below(128)?,
        1..5 => bytes.below(8_000)?,
        _ => bytes.below(600)?,
    })
}

fn request(bytes: &mut Bytes<'_>) -> Option<Request> {
    Some(Request {
        bytes: size(bytes)?,
        align: match bytes.below(16)? {
            0 => bytes.below(100)?,
            shift @ 1..14 => 1 << (shift - 1),
            _ => 8,
        },
        kind: if bytes.below(3)? == 0 {
            Kind::Coherent
        } else {
            Kind::Plain
        },
    })
}

fn step(bytes: &mut Bytes<'_>) -> Option<Step> {
    Some(match bytes.below(32)? {
        0..14 => Step::Alloc(request(bytes)?),
        14..22 => Step::Free(bytes.pick()?),
        22 => Step::FreeAgain(bytes.pick()?),
        23 => Step::FreeAny(bytes.below(40_000)?),
        24 => Step::Undo(bytes.pick()?),
        25..29 => Step::Resize(bytes.pick()?, bytes.below(900)?),
        29 => Step::ResizeAny(bytes.below(40_000)?),
        30 => Step::Seal(bytes.below(40_000)?),
        _ => Step::Reset,
    })
}
