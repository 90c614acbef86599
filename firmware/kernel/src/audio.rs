//! Audio buffers: frames of their own, seen read and write by who produces and read only by who
//! consumes. Where what is stands in kernel memory. A side is an instance's pin, or the kernel.

use domains::{DomainError, Partition, Tenure};
use mmu::{CoreId, Frames, Machine, PAGE_BYTES, PageCount, Rights, VirtAddr};
use syscalls::AudioBuffer;
use thiserror_no_std::Error;
use vregion::ring::{Piece, Ring};

use crate::backing::{Holdings, frames_behind};
use crate::config::{BUFFER_PAGES, BUFFERS, FIRST_BUFFER_PAGE, INSTANCES};
use crate::report::words::in_words;
use crate::system::System;

/// A ring that nothing goes through.
const NO_RING: Ring = match Ring::new(1) {
    Ok(ring) => ring,
    Err(_) => panic!("a ring can have one byte"),
};

/// A buffer that nobody is bound to.
const NO_BUFFER: AudioBuffer = AudioBuffer {
    ring: NO_RING,
    read_at: VirtAddr(0),
    written_at: VirtAddr(0),
};

/// The most bytes of a buffer: behind it is a guard page.
pub const MOST_BYTES: u32 = (BUFFER_PAGES - 1) * PAGE_BYTES;

/// A pin of the instance at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The instance's place.
    pub place: usize,
    /// Which of its sources, or of its sinks.
    pub pin: usize,
}

/// Which side of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Who writes.
    Producer,
    /// Who reads.
    Consumer,
}

impl Side {
    const BOTH: [Side; 2] = [Side::Producer, Side::Consumer];
}

/// What a buffer connects. Where a side is not a pin, it is the kernel.
#[derive(Clone, Debug)]
struct Link {
    pages: u32,
    held: Holdings,
    /// By [`Side`].
    pins: [Option<Pin>; 2],
}

/// All buffers.
#[derive(Debug)]
pub(crate) struct Audio {
    buffers: [AudioBuffer; BUFFERS],
    links: [Option<Link>; BUFFERS],
    /// Bytes that had gone through each instance's first source and sink when its `process` began.
    marks: [[u32; 2]; INSTANCES],
}

/// Why two sides are not connected. Nothing has changed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum ConnectError {
    /// None or too many bytes.
    #[error("a buffer has from 1 to {most} bytes, not {0}", most = MOST_BYTES)]
    Size(u32),
    /// All are in use.
    #[error("all {0} audio buffers are in use")]
    NoBuffer(usize),
    /// Both sides are the same instance: what it may only read it may not write.
    #[error("a module cannot be connected to itself")]
    Itself,
    /// No such place or pin.
    #[error("a module has no pin {0}")]
    NoPin(usize),
    /// The pin is connected.
    #[error("pin {0} is connected already")]
    PinTaken(usize),
    /// No pages or frames.
    #[error("no free pages or frames are left for a buffer")]
    Pages,
    /// The domain takes no more.
    #[error("a module has too many partitions for another buffer")]
    Domain,
}

in_words!(ConnectError {
    1 = Size(bytes),
    2 = NoBuffer(buffers),
    3 = Itself,
    4 = NoPin(pin),
    5 = PinTaken(pin),
    6 = Pages,
    7 = Domain,
});

impl From<DomainError> for ConnectError {
    fn from(_: DomainError) -> Self {
        ConnectError::Domain
    }
}

impl Audio {
    /// No buffers.
    pub(crate) const fn new() -> Audio {
        Audio {
            buffers: [const { NO_BUFFER }; BUFFERS],
            links: [const { None }; BUFFERS],
            marks: [[0; 2]; INSTANCES],
        }
    }

    /// The buffers, by the indexes that pins have.
    pub(crate) fn buffers(&mut self) -> &mut [AudioBuffer] {
        &mut self.buffers
    }

    /// How many are free.
    pub(crate) fn free(&self) -> u32 {
        self.links.iter().filter(|link| link.is_none()).count() as u32
    }
}

