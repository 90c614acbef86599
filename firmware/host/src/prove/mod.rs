//! The `prove` command: the MMU against its model, and a revocation across cores, in QEMU.

mod compare;
mod generate;
mod image;
mod minimise;
mod revoking;

use clap::Args;

use crate::error::Failure;
use crate::report::{Report, show};

pub use image::Prover;
pub use revoking::problem as round_problem;

/// What `bulkhead prove` is told.
#[derive(Args, Clone, Debug)]
pub struct ProveArguments {
    /// Accesses by user code to compare.
    #[arg(long, value_name = "N", default_value_t = 100_000,
          value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    accesses: u64,
    /// Which random sequences: the same number gives the same ones.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
}

/// Compares and revokes, and shows what came of it.
pub fn prove(prover: &Prover<'_>, arguments: &ProveArguments) -> Result<(), Failure> {
    let mut report = Report::default();
    let compared = compare::compare(prover, arguments.accesses, arguments.seed)?;
    compared.describe(&mut report, arguments.seed);
    let revoked = revoking::revoke(prover)?;
    revoked.describe(&mut report);
    show(&report.text);
    match compared.difference {
        Some(_) => Err(Failure::ModelDiffers),
        None => Ok(()),
    }
}
