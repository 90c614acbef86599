//! What became of a pipeline, for a reader.

use kernel::pipeline::request::{Creation, Request};
use kernel::report::Acted;

use super::plan::Plan;
use super::topology::Topology;
use crate::report::figures::instructions;
use crate::report::story::Story;
use crate::report::table::{Side, Table, count, grouped, printable};
use crate::report::{Report, ending};

/// Bytes of an answer that are shown.
const SHOWN_BYTES: usize = 32;

/// Writes everything down.
pub fn show(report: &mut Report, topology: &Topology, plan: &Plan, story: &Story, verbose: bool) {
    report.line(&format!(
        "{} of {} for {} ms, {} instructions a millisecond",
        count(topology.modules.len(), "instance"),
        count(plan.modules.len(), "module file"),
        grouped(plan.ticks.into()),
        grouped(topology.cycles_per_ms.into()),
    ));
    let cores = topology.cores();
    if cores > 1 {
        report.line(&format!(
            "{cores} cores, by the host's clock: what is called an instruction is 128 ns of it, not \
             instructions that were counted"
        ));
    }
    instances(report, topology, story);
    buffers(report, topology, story);
    deaths(report, topology, story);
    answers(report, topology, plan, story);
    said(report, topology, story);
    requests(report, topology, plan, story, verbose);
}

fn name(topology: &Topology, place: u32) -> &str {
    topology
        .modules
        .get(place as usize)
        .map_or("?", |module| &module.name)
}

fn instances(report: &mut Report, topology: &Topology, story: &Story) {
    let mut table = Table::new([
        ("instance", Side::Left),
        ("module", Side::Left),
        ("periods", Side::Right),
        ("average", Side::Right),
        ("most", Side::Right),
        ("late", Side::Right),
        ("passed by", Side::Right),
        ("deaths", Side::Right),
        ("pages", Side::Right),
    ]);
    for (place, module) in topology.modules.iter().enumerate() {
        let tenancy = &story.places[place];
        let life = tenancy.lives.first();
        let cost = tenancy.periods;
        let of_it = |acted: &&Acted| acted.place == place as u32;
        let acted = story.pipelines.acted.iter().rfind(of_it);
        let of_acted = |number: fn(&Acted) -> u32| {
            acted.map_or(String::from("-"), |acted| grouped(number(acted).into()))
        };
        table.row([
            match topology.cores() {
                1 => module.name.clone(),
                _ => format!("{} on core {}", module.name, module.core),
            },
            life.map_or_else(|| module.file.clone(), |life| life.name()),
            grouped(cost.map_or(0, |cost| cost.periods)),
            grouped(cost.map_or(0, |cost| {
                instructions(cost.cycles as f64 / cost.periods.max(1) as f64) as u64
            })),
            grouped(cost.map_or(0, |cost| instructions(cost.most.into()) as u64)),
            of_acted(|acted| acted.late),
            of_acted(|acted| acted.missed),
            of_acted(|acted| acted.deaths),
            life.map_or(0, |life| life.loaded.pages).to_string(),
        ]);
    }
    report.section("Instances, with instructions per period", &table);
}

fn buffers(report: &mut Report, topology: &Topology, story: &Story) {
    let mut table = Table::new([
        ("from", Side::Left),
        ("to", Side::Left),
        ("bytes", Side::Right),
        ("most at once", Side::Right),
        ("silence", Side::Right),
    ]);
    for (index, buffer) in topology.buffers.iter().enumerate() {
        let Some(flowed) = story.pipelines.flowed.get(&(index as u32)) else {
            continue;
        };
        table.row([
            buffer.from.to_string(),
            buffer.to.to_string(),
            grouped(flowed.written.into()),
            grouped(flowed.peak.into()),
            grouped(flowed.silence.into()),
        ]);
    }
    if !table.is_empty() {
        report.section("Buffers, with frames of silence for want of others", &table);
    }
}

fn deaths(report: &mut Report, topology: &Topology, story: &Story) {
    let mut table = Table::new([
        ("ms", Side::Right),
        ("instance", Side::Left),
        ("died of", Side::Left),
        ("ran again after", Side::Left),
    ]);
    for (place, tenancy) in story.places.iter().enumerate() {
        for (life, stopped) in tenancy.deaths() {
            let next = life.loaded.restarts + 1;
            let revived = story.pipelines.revived.iter();
            let mut again =
                revived.filter(|again| again.place == place as u32 && again.restarts == next);
            let again = again.next().map_or(String::from("never"), |again| {
                format!(
                    "{} ms, {} instructions",
                    grouped(again.ticks.into()),
                    grouped(instructions(again.cycles.into()) as u64)
                )
            });
            table.row([
                grouped(stopped.period.into()),
                name(topology, place as u32).to_owned(),
                ending::whole(stopped),
                again,
            ]);
        }
    }
    if !table.is_empty() {
        report.section("Deaths", &table);
    }
}