impl<M: Machine> System<M> {
    /// Makes a buffer between two sides. An instance that comes to a place later finds its buffers
    /// there. Its index.
    ///
    /// # Errors
    /// One of [`ConnectError`].
    pub fn connect(
        &mut self,
        bytes: u32,
        producer: Option<Pin>,
        consumer: Option<Pin>,
    ) -> Result<usize, ConnectError> {
        if bytes == 0 || bytes > MOST_BYTES {
            return Err(ConnectError::Size(bytes));
        }
        let pins = [producer, consumer];
        if let [Some(one), Some(other)] = pins
            && one.place == other.place
        {
            return Err(ConnectError::Itself);
        }
        for (side, pin) in Side::BOTH.into_iter().zip(pins) {
            let Some(pin) = pin else { continue };
            if pin.place >= self.tenants.len() || pin.pin >= syscalls::PINS {
                return Err(ConnectError::NoPin(pin.pin));
            }
            if self.buffer_at(side, pin).is_some() {
                return Err(ConnectError::PinTaken(pin.pin));
            }
        }
        let free = self.audio.links.iter().position(Option::is_none);
        let index = free.ok_or(ConnectError::NoBuffer(BUFFERS))?;
        let ring = Ring::new(bytes).map_err(|_| ConnectError::Size(bytes))?;
        let pages = bytes.div_ceil(PAGE_BYTES);
        let mut held = Holdings::new();
        held.take(&mut self.pool, &mut self.machine, 0, pages)
            .map_err(|_| ConnectError::Pages)?;
        self.audio.links[index] = Some(Link { pages, held, pins });
        self.audio.buffers[index] = AudioBuffer { ring, ..NO_BUFFER };
        for side in Side::BOTH {
            if let Err(error) = self.show(index, side) {
                self.disconnect(index);
                return Err(error.into());
            }
        }
        Ok(index)
    }

    /// Ends a buffer; its frames return. Nothing happens where there is none.
    pub fn disconnect(&mut self, index: usize) {
        let link = self.audio.links.get_mut(index).and_then(Option::take);
        let Some(mut link) = link else { return };
        let mut is_hidden = true;
        for (side, pin) in Side::BOTH.into_iter().zip(link.pins) {
            let Some((pin, instance)) =
                pin.and_then(|pin| Some((pin, self.instances[pin.place].as_ref()?)))
            else {
                continue;
            };
            let (domain, at) = (instance.domain, seen_at(instance.slot_start, index));
            let pins = self.pins_of(side, pin.place);
            if pins[pin.pin] != Some(index as u16) {
                continue;
            }
            pins[pin.pin] = None;
            let removed = self.domains.remove_partition(&mut self.machine, domain, at);
            is_hidden &= removed.is_ok();
        }
        self.audio.buffers[index] = NO_BUFFER;
        if is_hidden {
            // Frames that a domain may still reach are never handed out again.
            link.held.give_back(&mut self.pool, &mut self.machine);
        }
    }

    /// Shows a new instance the buffers that are connected at its place.
    pub(crate) fn attach(&mut self, place: usize) -> Result<(), DomainError> {
        for index in 0..BUFFERS {
            for side in Side::BOTH {
                if self
                    .pin_of(index, side)
                    .is_some_and(|pin| pin.place == place)
                {
                    self.show(index, side)?;
                }
            }
        }
        Ok(())
    }

    /// Ends what an instance that is gone had got of its buffers; what is in them stays.
    pub(crate) fn detach(&mut self, place: usize) {
        for index in 0..BUFFERS {
            for side in Side::BOTH {
                if self
                    .pin_of(index, side)
                    .is_none_or(|pin| pin.place != place)
                {
                    continue;
                }
                let ring = &mut self.audio.buffers[index].ring;
                // To give back none of what is got is always allowed.
                let _ = match side {
                    Side::Producer => ring.commit_space(0),
                    Side::Consumer => ring.commit_data(0),
                };
            }
        }
    }

