//! A whole session on the model machine: the host's files lie in memory, and modules are scripts that
//! really read, write and call from their own domains.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use abi::{Call, EntryPoint};
use board::registers::{Exit, RegisterFile};
use kernel::config::INSTANCES;
use kernel::estate::Purpose;
use kernel::estate::RegionPages;
use kernel::host_files::{FileHandle, HostFiles};
use kernel::job::{JOB_MAGIC, Job, Mode, files};
use kernel::journal::{Event, Journal};
use kernel::pipeline::request::{
    Creation, Endpoint, OnDeath, Phase, Request, RequestError, RequestRecord,
};
use kernel::processor::Processor;
use kernel::report::{Audited, Ending, Record, RecordHead, Replied, Resources, Stopped, Summary};
use kernel::system::System;
use mmu::model::{ModelFault, UserAccess, Width};
use mmu::{CoreId, SwitchImage, VirtAddr};
use zerocopy::{FromBytes, IntoBytes};

use crate::builder::{File, TEXT};
use crate::rig::{Rig, Shared};

/// `EXCCAUSE` of a level-1 interrupt.
const INTERRUPT: u32 = 4;
/// Cycles of a tick.
pub const TICK: u32 = 10_000;
/// Where a script keeps its place in the record of its registers, as code does in its program
/// counter: how many acts it has done, and cycles that it has still to run.
const ACTS: usize = 0;
const PENDING: usize = 1;
/// Acts in one entry point, after which a script is taken to be wrong.
const MOST_ACTS: u32 = 100_000;

/// What a module does next.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    /// Ends the entry point.
    Return(i32),
    /// Runs that long.
    Run(u32),
    /// Lets others run.
    Yield,
    /// Never ends.
    Spin,
}

/// Why a module cannot go on.
#[derive(Clone, Copy, Debug)]
pub enum Halt {
    /// It took an exception.
    Fault(ModelFault),
    /// A system call did not return.
    Call,
}

impl From<ModelFault> for Halt {
    fn from(fault: ModelFault) -> Halt {
        Halt::Fault(fault)
    }
}

/// Where a module is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    pub tick: u32,
    pub place: usize,
    pub entry: EntryPoint,
    pub arguments: [u32; 3],
    /// Acts done in this entry point.
    pub act: u32,
}

/// A module's view of the machine.
pub struct Cpu<'s> {
    rig: &'s mut Rig,
    place: usize,
    clock: u32,
}

impl Cpu<'_> {
    pub fn load(&mut self, address: u32) -> Result<u32, Halt> {
        let mut machine = self.rig.machine.0.borrow_mut();
        Ok(machine.user(VirtAddr(address), UserAccess::Load(Width::Word))?)
    }

    pub fn store(&mut self, address: u32, word: u32) -> Result<(), Halt> {
        let mut machine = self.rig.machine.0.borrow_mut();
        machine.user(VirtAddr(address), UserAccess::Store(Width::Word, word))?;
        Ok(())
    }

    pub fn call(&mut self, call: Call, arguments: [u32; 3]) -> Result<u32, Halt> {
        let [a, b, c] = arguments;
        let number = call.number();
        let served = (self.rig.system).call(self.place, number, [a, b, c, 0, 0], self.clock);
        served.ok_or(Halt::Call)
    }

    /// Where a part of the module lies.
    pub fn part(&self, purpose: Purpose) -> u32 {
        self.rig.start(self.place, purpose)
    }
}

