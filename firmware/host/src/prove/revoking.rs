//! A revocation while another core uses the page, on two cores.

use prover::job::Mode;
use prover::{BEFORE, Kind, Outcome, ROUNDS, Round};

use super::image::Prover;
use crate::error::Failure;
use crate::report::Report;
use crate::report::table::grouped;
use crate::terminal;

/// `EXCCAUSE` of a load without the right to it.
const LOAD_PROHIBITED: u32 = 28;
/// The number of "a core did not answer" among refusals.
const UNANSWERED: u32 = Outcome::REFUSED + 15;

/// What was shown.
pub struct Revoked {
    rounds: usize,
    answers: u32,
    reads: u64,
    turns: u32,
}

/// Runs it, and checks every round.
pub fn revoke(prover: &Prover<'_>) -> Result<Revoked, Failure> {
    terminal::say("Revoking", "pages that a module on the other core reads");
    let rounds: Vec<Round> = prover.run(Mode::Revoke, &[])?;
    for (number, round) in rounds.iter().enumerate() {
        if let Some(what) = problem(round) {
            return Err(Failure::Session {
                reason: format!("round {number} of the revocations: {what}: {round:?}"),
            });
        }
    }
    let of = |kind: Kind| rounds.iter().filter(move |round| round.kind == kind as u32);
    let revoked = of(Kind::Revoked).count();
    let turns = of(Kind::Locked).map(|round| round.reads_after).sum();
    if revoked != ROUNDS as usize || of(Kind::Unanswered).count() != 1 || turns == 0 {
        return Err(Failure::Session {
            reason: format!("the revocations ended after {} rounds", rounds.len()),
        });
    }
    Ok(Revoked {
        rounds: revoked,
        answers: of(Kind::Revoked).map(|round| round.answers).sum(),
        reads: of(Kind::Revoked)
            .map(|round| u64::from(round.reads_before))
            .max()
            .unwrap_or(0),
        turns,
    })
}

/// What a round must not show.
pub fn problem(round: &Round) -> Option<&'static str> {
    let faulted = round.cause == LOAD_PROHIBITED && round.address == round.page;
    if round.kind == Kind::Locked as u32 {
        // Every turn of both cores was counted, by a load and a store.
        return (round.reads_after != round.reads_before || round.code != Outcome::DONE)
            .then_some("turns under the lock were lost");
    }
    if !faulted {
        return Some("the module did not fault at the page");
    }
    if round.last != BEFORE {
        return Some("the module read what was not its own");
    }
    if round.kind == Kind::Unanswered as u32 {
        return (round.code != UNANSWERED || round.reads_after <= round.reads_before)
            .then_some("a revocation without an answer was not undone");
    }
    // Between its last read and its fault the module counts that read.
    let late = round.reads_after.wrapping_sub(round.reads_before);
    if round.code != Outcome::DONE || late > 1 {
        return Some("the module read on after the revocation had returned");
    }
    (round.answers == 0).then_some("nobody answered")
}

impl Revoked {
    /// In words.
    pub fn describe(&self, report: &mut Report) {
        report.line(&format!(
            "Two cores   {} revocations of a page that a module on the other core was reading, by \
             both aliases in turn:\n            each was answered before it returned ({} answers), \
             each module then faulted, and none read\n            what the frame's next owner wrote \
             ({} reads at most)",
            self.rounds,
            self.answers,
            grouped(self.reads)
        ));
        report.line(
            "            one without an answer was refused and undone: the module kept its page",
        );
        report.line(&format!(
            "            {} turns of both cores under the kernel's lock, with revocations \
             meanwhile: none lost, no deadlock",
            grouped(self.turns.into())
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Round {
        Round {
            kind: Kind::Revoked as u32,
            code: Outcome::DONE,
            reads_before: 1_000,
            reads_after: 1_001,
            last: BEFORE,
            cause: LOAD_PROHIBITED,
            address: 0xa000_1000,
            page: 0xa000_1000,
            answers: 1,
        }
    }

    #[test]
    fn a_good_round_has_no_problem_and_each_bad_one_has() {
        assert_eq!(problem(&good()), None);
        let bad = [
            Round {
                code: UNANSWERED,
                ..good()
            },
            Round {
                reads_after: 1_002,
                ..good()
            },
            Round {
                last: prover::SECRET,
                ..good()
            },
            Round {
                cause: 24,
                ..good()
            },
            Round {
                address: 0xa000_2000,
                ..good()
            },
            Round {
                answers: 0,
                ..good()
            },
            Round {
                kind: Kind::Unanswered as u32,
                ..good()
            },
            Round {
                kind: Kind::Unanswered as u32,
                code: UNANSWERED,
                reads_after: 1_000,
                ..good()
            },
            Round {
                kind: Kind::Locked as u32,
                ..good()
            },
        ];
        for round in bad {
            assert!(problem(&round).is_some(), "{round:?}");
        }
        let kept = Round {
            kind: Kind::Unanswered as u32,
            code: UNANSWERED,
            ..good()
        };
        assert_eq!(problem(&kept), None);
    }
}
