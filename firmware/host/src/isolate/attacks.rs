//! Attacks in `process`, each in a life of its own, beside a module that plays: as many lives as fit
//! into a session. Where the kernel does not survive one, the rest goes into the next.

use abi::EntryPoint;
use hostile::plan::Planned;
use hostile::{ATTACKS, Strike};
use kernel::job::{Job, Mode, files};
use kernel::session::{BESIDE, PLAYER};

use super::asked;
use super::case::{Body, Case, Finding};
use super::{Bench, PATIENCE};
use crate::error::Failure;
use crate::report::ending;
use crate::report::story::Life;
use crate::report::verdict::judge;
use crate::run::session::{self, Remains, Work};
use crate::run::{PERIOD_BUDGET, failure, of_the_whole, sample, untold};

/// Lives of one session: each prints its rows when it is over.
const LIVES: usize = 128;
/// How many sessions may end early before the rest is given up.
const DEATHS: u32 = 12;

/// What every session is compared with.
struct Alone {
    wav: Vec<u8>,
    period_bytes: usize,
    output: Vec<u8>,
}

/// A life that is planned, and the case that it is for; none for one that only prepares the next.
struct PlannedLife<'c> {
    planned: Planned,
    case: Option<&'c Case>,
}

/// Runs them; what is wrong with sessions as a whole goes into `whole`.
///
/// # Errors
/// Where QEMU cannot be started, or the neighbour does not play even alone.
pub fn run(
    bench: &Bench<'_>,
    cases: &[&Case],
    whole: &mut Vec<String>,
    tell: &mut dyn FnMut(&Case, Finding),
) -> Result<(), Failure> {
    if cases.is_empty() {
        return Ok(());
    }
    let alone = play_alone(bench)?;
    let mut rest = cases;
    let (mut number, mut deaths) = (0, 0);
    while !rest.is_empty() {
        if deaths == DEATHS {
            let why = format!("not run: {DEATHS} sessions had ended early");
            rest.iter()
                .for_each(|case| tell(case, Finding::not_run(&why)));
            return Ok(());
        }
        let batch = &rest[..rest.len().min(LIVES)];
        let lives = planned(batch);
        let title = format!("attacks {} to {}", number + 1, number + batch.len());
        let (remains, failed) = bench
            .machine
            .attempt(&work(bench, &lives, &alone, title)?)?;
        let failed = failed.or_else(|| failure(&remains.story));
        let done = tell_of(&lives, &remains, failed.as_deref(), tell);
        whole.extend(of_the_session(&remains, failed.is_some(), &alone));
        deaths += u32::from(failed.is_some() || done < batch.len());
        number += done;
        rest = &rest[done..];
    }
    Ok(())
}

/// The lives of these cases: what looks for a mark comes behind a life that leaves one.
fn planned<'c>(cases: &[&'c Case]) -> Vec<PlannedLife<'c>> {
    let mark = ATTACKS
        .iter()
        .position(|attack| matches!(attack.strike, Strike::Mark));
    let mut lives = Vec::new();
    for case in cases {
        let Body::Attack(planned) = case.body else {
            continue;
        };
        let seeks = ATTACKS.get(planned.attack).is_some_and(|attack| {
            matches!(
                attack.strike,
                Strike::SeekInMemory | Strike::SeekInRegisters
            )
        });
        if let Some(attack) = mark.filter(|_| seeks) {
            lives.push(PlannedLife {
                planned: Planned {
                    attack,
                    entry: EntryPoint::Process,
                },
                case: None,
            });
        }
        lives.push(PlannedLife {
            planned,
            case: Some(case),
        });
    }
    lives
}

/// Plays the neighbour by itself.
fn play_alone(bench: &Bench<'_>) -> Result<Alone, Failure> {
    let wav = sample::bytes()?;
    let work = Work {
        title: format!("{} alone", bench.neighbour.name()),
        job: session::job(Mode::Isolated, PERIOD_BUDGET),
        files: vec![
            (files::MODULE.to_owned(), bench.neighbour.bytes.clone()),
            (files::INPUT.to_owned(), wav.clone()),
        ],
        outputs: vec![files::OUTPUT.to_owned()],
        step_bytes: sample::PERIOD_BYTES,
        steps: u64::from(sample::PERIODS),
        patience: PATIENCE,
    };
    let mut remains = bench.machine.work(&work)?;
    Ok(Alone {
        wav,
        period_bytes: sample::PERIOD_BYTES as usize,
        output: remains.outputs.pop().unwrap_or_default(),
    })
}