    /// Lets the instance of a side reach a buffer, and its pin name it. Nothing to do for the
    /// kernel, and where nobody is at the place.
    fn show(&mut self, index: usize, side: Side) -> Result<(), DomainError> {
        let Some(pin) = self.pin_of(index, side) else {
            return Ok(());
        };
        let (Some(instance), Some(link)) = (&self.instances[pin.place], &self.audio.links[index])
        else {
            return Ok(());
        };
        let rights = match side {
            Side::Producer => Rights::DATA,
            // BROKEN ON PURPOSE, rule 12: what comes in is the module's to change.
            Side::Consumer if cfg!(feature = "break-rule-12") => Rights::DATA,
            Side::Consumer => Rights::READ,
        };
        let at = seen_at(instance.slot_start, index);
        let partition = Partition::new(at, PageCount(link.pages), rights, Tenure::Buffer)?;
        if let Some((_, run)) = link.held.iter().next() {
            let pool = &self.pool;
            self.domains
                .add_partition(&mut self.machine, instance.domain, partition, |page| {
                    frames_behind(pool, run, page)
                })?;
        }
        let told = self.told_at(at, self.is_coherent(index));
        let buffer = &mut self.audio.buffers[index];
        match side {
            Side::Producer => buffer.written_at = told,
            Side::Consumer => buffer.read_at = told,
        }
        self.pins_of(side, pin.place)[pin.pin] = Some(index as u16);
        Ok(())
    }

    /// Whether a buffer is reached past the cache by both sides: where one of them is not on the core
    /// of the session, which puts silence into it and carries on what a dead side left.
    fn is_coherent(&self, index: usize) -> bool {
        let is_elsewhere = |side| {
            let pin = self.pin_of(index, side);
            pin.is_some_and(|pin| self.core_of(pin.place) != CoreId::BOOT)
        };
        Side::BOTH.into_iter().any(is_elsewhere)
    }

    /// The pin at a side of a buffer.
    #[must_use]
    pub fn pin_of(&self, index: usize, side: Side) -> Option<Pin> {
        let link = self.audio.links.get(index)?.as_ref()?;
        link.pins[side as usize]
    }

    /// The buffer at a pin.
    #[must_use]
    pub fn buffer_at(&self, side: Side, pin: Pin) -> Option<usize> {
        (0..BUFFERS).find(|index| self.pin_of(*index, side) == Some(pin))
    }

    /// Where the instance of a side sees a buffer: the address and the pages.
    #[must_use]
    pub fn seen(&self, index: usize, side: Side) -> Option<(VirtAddr, PageCount)> {
        let pin = self.pin_of(index, side)?;
        let instance = self.instance(pin.place)?;
        let link = self.audio.links[index].as_ref()?;
        Some((seen_at(instance.slot_start, index), PageCount(link.pages)))
    }

    /// The ring of a buffer.
    #[must_use]
    pub fn ring(&self, index: usize) -> Option<&Ring> {
        self.audio.links.get(index)?.as_ref()?;
        Some(&self.audio.buffers[index].ring)
    }

    /// Empties a buffer and begins again at its first byte.
    pub fn empty(&mut self, index: usize) {
        if let Some(buffer) = self.audio.buffers.get_mut(index) {
            buffer.ring.reset();
        }
    }

    /// Puts bytes into a buffer that the kernel fills; how many there was space for.
    pub fn feed(&mut self, index: usize, bytes: &[u8]) -> usize {
        let Some(link) = self.audio.links.get(index).and_then(Option::as_ref) else {
            return 0;
        };
        let ring = &mut self.audio.buffers[index].ring;
        let count = bytes.len().min(ring.free() as usize);
        let Ok(pieces) = ring.get_space(count as u32) else {
            return 0;
        };
        let mut rest = &bytes[..count];
        for piece in pieces {
            let (now, later) = rest.split_at((piece.bytes as usize).min(rest.len()));
            for (frame, part) in link.held.pieces(&self.pool, piece.offset, now.len()) {
                self.machine.write(frame, &now[part]);
            }
            rest = later;
        }
        // Exactly what was got.
        let _ = ring.commit_space(count as u32);
        count
    }

    /// Takes bytes out of a buffer that the kernel empties; how many there were.
    pub fn drain(&mut self, index: usize, into: &mut [u8]) -> usize {
        let Some(link) = self.audio.links.get(index).and_then(Option::as_ref) else {
            return 0;
        };
        let ring = &mut self.audio.buffers[index].ring;
        let count = into.len().min(ring.available() as usize);
        let Ok(pieces) = ring.get_data(count as u32) else {
            return 0;
        };
        let mut rest = &mut into[..count];
        for piece in pieces {
            let (now, later) = rest.split_at_mut((piece.bytes as usize).min(rest.len()));
            for (frame, part) in link.held.pieces(&self.pool, piece.offset, now.len()) {
                self.machine.read(frame, &mut now[part]);
            }
            rest = later;
        }
        let _ = ring.commit_data(count as u32);
        count
    }

