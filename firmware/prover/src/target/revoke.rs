//! Two cores: the second runs a module that reads a page for ever, the first takes the page away.

use core::sync::atomic::{AtomicU32, Ordering};

use board::registers::{Exit, RegisterFile};
use board::target::cores::{past_cache, release_second};
use board::target::entry;
use domains::{Cause, DomainError, DomainHandle, Domains, Partition, Tenure};
use mmu::target::{CORES, TargetMachine, this_core};
use mmu::{
    Alias, CoreId, DC233C, Frames, KernelLock, Machine, Mailbox, PAGE_BYTES, PageCount, PhysAddr,
    PhysRange, Platform, Rights, SwitchImage, VirtAddr,
};

use super::user::{READER_CODE, map_code, place_code};
use crate::Outcome;
use crate::revoking::{BEFORE, Kind, ROUNDS, Round, SECRET};

const FRAMES: usize = 8;
const BOARD: Platform = Platform {
    module_frames: PhysRange {
        frames: FRAMES as u32,
        ..DC233C.module_frames
    },
    ..DC233C
};
/// The same, on which a core that does not answer is given up soon.
const HASTY: Platform = Platform {
    shootdown_polls: 10_000,
    ..BOARD
};
/// Cycles of a module's slice; then its core answers.
const SLICE: u32 = 20_000;
/// How often the first core looks for something that must come.
const PATIENCE: u32 = 200_000_000;
/// How often each core takes the lock.
const TURNS: u32 = 2_000;
/// Frames: of the page that is taken, of the count, and of what the first core maps meanwhile.
const PAGE_FRAME: u32 = 0;
const COUNT_FRAME: u32 = 1;
const OTHER_FRAME: u32 = 2;

/// What the second core is to do.
#[repr(u32)]
enum Order {
    Wait = 0,
    Read = 1,
    /// As `Read`, but deaf.
    ReadDeaf = 2,
    Contend = 3,
}

/// All that the cores share.
struct Shared {
    mailbox: Mailbox<CORES>,
    lock: KernelLock,
    order: AtomicU32,
    /// The second core's answer: the order it has done.
    done: AtomicU32,
    image: [AtomicU32; 5],
    page: AtomicU32,
    count: AtomicU32,
    cause: AtomicU32,
    address: AtomicU32,
    last: AtomicU32,
    answers: AtomicU32,
    /// Counted up by both cores under the lock, by a load and a store.
    counter: AtomicU32,
}

static SHARED: Shared = Shared {
    mailbox: Mailbox::new(),
    lock: KernelLock::new(),
    order: AtomicU32::new(0),
    done: AtomicU32::new(0),
    image: [const { AtomicU32::new(0) }; 5],
    page: AtomicU32::new(0),
    count: AtomicU32::new(0),
    cause: AtomicU32::new(0),
    address: AtomicU32::new(0),
    last: AtomicU32::new(0),
    answers: AtomicU32::new(0),
    counter: AtomicU32::new(0),
};

fn shared() -> &'static Shared {
    past_cache(&SHARED)
}

fn machine(platform: &Platform) -> TargetMachine {
    // SAFETY: the reset code has wired the direct maps on each core, this is the board, and no
    // reference into the frames exists.
    unsafe { TargetMachine::new(platform, &shared().mailbox) }
}

/// Answers what this core was asked.
fn answer() {
    let answered = shared()
        .mailbox
        .answer(this_core(), |stale| stale.drop_all(&mut machine(&BOARD)));
    if answered {
        add_one(&shared().answers);
    }
}

fn add_one(word: &AtomicU32) {
    word.store(
        word.load(Ordering::Relaxed).wrapping_add(1),
        Ordering::Relaxed,
    );
}

/// The second core: does what it is ordered.
pub fn second_core() -> ! {
    map_code();
    let shared = shared();
    loop {
        match shared.order.load(Ordering::Acquire) {
            order if order == Order::Read as u32 => read(true),
            order if order == Order::ReadDeaf as u32 => read(false),
            order if order == Order::Contend as u32 => contend(),
            _ => {
                answer();
                continue;
            }
        }
        shared.order.store(Order::Wait as u32, Ordering::Relaxed);
        add_done();
    }
}

fn add_done() {
    let done = &shared().done;
    done.store(done.load(Ordering::Relaxed) + 1, Ordering::Release);
}

