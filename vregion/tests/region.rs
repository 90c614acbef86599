//! Random steps on a region, beside a slow and obvious list of what is in use.

#[path = "shadow/region.rs"]
mod shadow;

use proptest::prelude::*;
use shadow::{Step, run_steps};
use vregion::region::{Geometry, Kind, Request};

fn request() -> impl Strategy<Value = Request> {
    let bytes = prop_oneof![
        8 => 1..600u32,
        2 => 1..8000u32,
        1 => prop_oneof![Just(0u32), Just(u32::MAX), Just(0xffff_fff0), any::<u32>()],
    ];
    let align = prop_oneof![
        6 => Just(8u32),
        4 => (0..13u32).prop_map(|shift| 1 << shift),
        1 => prop_oneof![Just(0u32), Just(1 << 31), Just(96), any::<u32>()],
    ];
    let kind = prop_oneof![2 => Just(Kind::Plain), 1 => Just(Kind::Coherent)];
    (bytes, align, kind).prop_map(|(bytes, align, kind)| Request { bytes, align, kind })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        20 => request().prop_map(Step::Alloc),
        12 => any::<usize>().prop_map(Step::Free),
        1 => any::<usize>().prop_map(Step::FreeAgain),
        2 => prop_oneof![0..40_000u32, any::<u32>()].prop_map(Step::FreeAny),
        1 => any::<usize>().prop_map(Step::Undo),
        6 => (any::<usize>(), 0..900u32).prop_map(|(n, bytes)| Step::Resize(n, bytes)),
        1 => (0..40_000u32).prop_map(Step::ResizeAny),
        3 => prop_oneof![Just(0u32), 0..40_000u32].prop_map(Step::Seal),
        1 => Just(Step::Reset),
    ];
    prop::collection::vec(step, 1..250)
}

fn geometry() -> impl Strategy<Value = Geometry> {
    let line = prop_oneof![Just(8u32), Just(32), Just(64), Just(128)];
    let base = prop_oneof![Just(0xa000_0000_u32), Just(0), Just(0x4000_1080)];
    (1..4000u32, line, base).prop_map(|(granules, line, base)| Geometry {
        bytes: granules * 8,
        line,
        base,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_region_agrees_with_its_shadow(geometry in geometry(), steps in steps()) {
        run_steps(geometry, steps);
    }
}