/// A module's code.
pub type Script = Rc<dyn Fn(&mut Cpu<'_>, &Visit) -> Result<Act, Halt>>;

/// The target.
pub struct Stage {
    pub rig: Rig,
    pub files: BTreeMap<String, Vec<u8>>,
    handles: Vec<String>,
    scripts: Vec<Script>,
    /// Cycles that modules have taken.
    pub clock: u32,
    tick: u32,
    /// Every beginning of an entry point.
    pub begun: Vec<Visit>,
    /// Places in the order in which they ran, each time that the kernel or a yield gave them time.
    pub ran: Vec<usize>,
    /// Whether outputs take nothing more.
    pub is_full: bool,
    /// What was free when the last request was read.
    pub free_at_last_request: Option<Resources>,
    /// Cores that the job asks for.
    pub cores: u32,
    /// Acts of the second core for each of the first's; where there are none, it runs only while the
    /// first waits.
    pub pace: u32,
    /// What the second core was handed, and how it left.
    away: Option<(RegisterFile, Option<Exit>)>,
    /// Slices that the second core was handed.
    pub slices_away: u32,
}

/// A file whose script has that number.
pub fn module(number: usize) -> File {
    let mut file = File::sound();
    file.header.uuid[0] = number as u8;
    for (index, entry) in file.header.entry.iter_mut().enumerate() {
        *entry = TEXT + 3 * (index as u32 + 1);
    }
    file
}

impl Stage {
    /// Modules of these scripts, as files 0, 1, 2 ...
    pub fn new(scripts: Vec<Script>) -> Stage {
        let mut stage = Stage {
            rig: Rig::new(),
            files: BTreeMap::new(),
            handles: Vec::new(),
            scripts,
            clock: 0,
            tick: 0,
            begun: Vec::new(),
            ran: Vec::new(),
            is_full: false,
            free_at_last_request: None,
            cores: 1,
            pace: 1,
            away: None,
            slices_away: 0,
        };
        for number in 0..stage.scripts.len() {
            stage.put(&format!("module-{number}"), module(number).bytes());
        }
        stage
    }

    pub fn put(&mut self, name: &str, bytes: Vec<u8>) {
        self.files.insert(name.into(), bytes);
    }

    /// Puts an input of samples.
    pub fn input(&mut self, number: u32, samples: &[i32]) {
        self.put(&format!("input-{number}"), samples.as_bytes().to_vec());
    }

    /// The samples of an output.
    pub fn output(&self, number: u32) -> Vec<i32> {
        let bytes = &self.files[&format!("output-{number}")];
        let words = bytes.chunks_exact(4);
        words
            .map(|word| i32::from_le_bytes(word.try_into().unwrap()))
            .collect()
    }

    /// Does requests; what the kernel reports, whatever it is.
    pub fn attempt(&mut self, requests: &[RequestRecord]) -> Report {
        let job = Job {
            magic: JOB_MAGIC,
            mode: Mode::Pipelines as u32,
            period_cycles: TICK,
            cores: self.cores,
            ..Job::default()
        };
        self.put(files::JOB, job.as_bytes().to_vec());
        self.put(files::REQUESTS, requests.as_bytes().to_vec());
        kernel::session::perform(self).unwrap();
        assert!(self.away.is_none(), "the second core still runs a module");
        Report::read(&self.files[files::REPORT])
    }

    /// Does requests; what the kernel reports, which must be all in order.
    pub fn perform(&mut self, requests: &[RequestRecord]) -> Report {
        let report = self.attempt(requests);
        let summary = &report.all::<Summary>()[0];
        assert_eq!(summary.failed, 0, "{:?}", summary.why);
        let replied: Vec<u32> = report
            .all::<Replied>()
            .iter()
            .map(|one| one.request)
            .collect();
        let in_order: Vec<u32> = (1..=replied.len() as u32).collect();
        assert_eq!(replied, in_order, "each is answered once, in order");
        let trail = report.all::<Audited>();
        assert_eq!(trail.len() as u32 + summary.lost, summary.incidents);
        for stopped in report.all::<Stopped>() {
            assert_eq!(stopped.before, stopped.after, "{stopped:?}");
            let is_told = |told: &Audited| {
                (told.place, told.kind, told.cause, told.pc)
                    == (stopped.place, stopped.ending, stopped.cause, stopped.pc)
            };
            // A result and a withdrawal are no incidents.
            let is_none = [Ending::Failed as u32, Ending::Withdrawn as u32];
            assert!(
                is_none.contains(&stopped.ending) || trail.iter().any(is_told),
                "{stopped:?} is not on the trail"
            );
        }
        assert!(self.rig.system.is_sound());
        report
    }

    /// The entry points of a place, in order.
    pub fn entries(&self, place: usize) -> Vec<EntryPoint> {
        let of_it = self.begun.iter().filter(|visit| visit.place == place);
        of_it.map(|visit| visit.entry).collect()
    }

    fn visit(&self, record: &RegisterFile) -> Option<Visit> {
        let place = record.turn.place as usize;
        let [entry, a, b, c] = [2, 3, 4, 5].map(|register| record.near[register]);
        let header = &self.rig.system.instance(place).unwrap().header;
        let index = (header.entry.iter()).position(|at| entry != 0 && *at == entry)?;
        Some(Visit {
            tick: self.tick,
            place,
            entry: EntryPoint::ALL[index],
            arguments: [a, b, c],
            act: record.far[ACTS],
        })
    }

    /// Lets cycles go by; whether the timer went off.
    fn spend(&mut self, record: &mut RegisterFile) -> bool {
        let turn = &mut record.turn;
        let run = record.far[PENDING].min(turn.left);
        turn.left -= run;
        turn.spent += run;
        self.clock = self.clock.wrapping_add(run);
        if record.far[PENDING] != u32::MAX {
            record.far[PENDING] -= run;
        }
        turn.left == 0
    }

    /// One act of a thread on its core; how it left, if it did.
    fn act(&mut self, record: &mut RegisterFile) -> Option<Exit> {
        let core = self.rig.system.core_of(record.turn.place as usize);
        self.rig.machine.0.borrow_mut().run_on(core);
        let exit = self.act_here(record);
        self.rig.machine.0.borrow_mut().run_on(CoreId::BOOT);
        exit
    }

    /// One act of what the second core was handed, if it was handed anything.
    fn act_away(&mut self) {
        let Some((mut record, left)) = self.away.take() else {
            return;
        };
        // Who yields alone goes on.
        let exit = left.or_else(|| self.act(&mut record).filter(|exit| *exit != Exit::Yield));
        self.away = Some((record, exit));
    }

    fn act_here(&mut self, record: &mut RegisterFile) -> Option<Exit> {
        if record.far[PENDING] != 0 && self.spend(record) {
            record.cause = INTERRUPT;
            return Some(Exit::Exception);
        }
        let place = record.turn.place as usize;
        self.rig.switch_by(place, &record.turn.image);
        if record.far[ACTS] == 0 {
            let first = VirtAddr(record.near[2]);
            let fetched = self.rig.machine.0.borrow_mut().user_fetch(first);
            if let Err(fault) = fetched {
                return Some(take_fault(record, fault));
            }
        }
        let visit = self.visit(record).unwrap();
        if visit.act == 0 {
            self.begun.push(visit);
        }
        assert!(visit.act < MOST_ACTS, "{visit:?} does not end");
        record.far[ACTS] += 1;
        let uuid = self.rig.system.instance(place).unwrap().header.uuid;
        let script = self.scripts[usize::from(uuid[0])].clone();
        let mut cpu = Cpu {
            rig: &mut self.rig,
            place,
            clock: self.clock,
        };
        match script(&mut cpu, &visit) {
            Ok(Act::Run(cycles)) => record.far[PENDING] = cycles,
            Ok(Act::Spin) => record.far[PENDING] = u32::MAX,
            Ok(Act::Yield) => return Some(Exit::Yield),
            Ok(Act::Return(result)) => {
                let result = [result.cast_unsigned(), 0, 0];
                assert!(cpu.call(Call::Done, result).is_err());
                return Some(Exit::Call);
            }
            Err(Halt::Call) => return Some(Exit::Call),
            Err(Halt::Fault(fault)) => return Some(take_fault(record, fault)),
        }
        None
    }
}

fn take_fault(record: &mut RegisterFile, fault: ModelFault) -> Exit {
    record.cause = fault.cause;
    record.address = fault.address.0;
    Exit::Exception
}

impl Processor for Stage {
    type Machine = Shared;

    fn system<R>(&mut self, act: impl FnOnce(&mut System<Shared>) -> R) -> R {
        act(&mut self.rig.system)
    }
    fn switch_to(&mut self, _image: &SwitchImage) {}
    fn switch_to_nothing(&mut self, _image: &SwitchImage) {}
    fn enter(&mut self, records: &mut [RegisterFile], first: usize) -> (Exit, usize) {
        let mut index = first;
        self.ran.push(records[index].turn.place as usize);
        loop {
            assert_eq!(
                self.rig.system.core_of(records[index].turn.place as usize),
                CoreId::BOOT,
                "it is another core's"
            );
            let exit = self.act(&mut records[index]);
            (0..self.pace).for_each(|_| self.act_away());
            let Some(exit) = exit else { continue };
            let next = records[index].turn.next;
            let named = (records.iter()).position(|record| record.kernel_address() == next);
            match named.filter(|_| exit == Exit::Yield) {
                Some(other) => index = other,
                None => return (exit, index),
            }
            self.ran.push(records[index].turn.place as usize);
        }
    }
    fn start_cores(&mut self, cores: u32) -> bool {
        cores == 2
    }
    fn hand_over(&mut self, core: CoreId, record: &RegisterFile) {
        let place = record.turn.place as usize;
        assert_eq!(core.number(), 1);
        assert_eq!(self.rig.system.core_of(place), core);
        assert!(self.away.is_none(), "it is busy");
        assert_eq!(record.turn.next, 0, "no other record is there");
        self.ran.push(place);
        self.slices_away += 1;
        self.away = Some((*record, None));
    }
    fn take_back(&mut self, _core: CoreId, record: &mut RegisterFile) -> Option<Exit> {
        let (ran, exit) = self.away?;
        let exit = exit?;
        *record = ran;
        self.away = None;
        Some(exit)
    }
    fn wait(&mut self) {
        self.act_away();
    }
    fn enter_trusted(&mut self, _registers: &mut RegisterFile) -> Exit {
        unreachable!("nobody is trusted here")
    }
    fn set_ticks(&mut self, ticks: u32) {
        self.tick = ticks;
        self.rig.system.set_ticks(ticks);
    }
    fn cycles(&self) -> u32 {
        self.clock
    }
    fn kernel_sum(&self) -> u32 {
        0
    }
}

impl HostFiles for Stage {
    fn open(&mut self, name: &str) -> Option<FileHandle> {
        self.files.contains_key(name).then(|| {
            self.handles.push(name.into());
            FileHandle(self.handles.len() as u32 - 1)
        })
    }
    fn create(&mut self, name: &str) -> Option<FileHandle> {
        self.put(name, Vec::new());
        self.open(name)
    }
    fn read_at(&mut self, file: FileHandle, offset: u32, into: &mut [u8]) -> usize {
        let name = &self.handles[file.0 as usize];
        if name == files::REQUESTS {
            self.free_at_last_request = Some(self.rig.system.resources());
        }
        let bytes = &self.files[name];
        let rest = bytes.get(offset as usize..).unwrap_or_default();
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        count
    }
    fn write(&mut self, file: FileHandle, from: &[u8]) -> bool {
        let name = &self.handles[file.0 as usize];
        if self.is_full && name.starts_with("output") {
            return false;
        }
        self.files.get_mut(name).unwrap().extend_from_slice(from);
        true
    }
    fn stage(&mut self, file: FileHandle, _place: usize) -> Option<&'static [u8]> {
        let bytes = self.files[&self.handles[file.0 as usize]].clone();
        Some(bytes.leak())
    }
}

