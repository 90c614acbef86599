//! A session: one module plays a WAV file, another may live and die beside it.

mod failed;

use abi::{EntryPoint, Errno};
use board::traces::TRACES;
use zerocopy::IntoBytes;

use crate::bench;
use crate::config::MODULES;
use crate::estate::{MAX_PARTS, Purpose};
use crate::host_files::{FileHandle, HostFiles};
use crate::job::{HostFile, JOB_MAGIC, Job, Mode, files};
use crate::journal::{Event, Journal};
use crate::processor::Processor;
use crate::report::words::Words;
use crate::report::{Noted, Refused, Resources, Said, Summary, Timing, text};
use crate::reporter::{self, Reporter};
use crate::stream::{PERIOD_BYTES, Period, Stream};
use crate::system::Module;
use crate::turns::{End, Turn, Turns};
use crate::wav;

pub use failed::Failed;

/// The place of the module that plays.
pub const PLAYER: usize = 0;
/// The place of the module beside it.
pub const BESIDE: usize = 1;
const _: () = assert!(BESIDE < MODULES);

/// All that a session needs of the target.
pub trait Host: Processor + HostFiles + Journal {}
impl<H: Processor + HostFiles + Journal> Host for H {}

/// What a session keeps of a module between its entry points.
#[derive(Debug, Default)]
struct Life {
    restarts: u32,
    file: &'static [u8],
    before: Resources,
    timing: Tally,
}

#[derive(Debug, Default)]
struct Tally {
    periods: u32,
    cycles: u64,
    least: u32,
    most: u32,
}

impl Tally {
    fn add(&mut self, cycles: u32) {
        self.least = if self.periods == 0 {
            cycles
        } else {
            self.least.min(cycles)
        };
        self.most = self.most.max(cycles);
        self.periods += 1;
        self.cycles += u64::from(cycles);
    }

    fn record(&self, place: usize) -> Timing {
        Timing {
            place: place as u32,
            periods: self.periods,
            cycles_low: self.cycles as u32,
            cycles_high: (self.cycles >> 32) as u32,
            least: self.least,
            most: self.most,
        }
    }
}

