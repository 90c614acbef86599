//! Whether each attack of the hostile sample ended as it must.

use domains::Cause;
use hostile::{ATTACKS, Attack, Expect, Strike};
use kernel::report::{Ending, Stopped};

use super::ending::{self, call_name};
use super::story::{Life, Tenancy, entry_name};

/// An attack and what became of it.
#[derive(Clone, Debug)]
pub struct Verdict<'s> {
    /// Its number, which is that of the life.
    pub number: usize,
    /// The attack.
    pub attack: &'static Attack,
    /// How the kernel stopped it.
    pub stopped: Option<&'s Stopped>,
    /// What differs from what must be; nothing if all is well.
    pub problems: Vec<String>,
}

/// Compares the first `lives` lives of the hostile sample with its catalogue.
pub fn judge_all(hostile: &Tenancy, lives: usize) -> Vec<Verdict<'_>> {
    ATTACKS
        .iter()
        .take(lives)
        .enumerate()
        .map(|(number, attack)| {
            let life = hostile.life(number);
            Verdict {
                number,
                attack,
                stopped: life.and_then(|life| life.stopped.as_ref()),
                problems: judge(attack, life),
            }
        })
        .collect()
}

/// How the end of a life differs from what the attack must come to.
pub fn judge(attack: &Attack, life: Option<&Life>) -> Vec<String> {
    let Some(life) = life else {
        return vec![String::from("never tried")];
    };
    let Some(stopped) = &life.stopped else {
        return vec![String::from("not stopped")];
    };
    let mut problems = Vec::new();
    if !life.has_said(attack.name) {
        problems.push(format!(
            "stopped in {} before it struck",
            entry_name(stopped.entry)
        ));
    }
    problems.extend(wrong_end(attack.expect, stopped, life.address()));
    problems.extend(leak(stopped));
    problems.extend(harm(stopped));
    problems
}

/// What a death did not give back, whoever died.
pub fn leak(stopped: &Stopped) -> Option<String> {
    let difference = ending::difference(&stopped.before, &stopped.after);
    difference.map(|what| format!("did not all come back: {what}"))
}

/// Whether the kernel was another one after a death than before.
pub fn harm(stopped: &Stopped) -> Option<String> {
    (stopped.kernel_unharmed == 0).then(|| String::from("the kernel was changed"))
}

/// How an end differs from the expected one.
fn wrong_end(expect: Expect, stopped: &Stopped, own: u32) -> Option<String> {
    let ending = ending::ending(stopped);
    let right = match expect {
        Expect::Fault { cause, at } => {
            matches!(ending, Some(Ending::Fault | Ending::WindowFault))
                && stopped.cause == cause
                && at.holds(stopped.address, own)
        }
        Expect::BadCall { call } => {
            ending == Some(Ending::Refused) && stopped.cause == call.number()
        }
        Expect::Overrun => ending == Some(Ending::Overrun),
    };
    (!right).then(|| format!("must end by {}", wanted(expect)))
}

/// An expectation in words.
pub fn wanted(expect: Expect) -> String {
    match expect {
        Expect::Fault { cause, at } => {
            let place = match at {
                hostile::Where::Any => String::new(),
                hostile::Where::Exactly(address) => format!(" at {address:#010x}"),
                hostile::Where::Between(first, last) => {
                    format!(" from {first:#010x} up to {last:#010x}")
                }
                hostile::Where::OwnSlot => String::from(" in its own memory"),
                hostile::Where::OwnSlotUncached => {
                    String::from(" in the uncached twin of its own memory")
                }
                hostile::Where::OtherSlot => String::from(" in the other module's memory"),
                hostile::Where::OtherSlotUncached => {
                    String::from(" in the uncached twin of the other module's memory")
                }
                hostile::Where::OwnTable => String::from(" in its own page tables"),
            };
            format!("{}{place}", Cause(cause).name())
        }
        Expect::BadCall { call } => format!("a refused {}", call_name(call.number())),
        Expect::Overrun => String::from("running out of time"),
    }
}

