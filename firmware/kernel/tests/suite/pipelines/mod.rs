//! Pipelines on the model machine: who runs when, what becomes of requests, and what death leaves.

mod configuring;
mod cores;
mod dying;
mod formats;
mod order;
mod refusing;
mod states;

use std::cell::RefCell;
use std::rc::Rc;

use abi::{Call, Command, EntryPoint, MESSAGE_BODY_BYTES, Message};
use kernel::audio::ConnectError;
use kernel::config::{BUFFERS, MODULES};
use kernel::estate::Purpose;
use kernel::install::InstallError;
use kernel::pipeline::REQUEST_TICKS;
use kernel::pipeline::request::{
    Creation, Endpoint, Injected, MOST_CONFIG_BYTES, OnDeath, Phase, Request, RequestError,
    RequestRecord,
};
use kernel::report::{
    Acted, Answer, Ending, Flowed, Loaded, Replied, Revived, Said, Stopped, Summary,
};
use kernel::session::Failed;
use mmu::PAGE_BYTES;

use crate::stage::{
    Act, BYTES, Cpu, Halt, Report, Requests, Script, Stage, TICK, Visit, adder, adds, instance_at,
    module, pin,
};

/// An address that is no module's.
const NOWHERE: u32 = 0x100;
const IN: Endpoint = Endpoint::File(0);
const OUT: Endpoint = Endpoint::File(0);

fn ramp(frames: i32) -> Vec<i32> {
    (1..=frames).map(|frame| frame * 1000).collect()
}

fn plus(samples: &[i32], more: i32) -> Vec<i32> {
    samples.iter().map(|sample| sample + more).collect()
}

fn script(act: impl Fn(&mut Cpu<'_>, &Visit) -> Result<Act, Halt> + 'static) -> Script {
    Rc::new(act)
}

/// A script that does in one entry point what `act` says, and otherwise adds.
fn special(
    entry: EntryPoint,
    act: impl Fn(&mut Cpu<'_>, &Visit) -> Result<Act, Halt> + 'static,
) -> Script {
    script(move |cpu, visit| match visit.entry == entry {
        true => act(cpu, visit),
        false => adds(cpu, visit, 100),
    })
}

/// One module between input and output 0, running from tick 0.
fn alone(wanted: Creation) -> Requests {
    let mut requests = Requests::default();
    (requests.add(Request::Load(wanted.file)).create(wanted))
        .bind(1, IN, pin(wanted.place as usize, 0), 4 * BYTES)
        .bind(2, pin(wanted.place as usize, 0), OUT, 4 * BYTES)
        .phase(wanted.pipeline, Phase::Running);
    requests
}

fn inject(place: u32, fault: Injected) -> Request {
    Request::Inject { place, fault }
}

fn stopped_in(report: &Report) -> Vec<(u32, u32)> {
    let all = report.all::<Stopped>().into_iter();
    all.map(|one| (one.place, one.entry)).collect()
}

/// A module that dies in the process of that number.
fn mortal(in_process: u32) -> Script {
    let begun = RefCell::new(0);
    special(EntryPoint::Process, move |cpu, visit| {
        if visit.act == 0 {
            *begun.borrow_mut() += 1;
        }
        if visit.act == 1 && *begun.borrow() == in_process {
            cpu.store(NOWHERE, 1)?;
        }
        adds(cpu, visit, 100)
    })
}
