//! From a topology to what the kernel is given: module files, raw audio, requests, configurations.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kernel::audio::MOST_BYTES;
use kernel::estate::RegionPages;
use kernel::job::files;
use kernel::pipeline::request::{Creation, Endpoint, Phase, Request, RequestRecord};
use kernel::wav::Format;
use mmu::PAGE_BYTES;
use zerocopy::IntoBytes;

use super::topology::{Buffer, End, Instance, Topology, TopologyError};
use crate::error::Failure;
use crate::module_file::ModuleFile;
use crate::run::input::Input;

/// Bytes of a sample inside a pipeline.
const SAMPLE_BYTES: u32 = 4;

/// Everything that a pipeline needs to run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Module files, each once.
    pub modules: Vec<ModuleFile>,
    /// Raw samples of each input.
    pub inputs: Vec<Vec<u8>>,
    /// Each WAV file that comes out.
    pub outputs: Vec<Output>,
    /// What is asked of the kernel, in order.
    pub requests: Vec<(u32, Request)>,
    /// Configurations, one behind the other.
    pub blobs: Vec<u8>,
    /// Milliseconds that it lasts.
    pub ticks: u32,
}

/// A WAV file that comes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Where it goes.
    pub path: PathBuf,
    /// How its samples stand.
    pub format: Format,
    /// Frames that it is to have.
    pub frames: u64,
}

impl Output {
    /// The whole file from the raw samples that the kernel wrote, and whether there were enough.
    pub fn file(&self, raw: &[u8]) -> (Vec<u8>, bool) {
        let width = self.format.sample_bytes() as usize;
        let samples = self.frames as usize * self.format.channels as usize;
        let raw = raw.chunks_exact(SAMPLE_BYTES as usize).take(samples);
        let is_whole = raw.len() == samples;
        let data_bytes = (raw.len() * width) as u32;
        let mut file = self.format.header(data_bytes).to_vec();
        for sample in raw {
            let sample = i32::from_le_bytes([sample[0], sample[1], sample[2], sample[3]]);
            file.extend_from_slice(&self.format.narrow(sample)[..width]);
        }
        (file, is_whole)
    }
}

/// What goes through a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Flow {
    rate: u32,
    channels: u32,
    /// Bits of the WAV file that it comes from.
    bits: u32,
    /// Milliseconds of the longest input that feeds it.
    ms: u32,
}

/// Where files are found: those of the topology beside it, modules of the repository by name.
pub struct Library<'l> {
    /// The folder of the topology.
    pub folder: &'l Path,
    /// A module of the repository.
    pub known: &'l dyn Fn(&str) -> Option<PathBuf>,
}

impl Library<'_> {
    fn at(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }

    fn module(&self, file: &str) -> Result<ModuleFile, Failure> {
        let known = (self.known)(file);
        ModuleFile::read(&known.unwrap_or_else(|| self.at(Path::new(file))))
    }
}