/// What kind of attack it is.
pub fn group(attack: &Attack) -> &'static str {
    match attack.strike {
        Strike::Load(_) | Strike::Store(_) | Strike::Jump(_) | Strike::Swap(_) => {
            "loads, stores, jumps"
        }
        Strike::WriteBack(_)
        | Strike::WriteBackDrop(_)
        | Strike::DropText(_)
        | Strike::Prefetch(_) => "cache instructions",
        Strike::Register(..) | Strike::OwnRegister(..) => "special registers",
        Strike::UserRegister(..) => "user registers",
        Strike::Instruction(_) => "forbidden instructions",
        Strike::Free(_)
        | Strike::Log(..)
        | Strike::HeapInfo(_)
        | Strike::Trace(_)
        | Strike::Claim(..) => "pointers in system calls",
        Strike::Number(_) | Strike::Alloc(..) | Strike::Exhaust | Strike::TraceFull => {
            "bad requests"
        }
        Strike::Leak
        | Strike::Keep(_)
        | Strike::Mark
        | Strike::SeekInMemory
        | Strike::SeekInRegisters => "looking for leaks",
        Strike::Stack(..) | Strike::Recurse(_) => "stack pointers",
        Strike::Windows(..) => "frames of windows",
        Strike::Spin
        | Strike::CallStorm
        | Strike::TickStorm
        | Strike::TraceStorm
        | Strike::YieldStorm
        | Strike::LogStorm
        | Strike::AllocStorm => "taking time",
        Strike::Rewrite | Strike::AskRewritten => "two modules at once",
        Strike::Divide | Strike::Panic => "own mistakes",
        _ => "literals and loops",
    }
}

#[cfg(test)]
mod tests {
    use abi::Call;
    use hostile::Where;

    use super::super::story::tests::{loaded, stopped};
    use super::*;

    const ATTACK: Attack = Attack {
        name: "tries",
        what: "a test",
        expect: Expect::Fault {
            cause: 24,
            at: Where::Exactly(0x1000),
        },
        strike: Strike::Spin,
    };

    fn life(change: impl FnOnce(&mut Stopped)) -> Life {
        let mut stopped = stopped(1, 0);
        change(&mut stopped);
        Life {
            loaded: loaded(1, 0),
            parts: Vec::new(),
            lines: vec![String::from("tries")],
            traces: Vec::new(),
            stopped: Some(stopped),
        }
    }

    #[test]
    fn the_expected_end_is_no_problem() {
        assert!(judge(&ATTACK, Some(&life(|_| ()))).is_empty());
    }

    #[test]
    fn everything_that_differs_is_a_problem() {
        let problems = |life: &Life| judge(&ATTACK, Some(life)).join("; ");
        let expected = "must end by load/store TLB miss at 0x00001000";
        assert_eq!(problems(&life(|s| s.cause = 26)), expected);
        assert_eq!(problems(&life(|s| s.address = 0)), expected);
        assert_eq!(problems(&life(|s| s.ending = 4)), expected);
        assert_eq!(
            problems(&life(|s| s.kernel_unharmed = 0)),
            "the kernel was changed"
        );
        assert_eq!(
            problems(&life(|s| s.after.tables = 1)),
            "did not all come back: tables 5 -> 1"
        );
        let mut silent = life(|_| ());
        silent.lines.clear();
        assert_eq!(problems(&silent), "stopped in process before it struck");
        silent.stopped = None;
        assert_eq!(problems(&silent), "not stopped");
        assert_eq!(judge(&ATTACK, None), ["never tried"]);
    }

    #[test]
    fn calls_and_time_are_judged_too() {
        let free = Expect::BadCall { call: Call::Free };
        let refused = *life(|s| (s.ending, s.cause) = (3, 3))
            .stopped
            .as_ref()
            .unwrap();
        assert_eq!(wrong_end(free, &refused, 0), None);
        let log = Expect::BadCall { call: Call::Log };
        assert_eq!(
            wrong_end(log, &refused, 0).as_deref(),
            Some("must end by a refused log")
        );
        assert!(wrong_end(Expect::Overrun, &refused, 0).is_some());
        let late = *life(|s| s.ending = 4).stopped.as_ref().unwrap();
        assert_eq!(wrong_end(Expect::Overrun, &late, 0), None);
    }

    #[test]
    fn a_tenancy_without_lives_has_tried_nothing() {
        let nobody = Tenancy::default();
        let verdicts = judge_all(&nobody, usize::MAX);
        assert_eq!(verdicts.len(), ATTACKS.len());
        assert!(verdicts.iter().all(|verdict| !verdict.problems.is_empty()));
    }
}