impl Journal for Stage {
    fn note(&mut self, _event: Event<'_>) {}
}

/// What the kernel told.
pub struct Report(Vec<(u32, Vec<u8>)>);

impl Report {
    fn read(mut bytes: &[u8]) -> Report {
        let mut records = Vec::new();
        while let Ok((head, rest)) = RecordHead::read_from_prefix(bytes) {
            let (body, rest) = rest.split_at(head.bytes as usize);
            records.push((head.kind, body.to_vec()));
            bytes = rest;
        }
        Report(records)
    }

    /// All records of a kind.
    pub fn all<R: Record>(&self) -> Vec<R> {
        let of_kind = self.0.iter().filter(|(kind, _)| *kind == R::KIND);
        of_kind
            .map(|(_, body)| R::read_from_bytes(body).unwrap())
            .collect()
    }

    /// What became of each request.
    pub fn answers(&self) -> Vec<Result<(), RequestError>> {
        let replied = self.all::<Replied>().into_iter();
        replied
            .map(|one| one.why.read().map_or(Ok(()), Err))
            .collect()
    }

    /// Asserts that every request was done.
    pub fn all_done(&self) {
        let failed: Vec<_> = (self.answers().into_iter().enumerate())
            .filter(|(_, answer)| answer.is_err())
            .collect();
        assert!(failed.is_empty(), "{failed:?}");
    }
}

/// Builds request files: each request at the tick that is set.
#[derive(Default)]
pub struct Requests {
    pub tick: u32,
    records: VecDeque<RequestRecord>,
}

impl Requests {
    pub fn add(&mut self, request: Request) -> &mut Self {
        self.records.push_back(request.record(self.tick));
        self
    }
    pub fn at(&mut self, tick: u32) -> &mut Self {
        self.tick = tick;
        self
    }
    /// An instance of a file of the same number.
    pub fn create(&mut self, wanted: Creation) -> &mut Self {
        self.add(Request::Create(wanted))
    }
    pub fn bind(&mut self, buffer: u32, from: Endpoint, to: Endpoint, bytes: u32) -> &mut Self {
        self.add(Request::Bind {
            buffer,
            from,
            to,
            bytes,
            rate: RATE,
            channels: 1,
        })
    }
    pub fn phase(&mut self, pipeline: u32, phase: Phase) -> &mut Self {
        self.add(Request::SetPhase { pipeline, phase })
    }
    pub fn end(&mut self) -> Vec<RequestRecord> {
        self.add(Request::End);
        self.records.drain(..).collect()
    }
}

/// Frames per second of every buffer here: two frames in a tick.
pub const RATE: u32 = 2_000;
/// Bytes of a tick.
pub const BYTES: u32 = 8;

/// An instance of the file and pipeline of its place, with a period of a tick, which stays dead.
pub const fn instance_at(place: u32) -> Creation {
    Creation {
        place,
        file: place,
        pipeline: place,
        period_us: 1_000,
        restarts: 0,
        on_death: OnDeath::Silence,
        budget: TICK,
        core: 0,
        region: RegionPages {
            lifetime: 0,
            interim: 0,
        },
    }
}

pub const fn pin(place: usize, pin: u8) -> Endpoint {
    assert!(place < INSTANCES);
    Endpoint::Pin {
        place: place as u8,
        pin,
    }
}

/// A generator of numbers without a pattern: splitmix64.
#[derive(Clone, Debug)]
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed >> 32) as u32
    }

    pub fn below(&mut self, limit: u32) -> u32 {
        self.next() % limit
    }

    pub fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u32) as usize]
    }
}

