//! The same steps on the machine and on the model, outcome by outcome.

use std::collections::BTreeMap;

use domains::Cause;
use fastrand::Rng;
use mmu::model::ModelMachine;
use mmu::{Pte, Side, VirtAddr};
use prover::{BOARD, Ground, Outcome, Step};

use super::generate::sequence;
use super::image::Prover;
use super::minimise::minimise;
use crate::error::Failure;
use crate::report::Report;
use crate::report::table::{self, Table, grouped};
use crate::terminal;

/// Accesses of one sequence: each begins with a machine as it comes out of reset.
const ACCESSES_AT_ONCE: u64 = 25_000;

/// The page of the deeds' code, as the prover's image maps it for itself.
const CODE: (u32, u32) = (0x00f0_0000, 0x00f0_0035);

/// What came of a comparison.
pub struct Compared {
    /// Steps of any kind.
    steps: u64,
    accesses: u64,
    /// How often each outcome of an access was seen, by its code.
    outcomes: BTreeMap<u32, u64>,
    /// How often each verdict on a fault was given: what it was held to be, and what followed.
    verdicts: BTreeMap<(&'static str, &'static str), u64>,
    /// The first difference, made small.
    pub difference: Option<Difference>,
}

/// A sequence after which machine and model differ.
pub struct Difference {
    steps: Vec<Step>,
    machine: Outcome,
    model: Outcome,
}

/// Takes random sequences on both, until there is a difference.
pub fn compare(prover: &Prover<'_>, accesses: u64, seed: u64) -> Result<Compared, Failure> {
    let mut compared = Compared {
        steps: 0,
        accesses: 0,
        outcomes: BTreeMap::new(),
        verdicts: BTreeMap::new(),
        difference: None,
    };
    let bar = terminal::steps(
        "Comparing",
        "the machine with its model, accesses",
        accesses,
    );
    let mut rng = Rng::with_seed(seed);
    while compared.accesses < accesses && compared.difference.is_none() {
        let now = ACCESSES_AT_ONCE.min(accesses - compared.accesses);
        let steps = sequence(&mut rng, now as usize);
        let machine = prover.take(&steps)?;
        let model = on_model(&steps);
        for (step, outcome) in steps.iter().zip(&machine) {
            if let Step::Access { .. } = step {
                *compared.outcomes.entry(outcome.code).or_default() += 1;
                if outcome.is_fault() {
                    let verdict = (outcome.decision(), outcome.offence());
                    *compared.verdicts.entry(verdict).or_default() += 1;
                }
            }
        }
        if let Some(first) = first_difference(&machine, &model) {
            bar.println(format!("a difference at step {first}; making it small"));
            compared.difference = Some(smallest(prover, &steps[..=first])?);
        }
        compared.steps += steps.len() as u64;
        compared.accesses += now;
        bar.set_position(compared.accesses);
    }
    bar.finish_and_clear();
    Ok(compared)
}

fn on_model(steps: &[Step]) -> Vec<Outcome> {
    let mut model = ModelMachine::without_caches(BOARD);
    let (address, entry) = CODE;
    model.wire(
        Side::Instruction,
        4,
        VirtAddr(address),
        Pte::from_bits(entry),
    );
    let mut ground = Ground::new(model);
    steps.iter().map(|step| ground.take(*step)).collect()
}

fn first_difference(machine: &[Outcome], model: &[Outcome]) -> Option<usize> {
    machine
        .iter()
        .zip(model)
        .position(|(one, other)| one != other)
}

fn smallest(prover: &Prover<'_>, steps: &[Step]) -> Result<Difference, Failure> {
    let steps = minimise(steps, |part| {
        Ok::<_, Failure>(first_difference(&prover.take(part)?, &on_model(part)).is_some())
    })?;
    let (machine, model) = (prover.take(&steps)?, on_model(&steps));
    let first = first_difference(&machine, &model).unwrap_or(0);
    Ok(Difference {
        machine: machine[first],
        model: model[first],
        steps: steps[..=first].to_vec(),
    })
}