/// Runs the reader until it faults. A deaf core answers only once it is ordered to hear.
fn read(hears: bool) {
    let shared = shared();
    let word = |index: usize| shared.image[index].load(Ordering::Relaxed);
    entry::switch_to(&SwitchImage {
        rasid: word(0),
        cached: [word(1), word(2)],
        uncached: [word(3), word(4)],
    });
    let page = shared.page.load(Ordering::Relaxed);
    let count = shared.count.load(Ordering::Relaxed);
    let mut registers = RegisterFile::beginning(READER_CODE, 0, [0, page, 0, 0, count]);
    loop {
        let exit = entry::enter(&mut registers, SLICE);
        let goes_on = exit == Exit::Exception && registers.cause == Cause::INTERRUPT.0;
        if !goes_on {
            break;
        }
        if hears || shared.order.load(Ordering::Relaxed) == Order::Read as u32 {
            answer();
        }
    }
    shared.cause.store(registers.cause, Ordering::Relaxed);
    shared.address.store(registers.address, Ordering::Relaxed);
    shared.last.store(registers.near[4], Ordering::Relaxed);
}

/// Takes the lock again and again; a core that waits for it answers.
fn contend() {
    let shared = shared();
    for _ in 0..TURNS {
        shared.lock.take(answer);
        add_one(&shared.counter);
        shared.lock.give_back();
    }
}

/// Why the first core gave up.
#[derive(Debug)]
pub enum Stuck {
    /// The second core did not do what it was ordered.
    Second,
    /// A domain refused what it must not.
    Refused,
}

impl From<DomainError> for Stuck {
    fn from(_: DomainError) -> Self {
        Stuck::Refused
    }
}

type Few = Domains<3, FRAMES, 2>;

/// The first core: all rounds.
pub fn first_core(mut put: impl FnMut(&Round)) -> Result<(), Stuck> {
    place_code();
    map_code();
    let mut machine = machine(&BOARD);
    let mut domains = Few::new(&BOARD, &mut machine);
    let reader = domains.create(0)?;
    let owner = domains.create(1)?;
    domains.add_partition(&mut machine, reader, data(0, 9)?, |_| frame(COUNT_FRAME))?;
    release_second();
    for round in 0..ROUNDS {
        put(&revoke(&mut domains, &mut machine, reader, owner, round)?);
    }
    put(&go_unheard(&mut domains, &mut machine, reader)?);
    put(&share_the_lock(&mut domains, &mut machine, reader)?);
    Ok(())
}

/// Gives the reader a page, lets it read, takes the page away, and gives its frame to another.
fn revoke(
    domains: &mut Few,
    machine: &mut TargetMachine,
    reader: DomainHandle,
    owner: DomainHandle,
    round: u32,
) -> Result<Round, Stuck> {
    let partition = data(0, round % 8)?;
    let page = partition.range.start();
    // Through one alias and the other in turn: both are revoked at once.
    let read_at = if round % 2 == 0 {
        Some(page)
    } else {
        BOARD.uncached(page)
    };
    let read_at = read_at.ok_or(Stuck::Refused)?;
    machine.write(frame(PAGE_FRAME).start, &BEFORE.to_le_bytes());
    domains.add_partition(machine, reader, partition, |_| frame(PAGE_FRAME))?;
    shared().answers.store(0, Ordering::Relaxed);
    let done = order(domains, reader, read_at, Order::Read)?;
    await_reads(machine)?;

    let outcome = Outcome::of(domains.remove_partition(machine, reader, page));
    // From here on the frame is another's.
    machine.zero_frame(frame(PAGE_FRAME).start);
    machine.write(frame(PAGE_FRAME).start, &SECRET.to_le_bytes());
    let other = data(1, 0)?;
    domains.add_partition(machine, owner, other, |_| frame(PAGE_FRAME))?;
    let reads_before = reads(machine);

    await_done(done)?;
    domains.remove_partition(machine, owner, other.range.start())?;
    Ok(report(
        machine,
        Kind::Revoked,
        outcome,
        reads_before,
        read_at,
    ))
}

/// The other core does not answer: the page stays the reader's, and goes once it answers.
fn go_unheard(
    domains: &mut Few,
    machine: &mut TargetMachine,
    reader: DomainHandle,
) -> Result<Round, Stuck> {
    let partition = data(0, 0)?;
    let page = partition.range.start();
    machine.write(frame(PAGE_FRAME).start, &BEFORE.to_le_bytes());
    domains.add_partition(machine, reader, partition, |_| frame(PAGE_FRAME))?;
    let done = order(domains, reader, page, Order::ReadDeaf)?;
    await_reads(machine)?;
    let outcome = Outcome::of(domains.remove_partition(&mut self::machine(&HASTY), reader, page));
    let reads_before = reads(machine);
    // It must still read, and nothing must be half done.
    await_reads(machine)?;
    domains.check(machine).map_err(|_| Stuck::Refused)?;
    shared().order.store(Order::Read as u32, Ordering::Release);
    domains.remove_partition(machine, reader, page)?;
    await_done(done)?;
    Ok(report(
        machine,
        Kind::Unanswered,
        outcome,
        reads_before,
        page,
    ))
}

