//! Two modules at once, one on each core: one makes calls about a buffer that the other writes over
//! meanwhile. What the kernel has looked at must be what it works with.

use abi::EntryPoint;
use hostile::plan::Planned;
use hostile::{ATTACKS, PAIR};
use kernel::job::{Job, Mode, files};
use kernel::pipeline::request::{Endpoint, Phase, Request, RequestRecord};
use zerocopy::IntoBytes;

use super::asked::{self, PERIOD_BYTES, bind, create};
use super::attacks::{found_problems, seen};
use super::case::{Body, Case, Finding};
use super::{Bench, PATIENCE};
use crate::error::Failure;
use crate::report::verdict::wanted;
use crate::run::session::{self, Work};
use crate::run::{failure, of_the_whole, untold};

/// Cycles of a millisecond: what is asked goes on into the next, in which the other one writes. Nobody
/// knows how fast two cores are, so each has many times more.
const CYCLES: u32 = 2_000_000;
const BUDGET: u32 = 400_000_000;

/// The case.
pub fn case() -> Case {
    let attack = &ATTACKS[PAIR[1]];
    Case {
        group: "two modules at once",
        name: attack.name.to_owned(),
        what: attack.what.to_owned(),
        expected: wanted(attack.expect),
        body: Body::Pair,
    }
}

/// Runs it, where it is among these; what is wrong with the session as a whole goes into `whole`.
///
/// # Errors
/// Where QEMU cannot be started.
pub fn run(
    bench: &Bench<'_>,
    cases: &[&Case],
    whole: &mut Vec<String>,
    tell: &mut dyn FnMut(&Case, Finding),
) -> Result<(), Failure> {
    for case in cases {
        let (remains, failed) = bench.machine.attempt(&work(bench)?)?;
        let story = &remains.story;
        let failed = failed.or_else(|| failure(story));
        if failed.is_none() {
            whole.extend(of_the_whole(story));
        }
        let mut problems: Vec<String> = failed.into_iter().collect();
        for (place, attack) in PAIR.into_iter().enumerate() {
            let life = story.places.get(place).and_then(|place| place.life(0));
            let entry = EntryPoint::Process;
            problems.extend(found_problems(Planned { attack, entry }, life));
        }
        problems.extend(untold(story).into_iter().map(|death| death.what));
        let asker = story.places.get(1).and_then(|place| place.life(0));
        // What is text of what is written there is blanks. Anything else in a line was fetched again,
        // after it had been looked at.
        let lines = asker.map_or(&[][..], |life| &life.lines);
        let spoiled = lines.iter().skip(1).find(|line| !line.trim().is_empty());
        problems.extend(spoiled.map(|line| format!("a line that was never text: {line}")));
        tell(
            case,
            Finding {
                seen: seen(asker),
                problems,
            },
        );
    }
    Ok(())
}

fn work(bench: &Bench<'_>) -> Result<Work, Failure> {
    let mut given = Vec::new();
    for (index, attack) in PAIR.into_iter().enumerate() {
        let entry = EntryPoint::Process;
        let hostile = asked::hostile(bench, &[Planned { attack, entry }])?;
        given.push((format!("module-{index}"), hostile));
    }
    given.push((String::from("input-0"), vec![0; 64 * PERIOD_BYTES as usize]));
    given.push((files::REQUESTS.to_owned(), requests().as_bytes().to_vec()));
    given.push((files::BLOBS.to_owned(), Vec::new()));
    Ok(Work {
        title: String::from("two modules at once"),
        job: Job {
            cores: 2,
            ..session::job(Mode::Pipelines, CYCLES)
        },
        files: given,
        outputs: vec![String::from("output-0")],
        step_bytes: PERIOD_BYTES,
        steps: 16,
        patience: 2 * PATIENCE,
    })
}

/// Who writes is on the second core and feeds who asks, on the first.
fn requests() -> Vec<RequestRecord> {
    let pin = |place| Endpoint::Pin { place, pin: 0 };
    let phase = |phase| Request::SetPhase { pipeline: 0, phase };
    let begun = [
        Request::Load(0),
        Request::Load(1),
        create(0, 0, 1, BUDGET),
        create(1, 1, 0, BUDGET),
        bind(0, Endpoint::File(0), pin(0)),
        bind(1, pin(0), pin(1)),
        bind(2, pin(1), Endpoint::File(0)),
        phase(Phase::Ready),
        phase(Phase::Running),
    ];
    let ended = [
        Request::Unbind(0),
        Request::Unbind(1),
        Request::Unbind(2),
        Request::Delete(0),
        Request::Delete(1),
        Request::Unload(0),
        Request::Unload(1),
        Request::End,
    ];
    let at = |tick: u32| move |request: Request| request.record(tick);
    begun
        .into_iter()
        .map(at(0))
        .chain(ended.into_iter().map(at(12)))
        .collect()
}