impl Plan {
    /// Finds everything that a topology names.
    pub fn make(path: &Path, topology: &Topology, library: &Library<'_>) -> Result<Plan, Failure> {
        let refused = |error: TopologyError| Failure::BadTopology {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        let mut numbers = BTreeMap::new();
        let mut modules = Vec::new();
        for module in &topology.modules {
            if !numbers.contains_key(&*module.file) {
                numbers.insert(&*module.file, modules.len() as u32);
                modules.push(library.module(&module.file)?);
            }
        }
        let mut inputs = Vec::new();
        for buffer in &topology.buffers {
            if let End::File(path) = &buffer.from {
                inputs.push((path.clone(), Input::read(&library.at(path))?));
            }
        }
        let flows = flows(topology, &inputs).map_err(refused)?;
        let ms = flows.iter().map(|flow| flow.ms).max().unwrap_or(0);
        let mut plan = Plan {
            modules,
            inputs: inputs.iter().map(|(_, input)| raw(input)).collect(),
            outputs: Vec::new(),
            requests: Vec::new(),
            blobs: Vec::new(),
            ticks: ms + topology.tail_ms,
        };
        plan.build(topology, &numbers).map_err(refused)?;
        for (index, buffer) in topology.buffers.iter().enumerate() {
            plan.connect(topology, index, buffer, flows[index], library)
                .map_err(refused)?;
        }
        plan.events(topology, library).map_err(refused)?;
        plan.tear_down(topology);
        Ok(plan)
    }

    fn ask(&mut self, tick: u32, request: Request) {
        self.requests.push((tick, request));
    }

    fn build(
        &mut self,
        topology: &Topology,
        numbers: &BTreeMap<&str, u32>,
    ) -> Result<(), TopologyError> {
        for file in 0..self.modules.len() as u32 {
            self.ask(0, Request::Load(file));
        }
        let pipelines = topology.pipelines();
        for (place, module) in topology.modules.iter().enumerate() {
            let budget = module.budget.unwrap_or_else(|| {
                let period = u64::from(topology.cycles_per_ms) * u64::from(module.period_us) / 1000;
                period.min(u32::MAX.into()) as u32
            });
            let file = numbers[&*module.file];
            let region = self.region(module, file);
            self.ask(
                0,
                Request::Create(Creation {
                    place: place as u32,
                    file,
                    pipeline: pipelines[&*module.pipeline],
                    period_us: module.period_us,
                    restarts: module.restarts.0,
                    on_death: module.on_death.into(),
                    budget: crate::report::figures::cycles(budget),
                    core: module.core,
                    region,
                }),
            );
        }
        Ok(())
    }

    /// What a module's region is to have: where a topology says one size, the other is the header's.
    fn region(&self, module: &Instance, file: u32) -> RegionPages {
        let header = self.modules.get(file as usize).map(|file| file.header);
        let (Some(header), true) = (header, module.lifetime.or(module.interim).is_some()) else {
            return RegionPages::default();
        };
        // More than there can be is the kernel's to refuse.
        let pages = |said: Option<u32>, own: u32| {
            let pages = said.unwrap_or(own).div_ceil(PAGE_BYTES);
            u16::try_from(pages).unwrap_or(u16::MAX)
        };
        RegionPages {
            lifetime: pages(module.lifetime, header.lifetime_bytes),
            // None at all would be the header's own.
            interim: pages(module.interim, header.interim_bytes).max(1),
        }
    }

    fn connect(
        &mut self,
        topology: &Topology,
        index: usize,
        buffer: &Buffer,
        flow: Flow,
        library: &Library<'_>,
    ) -> Result<(), TopologyError> {
        let names = || (buffer.from.to_string(), buffer.to.to_string());
        let mut period = 1;
        for end in [&buffer.from, &buffer.to] {
            let End::Pin { name, .. } = end else { continue };
            let module = &topology.modules[topology.place(name)? as usize];
            let frames = u64::from(flow.rate) * u64::from(module.period_us);
            if !frames.is_multiple_of(1_000_000) {
                return Err(TopologyError::Period {
                    name: name.clone(),
                    period_us: module.period_us,
                    rate: flow.rate,
                });
            }
            let bytes = frames / 1_000_000 * u64::from(flow.channels * SAMPLE_BYTES);
            period = least_common_multiple(period, bytes);
        }
        let bytes = period * u64::from(buffer.periods);
        if bytes > u64::from(MOST_BYTES) || bytes == 0 {
            let (from, to) = names();
            return Err(TopologyError::Large {
                from,
                to,
                bytes,
                most: MOST_BYTES,
            });
        }
        let is_input = |buffer: &&Buffer| matches!(buffer.from, End::File(_));
        let files_before = topology.buffers[..index].iter().filter(is_input).count();
        let from = match &buffer.from {
            End::File(_) => Endpoint::File(files_before as u16),
            End::Pin { name, pin } => Endpoint::Pin {
                place: topology.place(name)? as u8,
                pin: *pin,
            },
        };
        let to = match &buffer.to {
            End::File(path) => {
                let bits = buffer.bits.unwrap_or(flow.bits);
                if ![16, 24, 32].contains(&bits) {
                    return Err(TopologyError::Bits {
                        file: buffer.to.to_string(),
                        bits,
                    });
                }
                self.outputs.push(Output {
                    path: library.at(path),
                    format: Format {
                        rate: flow.rate,
                        channels: flow.channels,
                        bits,
                    },
                    frames: u64::from(flow.rate) * u64::from(flow.ms) / 1000,
                });
                Endpoint::File(self.outputs.len() as u16 - 1)
            }
            End::Pin { name, pin } => Endpoint::Pin {
                place: topology.place(name)? as u8,
                pin: *pin,
            },
        };
        self.ask(
            0,
            Request::Bind {
                buffer: index as u32,
                from,
                to,
                bytes: bytes as u32,
                rate: flow.rate,
                channels: flow.channels,
            },
        );
        Ok(())
    }

    /// What happens while it runs, in order of time; what is due at once before the audio flows.
    fn events(&mut self, topology: &Topology, library: &Library<'_>) -> Result<(), TopologyError> {
        let mut events = Vec::new();
        for config in &topology.configs {
            let bytes = match (&config.bytes, &config.text, &config.file) {
                (Some(bytes), None, None) => bytes.clone(),
                (None, Some(text), None) => text.clone().into_bytes(),
                (None, None, Some(file)) => {
                    std::fs::read(library.at(file)).map_err(|error| TopologyError::Config {
                        path: file.display().to_string(),
                        why: error.to_string(),
                    })?
                }
                _ => return Err(TopologyError::OneOf(config.module.clone())),
            };
            let request = Request::SetConfig {
                place: topology.place(&config.module)?,
                id: config.id,
                offset: self.blobs.len() as u32,
                bytes: bytes.len() as u32,
            };
            self.blobs.extend(bytes);
            events.push((config.at_ms, request));
        }
        for ask in &topology.asks {
            let place = topology.place(&ask.module)?;
            events.push((ask.at_ms, Request::GetConfig { place, id: ask.id }));
        }
        let pipelines = topology.pipelines();
        let running = pipelines.values().map(|pipeline| Request::SetPhase {
            pipeline: *pipeline,
            phase: Phase::Running,
        });
        let (first, later): (Vec<_>, Vec<_>) = events.into_iter().partition(|(at, _)| *at == 0);
        self.requests.extend(first);
        self.requests.extend(running.map(|request| (0, request)));
        events = later;
        for state in &topology.states {
            let request = Request::SetPhase {
                pipeline: pipelines[&*state.pipeline],
                phase: state.state.into(),
            };
            events.push((state.at_ms, request));
        }
        for fault in &topology.faults {
            let request = Request::Inject {
                place: topology.place(&fault.module)?,
                fault: fault.kind.into(),
            };
            events.push((fault.at_ms, request));
        }
        for unbind in &topology.unbinds {
            let index = topology.buffer(&unbind.from, &unbind.to)?;
            events.push((unbind.at_ms, Request::Unbind(index as u32)));
        }
        // Those of one time in the order of the file.
        events.sort_by_key(|(at, _)| *at);
        events.retain(|(at, _)| *at <= self.ticks);
        self.requests.extend(events);
        Ok(())
    }

    fn tear_down(&mut self, topology: &Topology) {
        let end = self.ticks;
        for index in 0..topology.buffers.len() as u32 {
            // From now on nothing flows, so that nobody is in the middle of it.
            if index == 0 {
                for pipeline in topology.pipelines().into_values() {
                    let phase = Phase::Reset;
                    self.ask(end, Request::SetPhase { pipeline, phase });
                }
            }
            let unbind = Request::Unbind(index);
            if !self.requests.iter().any(|(_, before)| *before == unbind) {
                self.ask(end, unbind);
            }
        }
        for place in 0..topology.modules.len() as u32 {
            self.ask(end, Request::Delete(place));
        }
        for file in 0..self.modules.len() as u32 {
            self.ask(end, Request::Unload(file));
        }
        self.ask(end, Request::End);
    }

    /// The files that the kernel reads.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let modules = self.modules.iter().enumerate();
        let modules = modules.map(|(index, module)| (format!("module-{index}"), &module.bytes));
        let inputs = self.inputs.iter().enumerate();
        let inputs = inputs.map(|(index, input)| (format!("input-{index}"), input));
        let mut files: Vec<_> = modules
            .chain(inputs)
            .map(|(name, bytes)| (name, bytes.clone()))
            .collect();
        let records = self
            .requests
            .iter()
            .map(|(tick, request)| request.record(*tick));
        let records: Vec<RequestRecord> = records.collect();
        files.push((files::REQUESTS.to_owned(), records.as_bytes().to_vec()));
        files.push((files::BLOBS.to_owned(), self.blobs.clone()));
        files
    }