/// A script that mostly does what it should, and once in so many acts anything else: any access, any
/// call, any result, or it never ends.
pub fn wild(seed: u64, once_in: u32) -> Script {
    let dice = RefCell::new(Dice(seed));
    Rc::new(move |cpu, visit| {
        let mut dice = dice.borrow_mut();
        if dice.below(once_in) != 0 {
            return adds(cpu, visit, 50).or(Ok(Act::Return(0)));
        }
        let [a, b, c] = visit.arguments;
        let words = [
            0,
            1,
            4,
            8,
            64,
            5000,
            u32::MAX,
            u32::MAX - 3,
            a,
            b,
            c,
            cpu.part(Purpose::Text),
            cpu.part(Purpose::Data) + 256,
            cpu.part(Purpose::Region),
            cpu.part(Purpose::Message),
        ];
        Ok(match dice.below(8) {
            0 => {
                cpu.load(dice.one_of(&words) & !3)?;
                Act::Run(dice.below(50))
            }
            1 => {
                cpu.store(dice.one_of(&words) & !3, dice.next())?;
                Act::Run(dice.below(50))
            }
            2 | 3 => {
                let number = match dice.below(16) {
                    0 => dice.one_of(&words),
                    _ => dice.one_of(&Call::ALL[1..Call::ALL.len() - 1]).number(),
                };
                let arguments = [(); 5].map(|()| dice.one_of(&words));
                let place = visit.place;
                let served = cpu.rig.system.call(place, number, arguments, cpu.clock);
                served.ok_or(Halt::Call)?;
                Act::Run(dice.below(50))
            }
            4 => Act::Yield,
            5 => Act::Run(dice.below(3 * TICK)),
            6 if dice.below(4) == 0 => Act::Spin,
            _ => Act::Return(dice.one_of(&[0, 1, -1, i32::MAX, i32::MIN])),
        })
    })
}

/// A script that runs that long in `process` and adds one to each sample; otherwise it does nothing.
pub fn adder(cycles: u32) -> Script {
    Rc::new(move |cpu, visit| adds(cpu, visit, cycles))
}

/// What an [`adder`] does.
pub fn adds(cpu: &mut Cpu<'_>, visit: &Visit, cycles: u32) -> Result<Act, Halt> {
    if visit.entry != EntryPoint::Process {
        return Ok(Act::Return(0));
    }
    if visit.act == 0 {
        let [input, output, frames] = visit.arguments;
        for offset in (0..frames).map(|frame| 4 * frame) {
            let sample = cpu.load(input + offset)?;
            cpu.store(output + offset, sample.wrapping_add(1))?;
        }
        return Ok(Act::Run(cycles));
    }
    Ok(Act::Return(0))
}