    /// Where `process` of an instance finds that many bytes of its first source, and space for that
    /// many at its first sink, each in one piece; 0 where there is not as much. The space is zeroed:
    /// what a module does not write is silence, and nothing that was there before.
    pub fn begin_process(&mut self, place: usize, [read, written]: [u32; 2]) -> [u32; 2] {
        let Some(tenant) = self.tenants.get(place) else {
            return [0; 2];
        };
        let (source, sink) = (tenant.sources[0], tenant.sinks[0]);
        let source = source.map(|index| &mut self.audio.buffers[usize::from(index)]);
        let source = source.filter(|_| read != 0).and_then(|buffer| {
            let [piece, _] = buffer.ring.get_data(read).ok()?;
            let _ = buffer.ring.commit_data(0);
            (piece.bytes >= read).then_some(buffer.read_at.0 + piece.offset)
        });
        let sink = sink.filter(|_| written != 0).and_then(|index| {
            let index = usize::from(index);
            let buffer = &mut self.audio.buffers[index];
            let [piece, _] = buffer.ring.get_space(written).ok()?;
            let _ = buffer.ring.commit_space(0);
            (piece.bytes >= written).then_some((index, buffer.written_at.0, piece))
        });
        if let Some((index, _, piece)) = sink {
            self.silence(index, piece);
        }
        let marks = self.progress(place);
        self.audio.marks[place] = marks;
        let sink = sink.map_or(0, |(_, base, piece)| base + piece.offset);
        [source.unwrap_or(0), sink]
    }

    /// After `process` of an instance has returned: what it got and did not give back ends, and where it
    /// moved nothing by system calls, a period of its first source is consumed and one of its first sink
    /// written.
    pub fn end_process(&mut self, place: usize, [read, written]: [u32; 2]) {
        self.detach(place);
        let (Some(tenant), Some(&before)) = (self.tenants.get(place), self.audio.marks.get(place))
        else {
            return;
        };
        let (source, sink) = (tenant.sources[0], tenant.sinks[0]);
        let now = self.progress(place);
        if let Some(index) = source.filter(|_| now[0] == before[0]) {
            let ring = &mut self.audio.buffers[usize::from(index)].ring;
            let read = read.min(ring.available());
            let _ = ring.get_data(read);
            let _ = ring.commit_data(read);
        }
        if let Some(index) = sink.filter(|_| now[1] == before[1]) {
            let ring = &mut self.audio.buffers[usize::from(index)].ring;
            let written = written.min(ring.free());
            let _ = ring.get_space(written);
            let _ = ring.commit_space(written);
        }
    }

    /// Bytes that went through the first source and the first sink of an instance.
    fn progress(&self, place: usize) -> [u32; 2] {
        let Some(tenant) = self.tenants.get(place) else {
            return [0; 2];
        };
        let stats =
            |pin: Option<u16>| pin.map(|index| self.audio.buffers[usize::from(index)].ring.stats());
        [
            stats(tenant.sources[0]).map_or(0, |stats| stats.read as u32),
            stats(tenant.sinks[0]).map_or(0, |stats| stats.written as u32),
        ]
    }

    fn silence(&mut self, index: usize, piece: Piece) {
        const ZEROS: [u8; 256] = [0; 256];
        let Some(link) = &self.audio.links[index] else {
            return;
        };
        let mut done = 0;
        while done < piece.bytes {
            let count = (piece.bytes - done).min(ZEROS.len() as u32);
            let pieces = (link.held).pieces(&self.pool, piece.offset + done, count as usize);
            for (frame, part) in pieces {
                self.machine.write(frame, &ZEROS[part]);
            }
            done += count;
        }
    }

    fn pins_of(&mut self, side: Side, place: usize) -> &mut syscalls::Pins {
        let tenant = &mut self.tenants[place];
        match side {
            Side::Producer => &mut tenant.sinks,
            Side::Consumer => &mut tenant.sources,
        }
    }
}

/// Where a buffer lies in the slots of both its sides.
fn seen_at(slot_start: VirtAddr, index: usize) -> VirtAddr {
    let page = FIRST_BUFFER_PAGE + index as u32 * BUFFER_PAGES;
    VirtAddr(slot_start.0 + page * PAGE_BYTES)
}
