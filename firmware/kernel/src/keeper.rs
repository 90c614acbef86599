//! Looking after instances: bringing them to life, hearing what they say, burying them, and the
//! records of it all.

use abi::EntryPoint;
use board::traces::TRACES;

use crate::audio::Side;
use crate::config::{BUFFERS, INSTANCES};
use crate::estate::RegionPages;
use crate::estate::{MAX_PARTS, Purpose};
use crate::install::InstallError;
use crate::journal::Event;
use crate::report::words::Words;
use crate::report::{Noted, Refused, Resources, Said, Timing, text};
use crate::reporter::{self, Reporter};
use crate::session::{Failed, Host};
use crate::turns::{End, Order, Turn, Turns};

/// What is kept of a place, over all lives of its instances.
#[derive(Debug, Default)]
pub(crate) struct Life {
    pub(crate) restarts: u32,
    /// What is loaded.
    pub(crate) file: &'static [u8],
    /// The loaded module, where it stays loaded between lives.
    pub(crate) module: Option<usize>,
    /// What its region is to have.
    pub(crate) region: RegionPages,
    /// What its instance took when it was made.
    taken: Resources,
    pub(crate) timing: Tally,
}

/// What periods cost.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    periods: u32,
    cycles: u64,
    least: u32,
    most: u32,
}

impl Tally {
    pub(crate) fn add(&mut self, cycles: u32) {
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

/// Who looks after the instances of a session.
pub(crate) struct Keeper<'h, H> {
    pub(crate) host: &'h mut H,
    pub(crate) reporter: Reporter,
    kernel_sum: u32,
    pub(crate) lives: [Life; INSTANCES],
    /// Periods of 1 ms since the session began to play.
    pub(crate) period: u32,
}

impl<'h, H: Host> Keeper<'h, H> {
    pub(crate) fn new(host: &'h mut H, reporter: Reporter) -> Self {
        let kernel_sum = host.kernel_sum();
        Keeper {
            host,
            reporter,
            kernel_sum,
            lives: Default::default(),
            period: 0,
        }
    }

    /// Makes the instance of a place, and reports it or why there is none.
    pub(crate) fn install(&mut self, place: usize) -> Result<(), Failed> {
        self.install_or(place).map_err(|error| {
            self.refuse(place, &error);
            Failed::Module
        })
    }

    /// Makes the instance of a place, and reports it.
    ///
    /// # Errors
    /// Why there is none, which is not reported.
    pub(crate) fn install_or(&mut self, place: usize) -> Result<(), InstallError> {
        let Life {
            file,
            module,
            restarts,
            region,
            ..
        } = self.lives[place];
        let before = self.resources();
        let installed = self.host.system(|system| {
            match module {
                Some(number) => system.create(place, number, file, region)?,
                None => system.install(place, file)?,
            };
            Ok::<_, InstallError>((system.asid(place), system.table_bytes()))
        });
        let (asid, table_bytes) = installed?;
        self.lives[place].taken = before.without(&self.resources());
        let loaded = self.host.system(|system| {
            let instance = system.instance(place)?;
            Some((
                reporter::loaded(place, restarts, asid, table_bytes, instance),
                instance.base(),
            ))
        });
        if let Some((loaded, base)) = loaded {
            self.reporter.put(self.host, &loaded);
            self.host.note(Event::Loaded(place, base, loaded.pages));
        }
        self.report_memory(place);
        Ok(())
    }

    /// Reports that a module file is refused.
    fn refuse(&mut self, place: usize, error: &InstallError) {
        let record = Refused {
            place: place as u32,
            why: Words::of(error),
        };
        self.reporter.put(self.host, &record);
        self.host.note(Event::Refused(place));
    }

    fn report_memory(&mut self, place: usize) {
        for index in 0..MAX_PARTS {
            let mapped = self.host.system(|system| {
                let instance = system.instance(place)?;
                let part = instance.estate.parts().get(index)?;
                Some(reporter::mapped(place, instance, part))
            });
            let Some(mapped) = mapped else { break };
            self.reporter.put(self.host, &mapped);
        }
        for index in 0..BUFFERS {
            for (side, purpose) in [
                (Side::Consumer, Purpose::Input),
                (Side::Producer, Purpose::Output),
            ] {
                let mapped = self.host.system(|system| {
                    system
                        .pin_of(index, side)
                        .filter(|pin| pin.place == place)?;
                    let (start, pages) = system.seen(index, side)?;
                    Some(reporter::mapped_buffer(place, purpose, start, pages))
                });
                if let Some(mapped) = mapped {
                    self.reporter.put(self.host, &mapped);
                }
            }
        }
    }

    /// Runs one entry point of an instance to its end. Where that is bad, the instance is buried.
    pub(crate) fn enter(
        &mut self,
        place: usize,
        entry: EntryPoint,
        arguments: [u32; 3],
        budget: u32,
    ) -> Result<(), Failed> {
        let mut turns = Turns::new();
        turns.begin(self.host, Order::new(place, entry, arguments, budget));
        turns.run(self.host);
        self.hear();
        let turn = turns.iter().next().ok_or(Failed::NoModule)?;
        match turn.end() {
            Some(End::Returned(result)) if result >= 0 => Ok(()),
            _ => Err(self.lose(turn)),
        }
    }

    /// Buries an instance and says what it died of.
    pub(crate) fn lose(&mut self, turn: &Turn) -> Failed {
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

    /// Takes an instance away whose entry point ended badly, and reports: what it did, and that all
    /// it had came back.
    pub(crate) fn bury(&mut self, place: usize, entry: EntryPoint, end: End, cycles: u32) {
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
        let last = self.resources();
        self.remove(place);
        let life = &mut self.lives[place];
        record.restarts = life.restarts;
        record.entry = entry as u32;
        record.cycles = cycles;
        record.period = self.period;
        record.before = last.with(&life.taken);
        life.restarts += 1;
        record.after = self.resources();
        record.kernel_unharmed = u32::from(self.is_unharmed());
        self.reporter.put(self.host, &record);
    }

    /// Reports an instance's calls and periods, and takes it away.
    pub(crate) fn remove(&mut self, place: usize) {
        // What it said belongs to this life.
        self.hear();
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
        self.host.system(|system| system.remove(place));
    }

    /// Reports what modules said, and what is on the trail.
    pub(crate) fn hear(&mut self) {
        while let Some(entry) = self.host.system(|system| system.take_incident()) {
            let record = reporter::audited(&entry);
            self.reporter.put(self.host, &record);
        }
        for place in 0..INSTANCES {
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

    pub(crate) fn is_alive(&mut self, place: usize) -> bool {
        self.host.system(|system| system.instance(place).is_some())
    }

    /// Whether the kernel's text and constants, and those of all loaded modules, are what they were.
    pub(crate) fn is_unharmed(&mut self) -> bool {
        self.host.kernel_sum() == self.kernel_sum
            && self.host.system(|system| system.constants_are_unharmed())
    }

    pub(crate) fn resources(&mut self) -> Resources {
        self.host.system(|system| system.resources())
    }

    /// Takes every instance and every buffer away; whether all is as it was then.
    pub(crate) fn clear(&mut self, untouched: Resources) -> bool {
        self.host.system(|system| {
            (0..INSTANCES).for_each(|place| system.remove(place));
            (0..BUFFERS).for_each(|index| system.disconnect(index));
            system.unload_all();
        });
        self.resources() == untouched && self.host.system(|system| system.is_sound())
    }
}