    /// The files that it writes.
    pub fn output_names(&self) -> Vec<String> {
        (0..self.outputs.len())
            .map(|index| format!("output-{index}"))
            .collect()
    }
}

/// What goes through each buffer, by what comes in at its module.
fn flows(topology: &Topology, inputs: &[(PathBuf, Input)]) -> Result<Vec<Flow>, TopologyError> {
    let mut flows: Vec<Option<Flow>> = vec![None; topology.buffers.len()];
    for index in topology.in_order()? {
        let buffer = &topology.buffers[index];
        let incoming = match &buffer.from {
            End::File(path) => {
                let (_, input) =
                    (inputs.iter().find(|(at, _)| at == path)).ok_or(TopologyError::NoInput)?;
                let format = input.wav.format;
                for (what, said, right) in [
                    ("rate", buffer.rate, format.rate),
                    ("channels", buffer.channels, format.channels),
                ] {
                    if let Some(said) = said.filter(|said| *said != right) {
                        let from = buffer.from.to_string();
                        return Err(TopologyError::OtherFormat {
                            from,
                            what,
                            said,
                            right,
                        });
                    }
                }
                let frames = u64::from(input.frames()) * 1000;
                Some(Flow {
                    rate: format.rate,
                    channels: format.channels,
                    bits: format.bits,
                    ms: frames.div_ceil(format.rate.into()) as u32,
                })
            }
            End::Pin { name, .. } => incoming_at(topology, &flows, name),
        };
        let missing = |what| TopologyError::NoFormat {
            from: buffer.from.to_string(),
            to: buffer.to.to_string(),
            what,
        };
        let rate = buffer.rate.or(incoming.map(|flow| flow.rate));
        let channels = buffer.channels.or(incoming.map(|flow| flow.channels));
        flows[index] = Some(Flow {
            rate: rate
                .filter(|rate| *rate != 0)
                .ok_or_else(|| missing("rate"))?,
            channels: (channels.filter(|channels| *channels != 0))
                .ok_or_else(|| missing("channels"))?,
            bits: incoming.map_or(16, |flow| flow.bits),
            ms: incoming.map_or(0, |flow| flow.ms),
        });
    }
    Ok(flows.into_iter().flatten().collect())
}

