//! Module files with one thing wrong, loaded by the kernel on the machine: as many as it can stage in
//! a session.

use kernel::config::MODULES;
use kernel::job::{Mode, files};
use kernel::pipeline::request::{Request, RequestRecord};
use zerocopy::IntoBytes;

use super::case::{Body, Case, Finding};
use super::corpus::{Malformed, Must};
use super::{Bench, PATIENCE};
use crate::error::Failure;
use crate::report::story::Reply;
use crate::run::session::{self, Work};
use crate::run::{PERIOD_BUDGET, failure, of_the_whole};

/// What the name of such a case begins with.
pub const PREFIX: &str = "file: ";

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
    let mut number = 0;
    for batch in cases.chunks(MODULES) {
        let wrong: Vec<&Malformed> = batch
            .iter()
            .filter_map(|case| match &case.body {
                Body::File(file) => Some(file),
                _ => None,
            })
            .collect();
        let title = format!("files {} to {}", number + 1, number + batch.len());
        number += batch.len();
        let (remains, failed) = bench.machine.attempt(&work(&wrong, title))?;
        let failed = failed.or_else(|| failure(&remains.story));
        if failed.is_none() {
            whole.extend(of_the_whole(&remains.story));
        }
        for (index, (case, file)) in batch.iter().zip(&wrong).enumerate() {
            let reply = |request: usize| {
                let mut replies = remains.story.pipelines.replies.iter();
                replies.find(|reply| reply.request as usize == request)
            };
            // A file has two requests, counted from 1: it is loaded, and unloaded.
            let replies = [reply(2 * index + 1), reply(2 * index + 2)];
            let mut finding = judge(&file.must, replies);
            finding.problems.extend(failed.clone());
            tell(case, finding);
        }
    }
    Ok(())
}

fn work(wrong: &[&Malformed], title: String) -> Work {
    let mut given: Vec<(String, Vec<u8>)> = Vec::new();
    let mut requests: Vec<RequestRecord> = Vec::new();
    for (index, file) in wrong.iter().enumerate() {
        given.push((format!("module-{index}"), file.bytes.clone()));
        let index = index as u32;
        requests.push(Request::Load(index).record(0));
        requests.push(Request::Unload(index).record(0));
    }
    requests.push(Request::End.record(0));
    given.push((files::REQUESTS.to_owned(), requests.as_bytes().to_vec()));
    given.push((files::BLOBS.to_owned(), Vec::new()));
    Work {
        title,
        job: session::job(Mode::Pipelines, PERIOD_BUDGET),
        files: given,
        outputs: Vec::new(),
        step_bytes: 1,
        steps: 0,
        patience: PATIENCE,
    }
}

/// Whether a file was refused, or loaded and unloaded, as it must be.
fn judge(must: &Must, [loaded, unloaded]: [Option<&Reply>; 2]) -> Finding {
    let Some(loaded) = loaded else {
        return Finding::not_run("the kernel did not answer");
    };
    let mut problems = Vec::new();
    let seen = match &loaded.refused {
        Some(why) => {
            match must {
                Must::Refuse(words) if !why.contains(&**words) => {
                    problems.push(format!("the refusal must name {words}: {why}"));
                }
                Must::Load => problems.push(String::from("it must be loaded")),
                Must::Refuse(_) | Must::Contain => {}
            }
            format!("refused: {why}")
        }
        None => {
            if let Must::Refuse(_) = must {
                problems.push(String::from("it must be refused"));
            }
            if unloaded.is_none_or(|unloaded| unloaded.refused.is_some()) {
                problems.push(String::from("it was not unloaded"));
            }
            String::from("loaded")
        }
    };
    Finding { seen, problems }
}

/// How a file must be treated, in words.
pub fn expected(must: &Must) -> String {
    match must {
        Must::Refuse(words) => format!("refused: {words}"),
        Must::Load => String::from("loaded"),
        Must::Contain => String::from("refused or loaded"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(refused: Option<&str>) -> Reply {
        Reply {
            request: 1,
            tick: 0,
            refused: refused.map(str::to_owned),
        }
    }

    #[test]
    fn a_refusal_must_name_what_is_wrong() {
        let refuse = Must::Refuse(String::from("e_machine"));
        let (right, other) = (reply(Some("e_machine is 3")), reply(Some("e_type is 3")));
        let loaded = reply(None);
        let not_there = reply(Some("module 1 is not loaded"));
        let problems = |must: &Must, replies| judge(must, replies).problems.len();
        assert_eq!(problems(&refuse, [Some(&right), Some(&not_there)]), 0);
        assert_eq!(problems(&refuse, [Some(&other), Some(&not_there)]), 1);
        assert_eq!(problems(&refuse, [Some(&loaded), Some(&loaded)]), 1);
        assert_eq!(problems(&refuse, [None, None]), 1);
        assert_eq!(problems(&Must::Load, [Some(&loaded), Some(&loaded)]), 0);
        assert_eq!(problems(&Must::Load, [Some(&loaded), Some(&not_there)]), 1);
        assert_eq!(problems(&Must::Load, [Some(&right), Some(&not_there)]), 1);
        assert_eq!(
            problems(&Must::Contain, [Some(&right), Some(&not_there)]),
            0
        );
        assert_eq!(problems(&Must::Contain, [Some(&loaded), Some(&loaded)]), 0);
    }
}
