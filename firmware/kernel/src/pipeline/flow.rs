//! A buffer of a pipeline: what format goes through it, between whom, and how the host's files keep
//! time with it.

use crate::audio::{Pin, Side};
use crate::host_files::FileHandle;
use crate::keeper::Keeper;
use crate::session::Host;

use super::request::Endpoint;

/// Bytes that are copied at once.
const CHUNK: usize = 512;

/// A buffer in use.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    /// The host's number for it.
    pub(super) number: u32,
    /// The kernel's.
    pub(super) index: usize,
    pub(super) from: Endpoint,
    pub(super) to: Endpoint,
    /// Bytes of the buffer.
    bytes: u32,
    pub(super) rate: u32,
    pub(super) channels: u32,
    /// The host's file at one side.
    pub(super) file: Option<FileHandle>,
    /// Bytes of the file that went by.
    position: u32,
    /// Thousandths of frames that are due to, or from, the file.
    due: u64,
    /// Whether the file has begun to take: it waits for the first whole period.
    has_begun: bool,
    /// Frames that went by at the file.
    pub(super) frames: u32,
    /// Of those to a file, how many were silence for want of others.
    pub(super) silence: u32,
    /// Whether it goes as soon as both sides know.
    pub(super) is_ending: bool,
}

impl Flow {
    pub(super) const fn new(
        number: u32,
        [from, to]: [Endpoint; 2],
        bytes: u32,
        [rate, channels]: [u32; 2],
    ) -> Flow {
        Flow {
            number,
            index: 0,
            from,
            to,
            bytes,
            rate,
            channels,
            file: None,
            position: 0,
            due: 0,
            has_begun: false,
            frames: 0,
            silence: 0,
            is_ending: false,
        }
    }

    pub(super) const fn frame_bytes(&self) -> u32 {
        self.channels * 4
    }

    /// Frames of a period.
    pub(super) const fn frames_of(&self, period_us: u32) -> u32 {
        (self.rate as u64 * period_us as u64 / 1_000_000) as u32
    }

    /// Bytes of a period.
    pub(super) const fn bytes_of(&self, period_us: u32) -> u32 {
        self.frames_of(period_us) * self.frame_bytes()
    }

    /// Whether an instance can take its audio in such periods: whole frames, a whole number of times.
    pub(super) fn takes(&self, period_us: u32) -> bool {
        let period = self.bytes_of(period_us);
        let is_whole = (u64::from(self.rate) * u64::from(period_us)).is_multiple_of(1_000_000);
        is_whole && period != 0 && self.bytes.is_multiple_of(period)
    }

    /// Bytes that are copied at once: whole frames.
    const fn chunk_bytes(&self) -> usize {
        CHUNK - CHUNK % self.frame_bytes() as usize
    }

    /// Which pin of an instance this is.
    pub(super) fn pin_of(&self, place: usize) -> Option<(Side, usize)> {
        let is_it = |end: Endpoint| match end {
            Endpoint::Pin { place: at, pin } if usize::from(at) == place => Some(usize::from(pin)),
            _ => None,
        };
        let producer = is_it(self.from).map(|pin| (Side::Producer, pin));
        producer.or_else(|| is_it(self.to).map(|pin| (Side::Consumer, pin)))
    }

    /// The instance that a file is for.
    pub(super) fn instance_of_file(&self) -> Option<usize> {
        let at = |end: Endpoint| match end {
            Endpoint::Pin { place, .. } => Some(usize::from(place)),
            Endpoint::File(_) => None,
        };
        at(self.from).xor(at(self.to))
    }

    /// Frames that the next tick brings, where there is room for that many.
    fn next_due(&mut self, room: u32) -> u32 {
        self.due += u64::from(self.rate);
        let frames = (self.due / 1000).min(room.into());
        self.due -= frames * 1000;
        self.frames = self.frames.saturating_add(frames as u32);
        frames as u32
    }

    /// One tick of a file that feeds: as many frames as are due; behind the file's end silence. A
    /// source that nobody empties waits; what is due is not lost.
    pub(super) fn feed<H: Host>(&mut self, keeper: &mut Keeper<'_, H>) {
        let Some(file) = self.file else { return };
        let room = self.space(keeper) / self.frame_bytes();
        let mut left = (self.next_due(room) * self.frame_bytes()) as usize;
        while left != 0 {
            let mut bytes = [0; CHUNK];
            let chunk = &mut bytes[..left.min(self.chunk_bytes())];
            keeper.host.read_at(file, self.position, chunk);
            keeper.host.system(|system| system.feed(self.index, chunk));
            self.position = self.position.saturating_add(chunk.len() as u32);
            left -= chunk.len();
        }
    }

    /// One tick of a file that takes: as many frames as are due; what is not there is silence. It
    /// begins when there are that many bytes.
    pub(super) fn drain<H: Host>(&mut self, keeper: &mut Keeper<'_, H>, first: u32) -> bool {
        let Some(file) = self.file else { return true };
        if !self.has_begun {
            self.has_begun = self.level(keeper) >= first;
            if !self.has_begun {
                return true;
            }
        }
        let mut left = (self.next_due(u32::MAX) * self.frame_bytes()) as usize;
        while left != 0 {
            let mut bytes = [0; CHUNK];
            let chunk = &mut bytes[..left.min(self.chunk_bytes())];
            let got = keeper.host.system(|system| system.drain(self.index, chunk));
            if !keeper.host.write(file, chunk) {
                return false;
            }
            left -= chunk.len();
            self.silence += (chunk.len() - got) as u32 / self.frame_bytes();
        }
        true
    }

    /// Bytes in the buffer.
    pub(super) fn level<H: Host>(&self, keeper: &mut Keeper<'_, H>) -> u32 {
        let ring = |system: &mut crate::system::System<H::Machine>| {
            system.ring(self.index).map_or(0, |ring| ring.available())
        };
        keeper.host.system(ring)
    }

    /// Bytes of space in it.
    pub(super) fn space<H: Host>(&self, keeper: &mut Keeper<'_, H>) -> u32 {
        let ring = |system: &mut crate::system::System<H::Machine>| {
            system.ring(self.index).map_or(0, |ring| ring.free())
        };
        keeper.host.system(ring)
    }

    /// Milliseconds until nothing is left in it.
    pub(super) fn time_left(&self, level: u32) -> u32 {
        (u64::from(level / self.frame_bytes()) * 1000 / u64::from(self.rate)) as u32
    }

    /// Moves bytes from one buffer to another in place of a module; what has no source is silence, and
    /// what has no sink is dropped.
    pub(super) fn carry<H: Host>(
        keeper: &mut Keeper<'_, H>,
        from: Option<&Flow>,
        to: Option<&Flow>,
        bytes: u32,
    ) {
        let mut left = bytes as usize;
        while left != 0 {
            let mut held = [0; CHUNK];
            let chunk = &mut held[..left.min(CHUNK)];
            keeper.host.system(|system| {
                if let Some(from) = from {
                    system.drain(from.index, chunk);
                }
                if let Some(to) = to {
                    system.feed(to.index, chunk);
                }
            });
            left -= chunk.len();
        }
    }
}

impl Endpoint {
    /// The pin, where it is one.
    pub(super) fn pin(self) -> Option<Pin> {
        match self {
            Endpoint::Pin { place, pin } => Some(Pin {
                place: usize::from(place),
                pin: usize::from(pin),
            }),
            Endpoint::File(_) => None,
        }
    }
}
