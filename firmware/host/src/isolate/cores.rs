//! Cases on two cores, in one run of the prover's image.

use prover::job::Mode;
use prover::{Kind as RoundKind, ROUNDS, Round};

use super::case::{Body, Case, Finding};
use crate::error::Failure;
use crate::prove::{Prover, round_problem};
use crate::report::table::grouped;
use crate::terminal;

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A page is revoked while user code on the other core reads it.
    Revoked,
    /// The other core does not answer.
    Unanswered,
    /// Both cores change domains under one lock.
    Locked,
}

impl Kind {
    /// All.
    pub const ALL: [Kind; 3] = [Kind::Revoked, Kind::Unanswered, Kind::Locked];

    /// The case's name.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Revoked => "revoked while another core reads it",
            Kind::Unanswered => "a core that does not answer",
            Kind::Locked => "turns of two cores under one lock",
        }
    }

    /// What it tries.
    pub const fn what(self) -> &'static str {
        match self {
            Kind::Revoked => {
                "a module spins on a page, by both addresses in turn, while it is taken away"
            }
            Kind::Unanswered => {
                "a revocation that one core is deaf to is undone, and the page stays"
            }
            Kind::Locked => "both cores work on the domains and revoke meanwhile",
        }
    }

    /// How it must end.
    pub const fn expected(self) -> &'static str {
        match self {
            Kind::Revoked => "a fault at the page, and nothing of its next owner is read",
            Kind::Unanswered => "refused, and undone",
            Kind::Locked => "no turn is lost",
        }
    }

    const fn round(self) -> RoundKind {
        match self {
            Kind::Revoked => RoundKind::Revoked,
            Kind::Unanswered => RoundKind::Unanswered,
            Kind::Locked => RoundKind::Locked,
        }
    }
}

/// Runs them.
///
/// # Errors
/// Where QEMU cannot be started.
pub fn run(
    prover: &Prover<'_>,
    cases: &[&Case],
    tell: &mut dyn FnMut(&Case, Finding),
) -> Result<(), Failure> {
    if cases.is_empty() {
        return Ok(());
    }
    terminal::say("Running", &format!("{} cases on two cores", cases.len()));
    let rounds = match prover.run::<Round>(Mode::Revoke, &[]) {
        Ok(rounds) => Ok(rounds),
        Err(Failure::Session { reason }) => Err(reason),
        Err(error) => return Err(error),
    };
    for case in cases {
        if let Body::Cores(kind) = case.body {
            let finding = match &rounds {
                Ok(rounds) => judge(kind, rounds),
                Err(reason) => Finding::not_run(reason),
            };
            tell(case, finding);
        }
    }
    Ok(())
}

fn judge(kind: Kind, rounds: &[Round]) -> Finding {
    let own: Vec<&Round> = rounds
        .iter()
        .filter(|round| round.kind == kind.round() as u32)
        .collect();
    let mut problems: Vec<String> = own
        .iter()
        .filter_map(|round| round_problem(round).map(|what| format!("{what}: {round:?}")))
        .collect();
    let wanted = if kind == Kind::Revoked {
        ROUNDS as usize
    } else {
        1
    };
    if own.len() < wanted {
        problems.push(format!("{} of {wanted} rounds", own.len()));
    }
    let seen = match kind {
        Kind::Revoked => format!("{} revocations", own.len()),
        Kind::Unanswered => format!("{} refused", own.len()),
        Kind::Locked => {
            let turns: u64 = own.iter().map(|round| u64::from(round.reads_after)).sum();
            format!("{} turns", grouped(turns))
        }
    };
    Finding { seen, problems }
}
