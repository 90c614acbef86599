//! Cases on domains: all steps in one run of the prover's image, then each case by itself where
//! that did not come to its end.

use ::domains::Cause;
use prover::{Outcome, Step};
use suite::{Act, DomainCase, Must};

use super::case::{Body, Case, Finding};
use crate::error::Failure;
use crate::prove::Prover;
use crate::terminal;

/// Runs them.
///
/// # Errors
/// Where not even QEMU can be started.
pub fn run(
    prover: &Prover<'_>,
    cases: &[&Case],
    tell: &mut dyn FnMut(&Case, Finding),
) -> Result<(), Failure> {
    let listed: Vec<(&Case, Vec<Act>)> = cases
        .iter()
        .filter_map(|case| match &case.body {
            Body::Domains(domains) => Some((*case, domains.acts())),
            _ => None,
        })
        .collect();
    if listed.is_empty() {
        return Ok(());
    }
    terminal::say("Running", &format!("{} cases on domains", listed.len()));
    let steps = |acts: &[Act]| acts.iter().map(|act| act.step).collect::<Vec<Step>>();
    let all: Vec<Step> = listed.iter().flat_map(|(_, acts)| steps(acts)).collect();
    match prover.take(&all) {
        Ok(outcomes) => {
            let mut rest = &outcomes[..];
            for (case, acts) in &listed {
                let (own, behind) = rest.split_at(acts.len());
                rest = behind;
                tell(case, judge(acts, own));
            }
        }
        Err(Failure::Session { .. }) => {
            for (case, acts) in &listed {
                let finding = match prover.take(&steps(acts)) {
                    Ok(outcomes) => judge(acts, &outcomes),
                    Err(Failure::Session { reason }) => Finding::not_run(&reason),
                    Err(error) => return Err(error),
                };
                tell(case, finding);
            }
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Whether each step ended as it must.
fn judge(acts: &[Act], outcomes: &[Outcome]) -> Finding {
    let wrong: Vec<String> = acts
        .iter()
        .zip(outcomes)
        .enumerate()
        .filter(|(_, (act, outcome))| !act.holds(**outcome))
        .map(|(index, (act, outcome))| {
            let (gave, wanted) = (in_words(*outcome), must_in_words(act.must));
            format!(
                "step {index}, {:x?}, gave {gave}, must give {wanted}",
                act.step
            )
        })
        .collect();
    let index = decisive(acts).unwrap_or(0);
    let first_wrong = acts
        .iter()
        .zip(outcomes)
        .find(|(act, outcome)| !act.holds(**outcome))
        .map(|(_, outcome)| *outcome);
    let seen = first_wrong.or_else(|| outcomes.get(index).copied());
    Finding {
        seen: seen.map(in_words).unwrap_or_default(),
        problems: wrong,
    }
}

/// What a case is about: its last step that must not simply be done, before all is taken away.
fn decisive(acts: &[Act]) -> Option<usize> {
    let own = acts.get(..acts.len().checked_sub(3)?)?;
    let says = |act: &Act| act.must != Must::Done;
    own.iter().rposition(says).or(own.len().checked_sub(1))
}

/// How the decisive step of a case must end.
pub fn expected(case: &DomainCase) -> String {
    let acts = case.acts();
    decisive(&acts).map_or_else(String::new, |index| must_in_words(acts[index].must))
}

fn must_in_words(must: Must) -> String {
    match must {
        Must::Done => String::from("done"),
        Must::Give(value) => format!("{value:#x}"),
        Must::Fault(cause, address) | Must::Trap(cause, address) => {
            format!("{} at {address:#010x}", Cause(cause).name())
        }
        Must::Refuse(code) => format!(
            "refused: {}",
            Outcome {
                code,
                value: 0,
                address: 0
            }
            .refusal()
        ),
    }
}

fn in_words(outcome: Outcome) -> String {
    match outcome.code {
        Outcome::DONE => format!("{:#x}", outcome.value),
        Outcome::LOST => String::from("it did not come back"),
        code if outcome.is_fault() => {
            format!("{} at {:#010x}", Cause(code).name(), outcome.address)
        }
        _ => format!("refused: {}", outcome.refusal()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use suite::domain_cases;

    #[test]
    fn what_must_be_is_what_the_right_outcome_says() {
        for case in domain_cases() {
            let acts = case.acts();
            let right: Vec<Outcome> = acts
                .iter()
                .map(|act| match act.must {
                    Must::Done => Outcome::done(0),
                    Must::Give(value) => Outcome::done(value),
                    Must::Fault(cause, address) => Outcome {
                        code: cause,
                        value: 2 << 4,
                        address,
                    },
                    Must::Trap(cause, address) => Outcome::fault(cause, address),
                    Must::Refuse(code) => Outcome {
                        code,
                        value: 0,
                        address: 0,
                    },
                })
                .collect();
            let finding = judge(&acts, &right);
            assert!(finding.is_right(), "{}: {:?}", case.name, finding.problems);
            let expected = expected(&case);
            assert!(
                finding.seen == expected || expected == "done",
                "{}: {expected}",
                case.name
            );
            let wrong = vec![Outcome::fault(63, 1); acts.len()];
            assert_eq!(judge(&acts, &wrong).problems.len(), acts.len());
        }
    }
}
