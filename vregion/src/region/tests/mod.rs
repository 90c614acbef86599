//! Cases by hand; what random steps do is in `tests/region.rs`.

mod asking;
mod modes;

use super::*;

const BASE: u32 = 0xa000_0000;

fn region<const RECORDS: usize>(bytes: u32) -> Region<RECORDS> {
    let mut region = Region::new();
    region
        .open(Geometry {
            bytes,
            line: 64,
            base: BASE,
        })
        .unwrap();
    region
}