impl Compared {
    /// What was compared, and how often each outcome was met.
    pub fn describe(&self, report: &mut Report, seed: u64) {
        report.line(&format!(
            "Comparison  {} accesses by user code among {} steps, seed {seed}",
            grouped(self.accesses),
            grouped(self.steps)
        ));
        let mut table = Table::new([
            ("outcome of an access", table::Side::Left),
            ("times", table::Side::Right),
        ]);
        for (code, times) in &self.outcomes {
            table.row([outcome_name(*code), grouped(*times)]);
        }
        report.text.push_str(&table.to_string());
        let mut table = Table::new([
            ("verdict on a fault", table::Side::Left),
            ("for", table::Side::Left),
            ("times", table::Side::Right),
        ]);
        for ((decision, offence), times) in &self.verdicts {
            table.row([
                String::from(*decision),
                String::from(*offence),
                grouped(*times),
            ]);
        }
        report.text.push_str(&table.to_string());
        match &self.difference {
            None => report.line(
                "Equal       every outcome of every step on the machine and on its model: value, \
                 cause, address, verdict",
            ),
            Some(difference) => report.line(&difference.to_string()),
        }
    }
}

impl std::fmt::Display for Difference {
    /// As a test that can be added to `firmware/prover/tests/compared.rs`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "Different   after these steps; the model did {:x?}\n",
            self.model
        )?;
        writeln!(f, "#[test]\nfn say_what_was_wrong() {{\n    let steps = [")?;
        for step in &self.steps {
            let step = on_one_line(&format!("{step:#x?}"));
            writeln!(
                f,
                "        Step::{},",
                step.replace("deed: ", "deed: Deed::")
            )?;
        }
        let machine = on_one_line(&format!("{:#x?}", self.machine));
        writeln!(f, "    ];\n    let machine = {machine};")?;
        write!(f, "    assert_eq!(last(&steps), machine);\n}}")
    }
}

/// What stands on many lines, on one.
fn on_one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").replace(", }", " }")
}

fn outcome_name(code: u32) -> String {
    match code {
        Outcome::DONE => String::from("done"),
        Outcome::LOST => String::from("did not come back"),
        cause => format!("{cause}: {}", Cause(cause).name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domains::{Consequence, Culprit, Offence, Verdict};
    use prover::Deed;

    #[test]
    fn outcomes_differ_by_their_verdicts_too() {
        let [done, fault] = [Outcome::done(3), Outcome::fault(28, 0xa000_0000)];
        let judged = |consequence| {
            fault.judged(Verdict {
                culprit: Culprit::Module,
                offence: Offence::Manner(VirtAddr(fault.address)),
                consequence,
            })
        };
        let stops = judged(Consequence::StopModule);
        let resumes = judged(Consequence::Resume(VirtAddr(fault.address)));
        assert_eq!(first_difference(&[done, stops], &[done, stops]), None);
        for other in [fault, resumes] {
            assert_eq!(first_difference(&[done, stops], &[done, other]), Some(1));
        }
    }

    #[test]
    fn a_fault_is_judged_by_the_domain_that_runs() {
        let access = Step::Access {
            deed: Deed::StoreWord,
            address: 0xa000_1000,
            value: 0,
        };
        let steps = [
            access,
            Step::Create { name: 0, slot: 0 },
            Step::Enter { name: 0 },
            access,
        ];
        let outcomes = on_model(&steps);
        let verdicts = [outcomes[0], outcomes[3]].map(|outcome| {
            assert!(outcome.is_fault());
            (outcome.decision(), outcome.offence())
        });
        assert_eq!(
            verdicts,
            [
                ("no domain ran", "nobody's"),
                ("stops the module", "writing, not granted"),
            ]
        );
    }

    #[test]
    fn a_difference_is_a_test_to_paste() {
        let difference = Difference {
            steps: vec![
                Step::Enter { name: 1 },
                Step::Access {
                    deed: Deed::LoadByte,
                    address: 0xa000_0000,
                    value: 16,
                },
            ],
            machine: Outcome::fault(28, 0xa000_0000),
            model: Outcome::done(3),
        };
        let text = difference.to_string();
        assert!(
            text.contains("        Step::Enter { name: 0x1 },\n"),
            "{text}"
        );
        assert!(
            text.contains(
                "Step::Access { deed: Deed::LoadByte, address: 0xa0000000, value: 0x10 },"
            ),
            "{text}"
        );
        assert!(
            text.contains("let machine = Outcome { code: 0x1c, value: 0x0, address: 0xa0000000 };"),
            "{text}"
        );
    }
}