fn answers(report: &mut Report, topology: &Topology, plan: &Plan, story: &Story) {
    let mut table = Table::new([
        ("instance", Side::Left),
        ("id", Side::Right),
        ("bytes", Side::Right),
        ("what it told", Side::Left),
    ]);
    for (request, bytes) in &story.pipelines.answers {
        let asked = plan.requests.get(*request as usize - 1);
        let Some((_, Request::GetConfig { place, id })) = asked else {
            continue;
        };
        let shown = &bytes[..bytes.len().min(SHOWN_BYTES)];
        let is_text =
            |bytes: &[u8]| !bytes.is_empty() && bytes.iter().all(|b| (32..127).contains(b));
        let text = match is_text(shown) {
            true => printable(&String::from_utf8_lossy(shown)),
            false => shown.iter().map(|byte| format!("{byte:02x} ")).collect(),
        };
        table.row([
            name(topology, *place).to_owned(),
            id.to_string(),
            bytes.len().to_string(),
            text.trim_end().to_owned(),
        ]);
    }
    if !table.is_empty() {
        report.section("Configurations told", &table);
    }
}

fn said(report: &mut Report, topology: &Topology, story: &Story) {
    for (place, tenancy) in story.places.iter().enumerate() {
        for line in tenancy.lives.iter().flat_map(|life| &life.lines) {
            report.line(&format!("{} says \"{line}\"", name(topology, place as u32)));
        }
    }
}

fn requests(report: &mut Report, topology: &Topology, plan: &Plan, story: &Story, verbose: bool) {
    let replies = &story.pipelines.replies;
    let mut problems = Vec::new();
    let mut table = Table::new([
        ("ms", Side::Right),
        ("request", Side::Left),
        ("result", Side::Left),
    ]);
    for (index, (due, request)) in plan.requests.iter().enumerate() {
        let number = index as u32 + 1;
        let what = describe(topology, plan, request);
        let reply = replies.iter().find(|reply| reply.request == number);
        let result = match reply {
            None => String::from("no answer"),
            Some(reply) => reply
                .refused
                .clone()
                .unwrap_or_else(|| String::from("done")),
        };
        if result != "done" {
            problems.push(format!("{what} at {due} ms: {result}"));
        }
        let tick = reply.map_or(*due, |reply| reply.tick);
        table.row([grouped(tick.into()), what, result]);
    }
    if verbose {
        report.section("Requests", &table);
    }
    report.line("");
    let all = count(plan.requests.len(), "request");
    report.check("Requests", &format!("all of {all} done"), problems);
}

fn describe(topology: &Topology, plan: &Plan, request: &Request) -> String {
    let module = |file: u32| {
        let file = plan.modules.get(file as usize);
        file.map_or_else(String::new, |module| module.name())
    };
    let buffer = |index: u32| {
        let buffer = topology.buffers.get(index as usize);
        buffer.map_or_else(String::new, |b| format!("{} -> {}", b.from, b.to))
    };
    match request {
        Request::Load(file) => format!("load {}", module(*file)),
        Request::Unload(file) => format!("unload {}", module(*file)),
        Request::Create(Creation { place, .. }) => format!("create {}", name(topology, *place)),
        Request::Delete(place) => format!("delete {}", name(topology, *place)),
        Request::Bind { buffer: index, .. } => format!("bind {}", buffer(*index)),
        Request::Unbind(index) => format!("unbind {}", buffer(*index)),
        Request::SetPhase { pipeline, phase } => {
            let pipelines = topology.pipelines();
            let mut names = pipelines.iter().filter(|(_, number)| *number == pipeline);
            let name = names.next().map_or("?", |(name, _)| name);
            format!("set {name} {}", format!("{phase:?}").to_lowercase())
        }
        Request::SetConfig { place, id, .. } => {
            format!("configure {} {id}", name(topology, *place))
        }
        Request::GetConfig { place, id } => format!("ask {} {id}", name(topology, *place)),
        Request::Inject { place, fault } => format!(
            "let {} fail: {}",
            name(topology, *place),
            format!("{fault:?}").to_lowercase()
        ),
        Request::End => String::from("end"),
    }
}