/// A running session.
struct Session<'h, H> {
    host: &'h mut H,
    job: Job,
    reporter: Reporter,
    kernel_sum: u32,
    lives: [Life; 2],
    period: u32,
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
    let kernel_sum = host.kernel_sum();
    let mut session = Session {
        host,
        job: Job::default(),
        reporter: Reporter::new(report),
        kernel_sum,
        lives: Default::default(),
        period: 0,
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
        self.host.read_at(job, 0, self.job.as_mut_bytes());
        let mode = Mode::from_number(self.job.mode)
            .filter(|_| self.job.magic == JOB_MAGIC)
            .ok_or(Failed::Job)?;
        let untouched = self.resources();
        let result = self.work(mode);
        if self.is_alive(BESIDE) {
            // However it ends: what it leaves behind is counted below.
            let _ = self.end(BESIDE);
        }
        for place in [PLAYER, BESIDE] {
            self.host.system(|system| system.remove(place));
        }
        if self.resources() != untouched || !self.host.system(|system| system.is_sound()) {
            return Err(Failed::Leak);
        }
        result
    }

    fn work(&mut self, mode: Mode) -> Result<(), Failed> {
        self.stage(PLAYER, HostFile::Module)?;
        let beside = self.job.beside != 0 && mode == Mode::Isolated;
        if beside {
            self.stage(BESIDE, HostFile::Beside)?;
        }
        match mode {
            Mode::Bench => {
                self.begin(PLAYER, bench::FORMAT)?;
                // A second probe, to yield to.
                self.lives[BESIDE].file = self.lives[PLAYER].file;
                self.begin(BESIDE, bench::FORMAT)?;
                bench::measure(self.host, &self.reporter, &self.job)?;
            }
            Mode::Isolated | Mode::Trusted => self.play(mode, beside)?,
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
        while let Some(period) = stream.next(self.host).map_err(Failed::Short)? {
            self.frames += period.frames();
            let output = self.play_period(mode, &period, format, true)?;
            if !stream.put(self.host, &output) {
                return Err(Failed::File(HostFile::Output));
            }
            self.period += 1;
            self.host.set_ticks(self.period);
        }
        // The audio has ended, the module beside may have lives left: it goes on as long as each
        // ends in its death.
        let silence = Period::silence(format.period_frames(), format.channels);
        while beside && self.is_alive(BESIDE) {
            let life = self.lives[1].restarts;
            self.play_period(mode, &silence, format, false)?;
            if self.is_alive(BESIDE) && self.lives[1].restarts == life {
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
        for place in [PLAYER, BESIDE] {
            if !self.is_alive(place) || (place == PLAYER && !player) {
                continue;
            }
            let silence = Period::silence(input.frames(), format.channels);
            // What a module does not write is silence, not the last period once more.
            self.host.system(|system| {
                system.begin_period(place, input.bytes(), silence.bytes());
            });
            let arguments = self.audio_arguments(place, input.frames());
            let budget = self.job.period_cycles;
            let process = EntryPoint::Process;
            turns.begin(self.host, place, process, arguments, budget);
        }
        match mode {
            Mode::Trusted => turns.run_first_trusted(self.host),
            Mode::Isolated | Mode::Bench => turns.run(self.host),
        }
        self.hear();
        let mut output = Period::silence(input.frames(), format.channels);
        for turn in turns.iter() {
            let place = turn.place();
            self.lives[place].timing.add(turn.spent());
            match (place, turn.end()) {
                (PLAYER, Some(End::Returned(result))) if result >= 0 => {
                    self.host.system(|system| {
                        system.take_period(PLAYER, output.bytes_mut());
                    })
                }
                (PLAYER, _) => return Err(self.lose(turn)),
                (_, Some(End::Returned(result))) if result >= 0 => {}
                _ => {
                    let _ = self.lose(turn);
                    self.revive(format);
                }
            }
        }
        Ok(output)
    }

    /// Loads a module and runs `init` and `prepare`.
    fn begin(&mut self, place: usize, format: wav::Format) -> Result<(), Failed> {
        self.install(place)?;
        self.awaken(place, format)
    }

    /// Runs `init` and `prepare` of a module that is loaded. Where one fails, it is buried.
    fn awaken(&mut self, place: usize, format: wav::Format) -> Result<(), Failed> {
        let restarts = self.lives[place].restarts;
        self.enter(place, EntryPoint::Init, [restarts, 0, 0])?;
        let arguments = [format.rate, format.channels, format.period_frames()];
        self.enter(place, EntryPoint::Prepare, arguments)?;
        self.host
            .system(|system| system.seal(place))
            .map_err(|error| {
                let no_memory = Errno::NoMemory.to_register().cast_signed();
                self.bury(place, EntryPoint::Prepare, End::Returned(no_memory), 0);
                Failed::Seal(error)
            })
    }

    /// Runs `reset` and `free` and takes the module away.
    fn end(&mut self, place: usize) -> Result<(), Failed> {
        self.enter(place, EntryPoint::Reset, [0; 3])?;
        self.enter(place, EntryPoint::Free, [0; 3])?;
        self.close_books(place);
        self.host.system(|system| system.remove(place));
        Ok(())
    }

    /// Brings the module beside back to life, as long as it has lives and its file is taken.
    fn revive(&mut self, format: wav::Format) {
        while self.lives[BESIDE].restarts < self.job.beside_lives {
            if self.install(BESIDE).is_err() || self.awaken(BESIDE, format).is_ok() {
                return;
            }
        }
    }

    fn install(&mut self, place: usize) -> Result<(), Failed> {
        let file = self.lives[place].file;
        let before = self.resources();
        let restarts = self.lives[place].restarts;
        let host = &mut *self.host;
        let installed = host.system(|system| {
            system.install(place, file, PERIOD_BYTES as u32)?;
            Ok::<_, crate::system::InstallError>((system.asid(place), system.table_bytes()))
        });
        let (asid, table_bytes) = match installed {
            Ok(numbers) => numbers,
            Err(error) => {
                let record = Refused {
                    place: place as u32,
                    why: Words::of(&error),
                };
                self.reporter.put(self.host, &record);
                self.host.note(Event::Refused(place));
                return Err(Failed::Module);
            }
        };
        self.lives[place].before = before;
        let loaded = self.host.system(|system| {
            let module = system.module(place)?;
            Some((
                reporter::loaded(place, restarts, asid, table_bytes, module),
                module.base(),
            ))
        });
        if let Some((loaded, base)) = loaded {
            self.reporter.put(self.host, &loaded);
            self.host.note(Event::Loaded(place, base, loaded.pages));
        }
        for index in 0..MAX_PARTS {
            let mapped = self.host.system(|system| {
                let module = system.module(place)?;
                Some(reporter::mapped(
                    place,
                    module,
                    module.estate.parts().get(index)?,
                ))
            });
            let Some(mapped) = mapped else { break };
            self.reporter.put(self.host, &mapped);
        }
        Ok(())
    }

    fn enter(
        &mut self,
        place: usize,
        entry: EntryPoint,
        arguments: [u32; 3],
    ) -> Result<(), Failed> {
        let budget = self.job.entry_cycles;
        let mut turns = Turns::new();
        turns.begin(self.host, place, entry, arguments, budget);
        turns.run(self.host);
        self.hear();
        let turn = turns.iter().next().ok_or(Failed::NoModule)?;
        match turn.end() {
            Some(End::Returned(result)) if result >= 0 => Ok(()),
            _ => Err(self.lose(turn)),
        }
    }

    /// Buries a module and says what it died of.
    fn lose(&mut self, turn: &Turn) -> Failed {
        let (place, entry) = (turn.place(), turn.entry());
        let Some(end) = turn.end() else {
            return Failed::NotRun;
        };
        self.bury(place, entry, end, turn.spent());
        match end {
            End::Killed(_) => Failed::Stopped(entry),
            End::Returned(result) => Failed::Returned { entry, result },
        }
    }

    /// Takes a module away whose entry point ended badly, and reports: what it did, and that all
    /// it had came back.
    fn bury(&mut self, place: usize, entry: EntryPoint, end: End, cycles: u32) {
        let mut record = match end {
            End::Killed(kill) => {
                self.host.note(Event::Stopped(place, entry, kill));
                reporter::stopped(place, kill)
            }
            End::Returned(result) => {
                self.host.note(Event::Failed(place, entry, result));
                reporter::failed(place, result)
            }
        };
        self.close_books(place);
        self.host.system(|system| system.remove(place));
        let life = &mut self.lives[place];
        record.restarts = life.restarts;
        record.entry = entry as u32;
        record.cycles = cycles;
        record.period = self.period;
        record.before = life.before;
        life.restarts += 1;
        record.after = self.resources();
        record.kernel_unharmed = u32::from(self.is_unharmed());
        self.reporter.put(self.host, &record);
    }

    /// Reports a module's calls and periods, before it goes.
    fn close_books(&mut self, place: usize) {
        for index in 0..=abi::CALL_COUNT {
            let called = self
                .host
                .system(|system| reporter::called(place, system.tenant(place)?, index));
            if let Some(called) = called {
                self.reporter.put(self.host, &called);
            }
        }
        let timing = core::mem::take(&mut self.lives[place].timing);
        if timing.periods > 0 {
            self.reporter.put(self.host, &timing.record(place));
        }
    }

    /// Reads what modules said.
    fn hear(&mut self) {
        for place in 0..MODULES {
            self.hear_traces(place);
        }
        while let Some(line) = self.host.system(|system| system.take_line()) {
            self.host.note(Event::Said(line.place, &line.text));
            let Some(life) = self.lives.get(line.place) else {
                continue;
            };
            let record = Said {
                place: line.place as u32,
                restarts: life.restarts,
                text: text(&line.text),
            };
            self.reporter.put(self.host, &record);
        }
    }

    fn hear_traces(&mut self, place: usize) {
        let mut records = heapless::Vec::<Noted, TRACES>::new();
        self.host.system(|system| {
            system.take_traces(place, |traced| {
                // As many as a ring can hold.
                let _ = records.push(Noted {
                    place: place as u32,
                    words: traced.words,
                    cycles: traced.cycles,
                });
            });
        });
        for record in &records {
            self.reporter.put(self.host, record);
        }
    }

    fn audio_arguments(&mut self, place: usize, frames: u32) -> [u32; 3] {
        let address = |module: &Module, purpose| module.address_of(purpose).map_or(0, |at| at.0);
        self.host.system(|system| {
            system.module(place).map_or([0; 3], |module| {
                [
                    address(module, Purpose::Input),
                    address(module, Purpose::Output),
                    frames,
                ]
            })
        })
    }

    fn open_stream(&mut self) -> Result<Stream, Failed> {
        let input = self.open(HostFile::Input)?;
        let host = &mut *self.host;
        let wav =
            wav::open(|offset, into| host.read_at(input, offset, into)).map_err(|_| Failed::Wav)?;
        let no_output = Failed::File(HostFile::Output);
        let output = host.create(files::OUTPUT).ok_or(no_output)?;
        Stream::begin(host, wav, input, output).ok_or(no_output)
    }

    /// Reads a module's file into memory that no module can be given.
    fn stage(&mut self, place: usize, name: HostFile) -> Result<(), Failed> {
        let file = self.open(name)?;
        let staged = self.host.stage(file, place);
        self.lives[place].file = staged.ok_or(Failed::TooLarge(name))?;
        Ok(())
    }

    fn open(&mut self, name: HostFile) -> Result<FileHandle, Failed> {
        self.host.open(name.name()).ok_or(Failed::File(name))
    }

    fn is_alive(&mut self, place: usize) -> bool {
        self.host.system(|system| system.module(place).is_some())
    }

    fn is_unharmed(&mut self) -> bool {
        self.host.kernel_sum() == self.kernel_sum
    }

    fn resources(&mut self) -> Resources {
        self.host.system(|system| system.resources())
    }

    fn summarise(&mut self, result: Result<(), Failed>) {
        let failed = result.err();
        let format = self.format.unwrap_or(wav::Format {
            rate: 0,
            channels: 0,
            bits: 0,
        });
        let summary = Summary {
            failed: u32::from(failed.is_some()),
            why: failed.map_or(Words::NONE, |failed| Words::of(&failed)),
            rate: format.rate,
            channels: format.channels,
            bits: format.bits,
            periods: self.period,
            frames: self.frames,
            kernel_unharmed: u32::from(self.is_unharmed()),
            refusals: self.host.system(|system| system.refusals()),
        };
        self.reporter.put(self.host, &summary);
        self.host.note(Event::Ended(self.period));
    }
}