fn work(
    bench: &Bench<'_>,
    lives: &[PlannedLife<'_>],
    alone: &Alone,
    title: String,
) -> Result<Work, Failure> {
    let plan: Vec<Planned> = lives.iter().map(|life| life.planned).collect();
    let hostile = asked::hostile(bench, &plan)?;
    let count = lives.len() as u32;
    Ok(Work {
        title,
        job: Job {
            beside: 1,
            beside_lives: count,
            ..session::job(Mode::Isolated, PERIOD_BUDGET)
        },
        files: vec![
            (files::MODULE.to_owned(), bench.neighbour.bytes.clone()),
            (files::BESIDE.to_owned(), hostile),
            (files::INPUT.to_owned(), alone.wav.clone()),
        ],
        outputs: vec![files::OUTPUT.to_owned()],
        step_bytes: alone.period_bytes as u32,
        steps: u64::from(sample::PERIODS) + u64::from(count),
        patience: PATIENCE,
    })
}

/// What is wrong with a session that is no life's own doing.
fn of_the_session(remains: &Remains, failed: bool, alone: &Alone) -> Vec<String> {
    if failed {
        // The life that ended it has that told of it.
        return Vec::new();
    }
    let story = &remains.story;
    let mut problems = of_the_whole(story);
    let neighbours = untold(story)
        .into_iter()
        .filter(|death| death.place == PLAYER);
    problems.extend(neighbours.map(|death| death.what));
    let output = remains.outputs.first().map_or(&[][..], |output| output);
    if output != alone.output {
        problems.push(String::from(
            "the module beside the attacks did not play what it plays alone",
        ));
    }
    problems
}

/// Tells of every case of a session that was tried; how many were.
fn tell_of(
    lives: &[PlannedLife<'_>],
    remains: &Remains,
    failed: Option<&str>,
    tell: &mut dyn FnMut(&Case, Finding),
) -> usize {
    let hostile = remains.story.beside();
    let untold = untold(&remains.story);
    // A life that was not stopped keeps those behind it from beginning: they are tried in the next
    // session. At least the first is tried in this one.
    let last = hostile.lives.len().clamp(1, lives.len());
    let mut done = 0;
    for (number, life) in lives.iter().enumerate().take(last) {
        let found = hostile.life(number);
        let mut finding = Finding::default();
        if let (Some(reason), true) = (failed, number + 1 == last) {
            finding.problems.push(reason.to_owned());
        }
        finding.problems.extend(found_problems(life.planned, found));
        let own = untold
            .iter()
            .filter(|death| death.place == BESIDE && death.life == number);
        finding.problems.extend(own.map(|death| death.what.clone()));
        finding.seen = seen(found);
        if let Some(case) = life.case {
            done += 1;
            tell(case, finding);
        }
    }
    // A session that died in a life that only prepared: its case is tried, and told, all the same.
    if done == 0
        && let Some(case) = lives.iter().find_map(|life| life.case)
    {
        tell(case, Finding::not_run(failed.unwrap_or("never tried")));
        done = 1;
    }
    done
}

/// What is wrong with the end of a life.
pub fn found_problems(planned: Planned, life: Option<&Life>) -> Vec<String> {
    let Some(attack) = ATTACKS.get(planned.attack) else {
        return vec![String::from("there is no such attack")];
    };
    let mut problems = judge(attack, life);
    if let Some(stopped) = life.and_then(|life| life.stopped.as_ref())
        && stopped.entry != planned.entry as u32
        && problems.is_empty()
    {
        problems.push(format!(
            "stopped, but not in its entry point: {}",
            ending::whole(stopped)
        ));
    }
    problems
}

/// How a life ended.
pub fn seen(life: Option<&Life>) -> String {
    match life.and_then(|life| life.stopped.as_ref()) {
        None => String::from("no end"),
        Some(stopped) => match ending::address(stopped) {
            address if address == "-" => ending::manner(stopped),
            address => format!("{} at {address}", ending::manner(stopped)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isolate::case::all;
    use crate::report::record::tests::written;
    use crate::report::story::Story;
    use crate::report::story::tests::{loaded, stopped};
    use kernel::report::{Ending, Said, Stopped};

    /// The cases of these names.
    fn cases(names: &[&str]) -> Vec<Case> {
        let named = |name: &&str| all(&[]).into_iter().find(|case| case.name == *name);
        names.iter().filter_map(named).collect()
    }

    /// The record of a line.
    fn said(life: u32, line: &str) -> Vec<u8> {
        let mut said = Said {
            place: BESIDE as u32,
            restarts: life,
            text: [0; 120],
        };
        said.text[..line.len()].copy_from_slice(line.as_bytes());
        written(&said)
    }

    /// A life that made an attack and ended like that.
    fn life(number: u32, attack: &str, change: impl FnOnce(&mut Stopped)) -> Vec<u8> {
        let mut end = stopped(BESIDE as u32, number);
        end.ending = Ending::Fault as u32;
        change(&mut end);
        [
            written(&loaded(BESIDE as u32, number)),
            said(number, attack),
            written(&end),
        ]
        .concat()
    }

    /// What is told of these cases after such a session: name and problems.
    fn told(
        names: &[&str],
        report: &[u8],
        failed: Option<&str>,
    ) -> (usize, Vec<(String, Vec<String>)>) {
        let cases = cases(names);
        assert_eq!(cases.len(), names.len());
        let cases: Vec<&Case> = cases.iter().collect();
        let remains = Remains {
            story: Story::begun(report),
            outputs: Vec::new(),
            log: Vec::new(),
        };
        let mut told = Vec::new();
        let done = tell_of(&planned(&cases), &remains, failed, &mut |case, finding| {
            told.push((case.name.clone(), finding.problems));
        });
        (done, told)
    }

    fn load_null(number: u32) -> Vec<u8> {
        life(number, "load null", |end| {
            (end.cause, end.address) = (24, 0)
        })
    }

    #[test]
    fn a_right_end_that_is_not_on_the_trail_is_no_right_end() {
        let (done, told) = told(&["load null"], &load_null(0), None);
        assert_eq!(done, 1);
        let [(_, problems)] = &told[..] else { panic!() };
        assert!(
            problems.len() == 1 && problems[0].contains("trail"),
            "{problems:?}"
        );
    }

    #[test]
    fn the_right_end_in_the_wrong_entry_point_is_wrong() {
        let planned = |entry| Planned { attack: 0, entry };
        let attack = ATTACKS[0].name;
        let mut report = life(0, attack, |end| {
            (end.cause, end.address) = (26, 0x0020_3ffc)
        });
        let at_all = |report: &[u8], entry| {
            let story = Story::begun(report);
            found_problems(planned(entry), story.beside().life(0))
        };
        assert_eq!(at_all(&report, EntryPoint::Process), [""; 0]);
        assert_eq!(at_all(&report, EntryPoint::Init).len(), 1);
        report = life(0, attack, |end| {
            (end.cause, end.address) = (26, 0x0020_3ff8)
        });
        assert_eq!(at_all(&report, EntryPoint::Process).len(), 1);
    }

    #[test]
    fn whoever_began_last_has_killed_the_kernel_and_the_rest_is_tried_again() {
        let report = [load_null(0), written(&loaded(BESIDE as u32, 1))].concat();
        let names = ["load null", "store null", "jump null"];
        let (done, told) = told(&names, &report, Some("the kernel itself faulted"));
        assert_eq!(done, 2);
        assert!(
            told[1]
                .1
                .iter()
                .any(|problem| problem.contains("itself faulted"))
        );
        assert!(
            !told[0]
                .1
                .iter()
                .any(|problem| problem.contains("itself faulted"))
        );
    }

    #[test]
    fn a_kernel_that_dies_at_once_takes_one_case_with_it() {
        let names = ["look for the mark in memory", "load null"];
        let (done, told) = told(&names, &[], Some("QEMU ended with status 1"));
        assert_eq!((done, told.len()), (1, 1));
        assert_eq!(told[0].0, names[0]);
    }

    #[test]
    fn what_looks_for_a_mark_comes_behind_a_life_that_leaves_one() {
        let cases = cases(&["look for the mark in registers", "load null"]);
        let lives = planned(&cases.iter().collect::<Vec<_>>());
        let strikes: Vec<bool> = lives
            .iter()
            .map(|life| matches!(ATTACKS[life.planned.attack].strike, Strike::Mark))
            .collect();
        assert_eq!(strikes, [true, false, false]);
        assert!(lives[0].case.is_none() && lives[1].case.is_some());
    }
}