/// Both cores take the lock; the first grants and revokes while it holds it, and so waits for
/// answers of a core that waits for the lock.
fn share_the_lock(
    domains: &mut Few,
    machine: &mut TargetMachine,
    reader: DomainHandle,
) -> Result<Round, Stuck> {
    let partition = data(0, 1)?;
    let shared = shared();
    let done = order(domains, reader, partition.range.start(), Order::Contend)?;
    let mut outcome = Outcome::done(0);
    for turn in 0..TURNS {
        shared.lock.take(|| ());
        add_one(&shared.counter);
        if turn % 16 == 0 {
            domains.add_partition(machine, reader, partition, |_| frame(OTHER_FRAME))?;
            let start = partition.range.start();
            outcome = Outcome::of(domains.remove_partition(machine, reader, start));
        }
        shared.lock.give_back();
    }
    await_done(done)?;
    let mut round = report(machine, Kind::Locked, outcome, 2 * TURNS, VirtAddr(0));
    round.reads_after = shared.counter.load(Ordering::Relaxed);
    Ok(round)
}

/// Has the second core do something in a domain; what its `done` will be then.
fn order(
    domains: &mut Few,
    reader: DomainHandle,
    page: VirtAddr,
    order: Order,
) -> Result<u32, Stuck> {
    let second = CoreId::new(1).ok_or(Stuck::Second)?;
    let image = domains.enter(reader, second)?;
    let words = [
        image.rasid,
        image.cached[0],
        image.cached[1],
        image.uncached[0],
        image.uncached[1],
    ];
    let shared = shared();
    for (place, word) in shared.image.iter().zip(words) {
        place.store(word, Ordering::Relaxed);
    }
    shared.page.store(page.0, Ordering::Relaxed);
    let count = BOARD.uncached(data(0, 9)?.range.start());
    shared
        .count
        .store(count.map_or(0, |at| at.0), Ordering::Relaxed);
    let done = shared.done.load(Ordering::Acquire);
    shared.order.store(order as u32, Ordering::Release);
    Ok(done + 1)
}

fn reads(machine: &mut TargetMachine) -> u32 {
    let mut bytes = [0; 4];
    machine.load(frame(COUNT_FRAME).start, &mut bytes);
    u32::from_le_bytes(bytes)
}

fn await_reads(machine: &mut TargetMachine) -> Result<(), Stuck> {
    let first = reads(machine);
    let reads = || reads(machine);
    await_that(reads, |now| now.wrapping_sub(first) > 2)
}

fn await_done(done: u32) -> Result<(), Stuck> {
    await_that(|| shared().done.load(Ordering::Acquire), |now| now == done)
}

fn await_that(mut look: impl FnMut() -> u32, is_it: impl Fn(u32) -> bool) -> Result<(), Stuck> {
    (0..PATIENCE)
        .any(|_| is_it(look()))
        .then_some(())
        .ok_or(Stuck::Second)
}

fn report(
    machine: &mut TargetMachine,
    kind: Kind,
    outcome: Outcome,
    reads_before: u32,
    page: VirtAddr,
) -> Round {
    let shared = shared();
    Round {
        kind: kind as u32,
        code: outcome.code,
        reads_before,
        reads_after: reads(machine),
        last: shared.last.load(Ordering::Relaxed),
        cause: shared.cause.load(Ordering::Relaxed),
        address: shared.address.load(Ordering::Relaxed),
        page: page.0,
        answers: shared.answers.load(Ordering::Relaxed),
    }
}

fn data(slot: u32, page: u32) -> Result<Partition, DomainError> {
    let offset = slot * mmu::SLOT_BYTES + page * PAGE_BYTES;
    let start = BOARD.address_of(offset, Alias::Cached);
    Partition::new(start, PageCount(1), Rights::DATA, Tenure::Own)
}

fn frame(number: u32) -> PhysRange {
    PhysRange {
        start: PhysAddr(BOARD.module_frames.start.0 + number * PAGE_BYTES),
        frames: 1,
    }
}
