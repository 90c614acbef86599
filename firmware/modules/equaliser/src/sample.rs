//! Between integer samples and numbers around 1, the same on every machine: both conversions are
//! defined to the last bit, and scaling by a power of two is exact.

const FULL_SCALE: f32 = 2_147_483_648.0;

/// Full scale becomes 1. Rounds to the nearest, ties to even.
pub fn to_float(sample: i32) -> f32 {
    sample as f32 * (1.0 / FULL_SCALE)
}

/// 1 becomes full scale. Cuts the fraction off and stops at the ends; what is no number is silence.
pub fn from_float(value: f32) -> i32 {
    (value * FULL_SCALE) as i32
}
