//! A session: one module plays a WAV file, another may live and die beside it.

mod failed;

use abi::{EntryPoint, Errno};
use zerocopy::IntoBytes;

use crate::audio::Pin;
use crate::bench;
use crate::config::INSTANCES;
use crate::host_files::{FileHandle, HostFiles};
use crate::job::{HostFile, JOB_MAGIC, Job, Mode, files};
use crate::journal::{Event, Journal};
use crate::keeper::Keeper;
use crate::pipeline::Pipelines;
use crate::processor::Processor;
use crate::report::Summary;
use crate::report::words::Words;
use crate::reporter::Reporter;
use crate::stream::{Period, Stream};
use crate::turns::{End, Order, Turns};
use crate::wav;

pub use failed::Failed;

/// The place of the module that plays.
pub const PLAYER: usize = 0;
/// The place of the module beside it.
pub const BESIDE: usize = 1;
const _: () = assert!(BESIDE < INSTANCES);

/// All that a session needs of the target.
pub trait Host: Processor + HostFiles + Journal {}
impl<H: Processor + HostFiles + Journal> Host for H {}

/// A running session.
struct Session<'h, H> {
    keeper: Keeper<'h, H>,
    job: Job,
    /// What each of both reads, and what it writes.
    buffers: [Option<[usize; 2]>; 2],
    frames: u32,
    format: Option<wav::Format>,
}

/// The report could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoReport;

/// Does the host's job and reports.
///
/// # Errors
/// Only where not even a report can be written; every other failure stands in it.
pub fn perform(host: &mut impl Host) -> Result<(), NoReport> {
    let report = host.create(files::REPORT).ok_or(NoReport)?;
    let mut session = Session {
        keeper: Keeper::new(host, Reporter::new(report)),
        job: Job::default(),
        buffers: [None; 2],
        frames: 0,
        format: None,
    };
    let result = session.perform();
    session.summarise(result);
    Ok(())
}

