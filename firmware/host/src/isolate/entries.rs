//! Attacks in every entry point: of each, a pipeline that comes by all of them, with a module file for
//! each attack.

use hostile::plan::Planned;
use kernel::job::{Job, Mode, files};
use kernel::pipeline::request::{Endpoint, Phase, Request, RequestRecord};
use zerocopy::IntoBytes;

use super::asked::{self, PERIOD_BYTES, bind, create};
use super::attacks::{found_problems, seen};
use super::case::{Body, Case, Finding};
use super::{Bench, PATIENCE};
use crate::error::Failure;
use crate::report::figures::cycles;
use crate::report::story::Story;
use crate::run::session::{self, Work};
use crate::run::{PERIOD_BUDGET, failure, of_the_whole, untold};

/// Module files of one session.
const FILES: usize = 6;
/// Ticks that each has.
const TICKS: u32 = 150;

/// Runs them; what is wrong with sessions as a whole goes into `whole`.
///
/// # Errors
/// Where QEMU cannot be started.
pub fn run(
    bench: &Bench<'_>,
    cases: &[&Case],
    whole: &mut Vec<String>,
    tell: &mut dyn FnMut(&Case, Finding),
) -> Result<(), Failure> {
    let core_of = |case: &&Case| match case.body {
        Body::Entry(_, core) => core,
        _ => 0,
    };
    let mut number = 0;
    // A session has one core or two.
    let batches = cases.chunk_by(|one, next| core_of(one) == core_of(next));
    for batch in batches.flat_map(|same| same.chunks(FILES)) {
        let core = batch.first().map_or(0, core_of);
        let title = format!(
            "attacks in entry points {} to {}",
            number + 1,
            number + batch.len()
        );
        number += batch.len();
        let planned: Vec<Planned> = batch
            .iter()
            .filter_map(|case| match &case.body {
                Body::Entry(entry, _) => Some(Planned {
                    attack: entry.number,
                    entry: entry.entry,
                }),
                _ => None,
            })
            .collect();
        let (remains, failed) = bench
            .machine
            .attempt(&work(bench, &planned, core, title)?)?;
        let failed = failed.or_else(|| failure(&remains.story));
        if failed.is_none() {
            whole.extend(of_the_whole(&remains.story));
        }
        for (index, (case, planned)) in batch.iter().zip(&planned).enumerate() {
            let finding = judge(*planned, index, &remains.story, failed.as_deref());
            tell(case, finding);
        }
    }
    Ok(())
}

fn judge(planned: Planned, index: usize, story: &Story, failed: Option<&str>) -> Finding {
    // Each is the first life of its file, and they come one after the other at one place.
    let life = story
        .places
        .first()
        .and_then(|place| place.lives.get(index));
    let mut problems: Vec<String> = failed.map(str::to_owned).into_iter().collect();
    problems.extend(found_problems(planned, life));
    let untold = untold(story).into_iter();
    let own = untold.filter(|death| death.place == 0 && death.life == index);
    problems.extend(own.map(|death| death.what));
    Finding {
        seen: seen(life),
        problems,
    }
}

fn work(bench: &Bench<'_>, planned: &[Planned], core: u32, title: String) -> Result<Work, Failure> {
    let mut given = Vec::new();
    let mut requests = Vec::new();
    for (index, planned) in planned.iter().enumerate() {
        let hostile = asked::hostile(bench, &[*planned])?;
        given.push((format!("module-{index}"), hostile));
        requests.extend(life(index as u32, core));
    }
    let end = planned.len() as u32 * TICKS;
    requests.push(Request::End.record(end));
    given.push((
        String::from("input-0"),
        vec![0; (end * PERIOD_BYTES) as usize],
    ));
    given.push((files::REQUESTS.to_owned(), requests.as_bytes().to_vec()));
    given.push((files::BLOBS.to_owned(), vec![0; 16]));
    Ok(Work {
        title,
        job: Job {
            cores: core + 1,
            ..session::job(Mode::Pipelines, PERIOD_BUDGET)
        },
        files: given,
        outputs: vec![String::from("output-0")],
        step_bytes: PERIOD_BYTES,
        steps: u64::from(end),
        patience: PATIENCE,
    })
}

/// A life that comes by every entry point, if it lasts so long.
fn life(file: u32, core: u32) -> Vec<RequestRecord> {
    let (place, pipeline) = (0, 0);
    let pin = Endpoint::Pin { place: 0, pin: 0 };
    let phase = |phase| Request::SetPhase { pipeline, phase };
    let asked = [
        (0, Request::Load(file)),
        (0, create(place, file, core, cycles(PERIOD_BUDGET))),
        (0, bind(0, Endpoint::File(0), pin)),
        (0, bind(1, pin, Endpoint::File(0))),
        (0, phase(Phase::Ready)),
        (0, phase(Phase::Running)),
        (
            4,
            Request::SetConfig {
                place,
                id: 1,
                offset: 0,
                bytes: 16,
            },
        ),
        (4, Request::GetConfig { place, id: 1 }),
        (8, phase(Phase::Paused)),
        (8, phase(Phase::Ready)),
        (8, phase(Phase::Reset)),
        (8, Request::Unbind(0)),
        (8, Request::Unbind(1)),
        (8, Request::Delete(place)),
        (8, Request::Unload(file)),
    ];
    let begin = file * TICKS;
    asked
        .into_iter()
        .map(|(tick, request)| request.record(begin + tick))
        .collect()
}
