//! What sessions with pipelines ask for alike.

use hostile::plan::{self, Planned};
use kernel::estate::RegionPages;
use kernel::pipeline::request::{Creation, Endpoint, OnDeath, Request};

use super::Bench;
use crate::error::Failure;

/// Frames per second of what flows, of one channel.
const RATE: u32 = 48_000;
/// Bytes of 1 ms of it.
pub const PERIOD_BYTES: u32 = RATE / 1000 * 4;

/// A buffer of four periods.
pub const fn bind(buffer: u32, from: Endpoint, to: Endpoint) -> Request {
    Request::Bind {
        buffer,
        from,
        to,
        bytes: 4 * PERIOD_BYTES,
        rate: RATE,
        channels: 1,
    }
}

/// An instance with one life, which may take that many cycles for a period.
pub fn create(place: u32, file: u32, core: u32, budget: u32) -> Request {
    Request::Create(Creation {
        place,
        file,
        pipeline: 0,
        period_us: 1_000,
        restarts: 0,
        on_death: OnDeath::Silence,
        budget,
        core,
        region: RegionPages::default(),
    })
}

/// The hostile module with these lives.
///
/// # Errors
/// Where its file has no table for them, or too small a one.
pub fn hostile(bench: &Bench<'_>, lives: &[Planned]) -> Result<Vec<u8>, Failure> {
    let mut file = bench.hostile.bytes.clone();
    plan::write(&mut file, lives).map_err(|reason| Failure::Session {
        reason: reason.to_owned(),
    })?;
    Ok(file)
}