impl<H: Host> Session<'_, H> {
    /// The whole job. However it goes, all modules are gone at its end, and what they had is counted.
    fn perform(&mut self) -> Result<(), Failed> {
        let job = self.open(HostFile::Job)?;
        self.keeper.host.read_at(job, 0, self.job.as_mut_bytes());
        let mode = Mode::from_number(self.job.mode)
            .filter(|_| self.job.magic == JOB_MAGIC)
            .ok_or(Failed::Job)?;
        let untouched = self.keeper.resources();
        let result = self.work(mode);
        if self.keeper.is_alive(BESIDE) {
            // However it ends: what it leaves behind is counted below.
            let _ = self.end(BESIDE);
        }
        if !self.keeper.clear(untouched) {
            return Err(Failed::Leak);
        }
        result
    }

    fn work(&mut self, mode: Mode) -> Result<(), Failed> {
        if mode == Mode::Pipelines {
            self.frames = Pipelines::run(&mut self.keeper, &self.job)?;
            return Ok(());
        }
        self.stage(PLAYER, HostFile::Module)?;
        let beside = self.job.beside != 0 && mode == Mode::Isolated;
        if beside {
            self.stage(BESIDE, HostFile::Beside)?;
        }
        match mode {
            Mode::Bench => {
                self.begin(PLAYER, bench::FORMAT)?;
                // A second probe, to yield to.
                self.keeper.lives[BESIDE].file = self.keeper.lives[PLAYER].file;
                self.begin(BESIDE, bench::FORMAT)?;
                bench::measure(self.keeper.host, &self.keeper.reporter, &self.job)?;
            }
            Mode::Isolated | Mode::Trusted => self.play(mode, beside)?,
            // Done above, without a player.
            Mode::Pipelines => {}
        }
        self.end(PLAYER)
    }

    fn play(&mut self, mode: Mode, beside: bool) -> Result<(), Failed> {
        let mut stream = self.open_stream()?;
        let format = stream.format();
        self.format = Some(format);
        self.begin(PLAYER, format)?;
        if beside {
            self.revive(format);
        }
        while let Some(period) = stream.next(self.keeper.host).map_err(Failed::Short)? {
            self.frames += period.frames();
            let output = self.play_period(mode, &period, format, true)?;
            if !stream.put(self.keeper.host, &output) {
                return Err(Failed::File(HostFile::Output));
            }
            self.keeper.period += 1;
            self.keeper.host.set_ticks(self.keeper.period);
        }
        // The audio has ended, the module beside may have lives left: it goes on as long as each
        // ends in its death.
        let silence = Period::silence(format.period_frames(), format.channels);
        while beside && self.keeper.is_alive(BESIDE) {
            let life = self.keeper.lives[BESIDE].restarts;
            self.play_period(mode, &silence, format, false)?;
            if self.keeper.is_alive(BESIDE) && self.keeper.lives[BESIDE].restarts == life {
                break;
            }
        }
        Ok(())
    }

    /// Runs `process` of all modules for one period; returns what the player made of it.
    fn play_period(
        &mut self,
        mode: Mode,
        input: &Period,
        format: wav::Format,
        player: bool,
    ) -> Result<Period, Failed> {
        let mut turns = Turns::new();
        let bytes = [input.bytes().len() as u32; 2];
        for place in [PLAYER, BESIDE] {
            if !self.keeper.is_alive(place) || (place == PLAYER && !player) {
                continue;
            }
            let Some([read, written]) = self.buffers[place] else {
                continue;
            };
            let [source, sink] = self.keeper.host.system(|system| {
                system.empty(read);
                system.empty(written);
                system.feed(read, input.bytes());
                system.begin_process(place, bytes)
            });
            let arguments = [source, sink, input.frames()];
            let budget = self.job.period_cycles;
            let process = EntryPoint::Process;
            turns.begin(
                self.keeper.host,
                Order::new(place, process, arguments, budget),
            );
        }
        match mode {
            Mode::Trusted => turns.run_first_trusted(self.keeper.host),
            _ => turns.run(self.keeper.host),
        }
        self.keeper.hear();
        let mut output = Period::silence(input.frames(), format.channels);
        for turn in turns.iter() {
            let place = turn.place();
            self.keeper.lives[place].timing.add(turn.spent());
            match (place, turn.end()) {
                (_, Some(End::Returned(result))) if result >= 0 => {
                    let written = self.buffers[place].map(|[_, written]| written);
                    self.keeper.host.system(|system| {
                        system.end_process(place, bytes);
                        if let Some(written) = written.filter(|_| place == PLAYER) {
                            system.drain(written, output.bytes_mut());
                        }
                    });
                }
                (PLAYER, _) => return Err(self.keeper.lose(turn)),
                _ => {
                    let _ = self.keeper.lose(turn);
                    self.revive(format);
                }
            }
        }
        Ok(output)
    }

    /// Loads a module and runs `init` and `prepare`.
    fn begin(&mut self, place: usize, format: wav::Format) -> Result<(), Failed> {
        self.connect(place, format)?;
        self.keeper.install(place)?;
        self.awaken(place, format)
    }

    /// Gives a place a buffer to read and one to write, of a period each.
    fn connect(&mut self, place: usize, format: wav::Format) -> Result<(), Failed> {
        if self.buffers[place].is_some() {
            return Ok(());
        }
        let bytes = format.period_frames() * format.channels * 4;
        let pin = Some(Pin { place, pin: 0 });
        let buffers = self.keeper.host.system(|system| {
            Ok([
                system.connect(bytes, None, pin)?,
                system.connect(bytes, pin, None)?,
            ])
        });
        self.buffers[place] = Some(buffers.map_err(Failed::Connect)?);
        Ok(())
    }

    /// Runs `init` and `prepare` of a module that is loaded. Where one fails, it is buried.
    fn awaken(&mut self, place: usize, format: wav::Format) -> Result<(), Failed> {
        let restarts = self.keeper.lives[place].restarts;
        self.enter(place, EntryPoint::Init, [restarts, 0, 0])?;
        let arguments = [format.rate, format.channels, format.period_frames()];
        self.enter(place, EntryPoint::Prepare, arguments)?;
        self.keeper
            .host
            .system(|system| system.seal(place))
            .map_err(|error| {
                let no_memory = Errno::NoMemory.to_register().cast_signed();
                let end = End::Returned(no_memory);
                self.keeper.bury(place, EntryPoint::Prepare, end, 0);
                Failed::Seal(error)
            })
    }

    /// Runs `reset` and `free` and takes the module away.
    fn end(&mut self, place: usize) -> Result<(), Failed> {
        self.enter(place, EntryPoint::Reset, [0; 3])?;
        self.enter(place, EntryPoint::Free, [0; 3])?;
        self.keeper.remove(place);
        Ok(())
    }

    /// Brings the module beside back to life, as long as it has lives and its file is taken.
    fn revive(&mut self, format: wav::Format) {
        if self.connect(BESIDE, format).is_err() {
            return;
        }
        while self.keeper.lives[BESIDE].restarts < self.job.beside_lives {
            if self.keeper.install(BESIDE).is_err() || self.awaken(BESIDE, format).is_ok() {
                return;
            }
        }
    }

    fn enter(
        &mut self,
        place: usize,
        entry: EntryPoint,
        arguments: [u32; 3],
    ) -> Result<(), Failed> {
        let budget = self.job.entry_cycles;
        self.keeper.enter(place, entry, arguments, budget)
    }

    fn open_stream(&mut self) -> Result<Stream, Failed> {
        let input = self.open(HostFile::Input)?;
        let host = &mut *self.keeper.host;
        let wav =
            wav::open(|offset, into| host.read_at(input, offset, into)).map_err(|_| Failed::Wav)?;
        let no_output = Failed::File(HostFile::Output);
        let output = host.create(files::OUTPUT).ok_or(no_output)?;
        Stream::begin(host, wav, input, output).ok_or(no_output)
    }

    /// Reads a module's file into memory that no module can be given.
    fn stage(&mut self, place: usize, name: HostFile) -> Result<(), Failed> {
        let file = self.open(name)?;
        let staged = self.keeper.host.stage(file, place);
        self.keeper.lives[place].file = staged.ok_or(Failed::TooLarge(name))?;
        Ok(())
    }

    fn open(&mut self, name: HostFile) -> Result<FileHandle, Failed> {
        let file = self.keeper.host.open(name.name());
        file.ok_or(Failed::File(name))
    }

    fn summarise(&mut self, result: Result<(), Failed>) {
        let failed = result.err();
        let format = self.format.unwrap_or(wav::Format {
            rate: 0,
            channels: 0,
            bits: 0,
        });
        let keeper = &mut self.keeper;
        keeper.hear();
        let (incidents, lost) = keeper.host.system(|system| system.incidents());
        let summary = Summary {
            failed: u32::from(failed.is_some()),
            why: failed.map_or(Words::NONE, |failed| Words::of(&failed)),
            rate: format.rate,
            channels: format.channels,
            bits: format.bits,
            periods: keeper.period,
            frames: self.frames,
            kernel_unharmed: u32::from(keeper.is_unharmed()),
            incidents,
            lost,
        };
        keeper.reporter.put(keeper.host, &summary);
        keeper.host.note(Event::Ended(keeper.period));
    }
}