/// What comes in at a module: the format of its first source, for as long as the longest.
fn incoming_at(topology: &Topology, flows: &[Option<Flow>], name: &str) -> Option<Flow> {
    let at = |buffer: &Buffer| match &buffer.to {
        End::Pin { name: to, pin } if to == name => Some(*pin),
        _ => None,
    };
    let mut incoming: Vec<_> = topology
        .buffers
        .iter()
        .zip(flows)
        .filter_map(|(buffer, flow)| Some((at(buffer)?, (*flow)?)))
        .collect();
    incoming.sort_by_key(|(pin, _)| *pin);
    let ms = incoming.iter().map(|(_, flow)| flow.ms).max()?;
    incoming.first().map(|(_, flow)| Flow { ms, ..*flow })
}

/// Samples as modules see them.
fn raw(input: &Input) -> Vec<u8> {
    let format = input.wav.format;
    let start = input.wav.data_start as usize;
    let whole = (input.frames() * format.frame_bytes()) as usize;
    let data = input.bytes.get(start..start + whole).unwrap_or_default();
    let samples = data.chunks_exact(format.sample_bytes() as usize);
    samples
        .flat_map(|sample| format.widen(sample).to_le_bytes())
        .collect()
}

fn least_common_multiple(one: u64, other: u64) -> u64 {
    let (mut a, mut b) = (one, other);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    one / a.max(1) * other
}

#[cfg(test)]
mod tests;
