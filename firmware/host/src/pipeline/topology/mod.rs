//! Topology files: what a user writes about a pipeline, checked before anything runs.

mod check;
mod error;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use kernel::pipeline::request::{Injected, OnDeath, Phase};
use serde::Deserialize;

pub use error::TopologyError;

/// Instructions of a tick, if the file does not say.
const CYCLES_PER_MS: u32 = 1_000_000;
/// Milliseconds behind the end of the input, if the file does not say: what the modules hold must
/// come out.
const TAIL_MS: u32 = 50;
/// Microseconds of a period, if the file does not say.
const PERIOD_US: u32 = 1_000;

/// A file as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topology {
    /// Instructions that modules together can take in a millisecond.
    #[serde(default = "cycles_per_ms")]
    pub cycles_per_ms: u32,
    /// Milliseconds for which it goes on behind the end of the longest input.
    #[serde(default = "tail_ms")]
    pub tail_ms: u32,
    /// Instances of modules.
    #[serde(default, rename = "module")]
    pub modules: Vec<Instance>,
    /// What connects them.
    #[serde(default, rename = "buffer")]
    pub buffers: Vec<Buffer>,
    /// Configurations to set.
    #[serde(default, rename = "config")]
    pub configs: Vec<Config>,
    /// Configurations to ask for.
    #[serde(default, rename = "ask")]
    pub asks: Vec<Ask>,
    /// States of pipelines.
    #[serde(default, rename = "state")]
    pub states: Vec<State>,
    /// Faults to inject.
    #[serde(default, rename = "fault")]
    pub faults: Vec<Fault>,
    /// Buffers to take away.
    #[serde(default, rename = "unbind")]
    pub unbinds: Vec<Unbind>,
}

/// An instance of a module.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instance {
    /// What the rest of the file calls it.
    pub name: String,
    /// A module of this repository by name, or a module file.
    pub file: String,
    /// The pipeline that it belongs to.
    #[serde(default = "main_pipeline")]
    pub pipeline: String,
    /// Microseconds of audio that each `process` takes.
    #[serde(default = "period_us")]
    pub period_us: u32,
    /// How often it comes back to life.
    #[serde(default)]
    pub restarts: Restarts,
    /// What goes on meanwhile.
    #[serde(default)]
    pub on_death: Death,
    /// Instructions that a `process` may take; all of its period, if not given.
    pub budget: Option<u32>,
    /// The core that it runs on.
    #[serde(default)]
    pub core: u32,
    /// Bytes of its region for lifetime allocations; what the module's header says, if not given.
    pub lifetime: Option<u32>,
    /// Likewise for interim allocations.
    pub interim: Option<u32>,
}

/// How often an instance comes back to life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "RestartsAsWritten")]
pub struct Restarts(pub u32);

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
enum RestartsAsWritten {
    Times(u32),
    Named(NamedRestarts),
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum NamedRestarts {
    Never,
    Always,
}

impl From<RestartsAsWritten> for Restarts {
    fn from(written: RestartsAsWritten) -> Restarts {
        Restarts(match written {
            RestartsAsWritten::Times(times) => times,
            RestartsAsWritten::Named(NamedRestarts::Never) => 0,
            RestartsAsWritten::Named(NamedRestarts::Always) => u32::MAX,
        })
    }
}

/// What goes on while an instance is dead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Death {
    /// Silence.
    #[default]
    Silence,
    /// Its input.
    Bypass,
}

impl From<Death> for OnDeath {
    fn from(death: Death) -> OnDeath {
        match death {
            Death::Silence => OnDeath::Silence,
            Death::Bypass => OnDeath::Bypass,
        }
    }
}

/// A buffer between two ends.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Buffer {
    /// A WAV file, or an instance's sink: `name` or `name:pin`.
    pub from: End,
    /// A WAV file, or an instance's source.
    pub to: End,
    /// Frames per second, where they are not those of what comes in.
    pub rate: Option<u32>,
    /// Samples per frame, likewise.
    pub channels: Option<u32>,
    /// Bits per sample of a WAV file that is written; as read, if not given.
    pub bits: Option<u32>,
    /// Periods that it holds.
    #[serde(default = "two")]
    pub periods: u32,
}

/// An end of a buffer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum End {
    /// A WAV file.
    File(PathBuf),
    /// An instance's pin.
    Pin {
        /// The instance.
        name: String,
        /// Its pin.
        pin: u8,
    },
}

impl TryFrom<String> for End {
    type Error = String;

    fn try_from(text: String) -> Result<End, String> {
        if Path::new(&text)
            .extension()
            .is_some_and(|ext| ext.eq_ignore_ascii_case("wav"))
        {
            return Ok(End::File(PathBuf::from(text)));
        }
        let (name, pin) = match text.split_once(':') {
            None => (text.as_str(), 0),
            Some((name, pin)) => {
                let wrong = |_| format!("`{text}` has no number of a pin behind its colon");
                (name, pin.parse().map_err(wrong)?)
            }
        };
        Ok(End::Pin {
            name: name.to_owned(),
            pin,
        })
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::File(path) => write!(f, "{}", path.display()),
            End::Pin { name, pin: 0 } => f.write_str(name),
            End::Pin { name, pin } => write!(f, "{name}:{pin}"),
        }
    }
}

/// A configuration to set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// When.
    #[serde(default)]
    pub at_ms: u32,
    /// Whose.
    pub module: String,
    /// The module's number for it.
    pub id: u32,
    /// Its bytes,
    pub bytes: Option<Vec<u8>>,
    /// or as text,
    pub text: Option<String>,
    /// or from a file.
    pub file: Option<PathBuf>,
}

/// A configuration to ask for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// When.
    #[serde(default)]
    pub at_ms: u32,
    /// Whose.
    pub module: String,
    /// The module's number for it.
    pub id: u32,
}

/// A state for a pipeline.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// When.
    pub at_ms: u32,
    /// Which.
    #[serde(default = "main_pipeline")]
    pub pipeline: String,
    /// Which state.
    pub state: PhaseName,
}

/// States by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PhaseName {
    /// As after `init`.
    Reset,
    /// Prepared.
    Ready,
    /// Audio flows.
    Running,
    /// None flows for a while.
    Paused,
}

impl From<PhaseName> for Phase {
    fn from(name: PhaseName) -> Phase {
        match name {
            PhaseName::Reset => Phase::Reset,
            PhaseName::Ready => Phase::Ready,
            PhaseName::Running => Phase::Running,
            PhaseName::Paused => Phase::Paused,
        }
    }
}

/// A fault to inject.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// When.
    pub at_ms: u32,
    /// In whom.
    pub module: String,
    /// Which.
    pub kind: FaultName,
}

/// A buffer to take away while the others go on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unbind {
    /// When.
    pub at_ms: u32,
    /// Where it comes from, as its `[[buffer]]` says.
    pub from: End,
    /// Where it goes to.
    pub to: End,
}

/// Faults by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FaultName {
    /// The next `process` begins at address 0.
    Jump,
    /// The next `process` has no time.
    Overrun,
    /// It is taken away at once.
    Withdraw,
}

impl From<FaultName> for Injected {
    fn from(name: FaultName) -> Injected {
        match name {
            FaultName::Jump => Injected::Jump,
            FaultName::Overrun => Injected::Overrun,
            FaultName::Withdraw => Injected::Withdraw,
        }
    }
}

fn cycles_per_ms() -> u32 {
    CYCLES_PER_MS
}

fn tail_ms() -> u32 {
    TAIL_MS
}

fn period_us() -> u32 {
    PERIOD_US
}

fn two() -> u32 {
    2
}

fn main_pipeline() -> String {
    String::from("main")
}

impl Topology {
    /// Reads a file and checks what can be checked without other files.
    pub fn parse(text: &str) -> Result<Topology, TopologyError> {
        let written = |error: toml::de::Error| TopologyError::Written(error.to_string());
        let topology: Topology = toml::from_str(text).map_err(written)?;
        topology.check_names()?;
        topology.check_ends()?;
        topology.check_unbinds()?;
        topology.check_circles()?;
        Ok(topology)
    }

    /// The place of an instance.
    pub fn place(&self, name: &str) -> Result<u32, TopologyError> {
        let place = self.modules.iter().position(|module| module.name == name);
        place.map(|place| place as u32).ok_or_else(|| {
            let names = self.modules.iter().map(|module| module.name.as_str());
            TopologyError::Unknown {
                name: name.to_owned(),
                known: names.collect::<Vec<_>>().join(", "),
            }
        })
    }

    /// The buffer between two ends.
    pub fn buffer(&self, from: &End, to: &End) -> Result<usize, TopologyError> {
        let is_it = |buffer: &Buffer| buffer.from == *from && buffer.to == *to;
        let found = self.buffers.iter().position(is_it);
        found.ok_or_else(|| TopologyError::NoBuffer {
            from: from.to_string(),
            to: to.to_string(),
        })
    }

    /// Cores that it needs.
    pub fn cores(&self) -> u32 {
        1 + (self.modules.iter()).fold(0, |most, module| most.max(module.core))
    }

    /// Pipelines by name, each with its number.
    pub fn pipelines(&self) -> BTreeMap<&str, u32> {
        let mut names: Vec<&str> = self
            .modules
            .iter()
            .map(|module| &*module.pipeline)
            .collect();
        names.sort_unstable();
        names.dedup();
        names.into_iter().zip(0..).collect()
    }
}

#[cfg(test)]
mod tests {
    use kernel::config::INSTANCES;

    use super::*;

    const GOOD: &str = r#"
        [[module]]
        name = "eq"
        file = "equaliser"
        restarts = "always"
        on_death = "bypass"
        [[module]]
        name = "lim"
        file = "limiter"
        restarts = 3
        [[buffer]]
        from = "in.wav"
        to = "eq"
        [[buffer]]
        from = "lim"
        to = "out.wav"
        [[buffer]]
        from = "eq"
        to = "lim:0"
    "#;

    fn refused(change: impl Fn(&str) -> String) -> String {
        Topology::parse(&change(GOOD)).unwrap_err().to_string()
    }

    #[test]
    fn a_topology_is_read() {
        let topology = Topology::parse(GOOD).unwrap();
        assert_eq!(topology.modules[0].restarts, Restarts(u32::MAX));
        assert_eq!(topology.modules[1].restarts, Restarts(3));
        assert_eq!(topology.modules[0].on_death, Death::Bypass);
        assert_eq!(topology.in_order().unwrap(), [0, 2, 1]);
        assert_eq!(topology.place("lim"), Ok(1));
        assert_eq!(topology.cycles_per_ms, CYCLES_PER_MS);
    }

    #[test]
    fn a_circle_is_named() {
        let circle = refused(|good| good.replace(r#"from = "in.wav""#, r#"from = "lim:1""#));
        assert!(
            circle.contains("no buffer comes from a WAV file"),
            "{circle}"
        );
        let circle =
            refused(|good| format!("{good}\n[[buffer]]\nfrom = \"lim:1\"\nto = \"eq:1\"\n"));
        assert!(
            circle.contains("eq -> lim -> eq") || circle.contains("lim -> eq -> lim"),
            "{circle}"
        );
    }

    #[test]
    fn names_that_nobody_has_are_refused() {
        for (added, part) in [
            (
                "[[fault]]\nat_ms = 1\nmodule = \"eg\"\nkind = \"jump\"",
                "no module is called `eg`",
            ),
            ("[[ask]]\nmodule = \"x\"\nid = 1", "there are eq, lim"),
            ("[[config]]\nmodule = \"y\"\nid = 1\ntext = \"\"", "`y`"),
            (
                "[[state]]\nat_ms = 1\npipeline = \"side\"\nstate = \"paused\"",
                "pipeline `side`",
            ),
            (
                "[[buffer]]\nfrom = \"nobody\"\nto = \"o.wav\"",
                "no module is called `nobody`",
            ),
            (
                "[[buffer]]\nfrom = \"a.wav\"\nto = \"o.wav\"",
                "no module at either end",
            ),
            (
                "[[buffer]]\nfrom = \"eq\"\nto = \"o.wav\"",
                "two buffers are at sink eq",
            ),
            (
                "[[buffer]]\nfrom = \"a.wav\"\nto = \"eq:0\"",
                "two buffers are at source eq",
            ),
            (
                "[[buffer]]\nfrom = \"lim:1\"\nto = \"out.wav\"",
                "two buffers go to out.wav",
            ),
            (
                "[[buffer]]\nfrom = \"lim:x\"\nto = \"out.wav\"",
                "no number of a pin",
            ),
            (
                "[[module]]\nname = \"eq\"\nfile = \"f\"",
                "two modules are called `eq`",
            ),
            (
                "[[module]]\nname = \"m\"\nfile = \"f\"",
                "nothing is connected to `m`",
            ),
            (
                "[[unbind]]\nat_ms = 1\nfrom = \"eq\"\nto = \"lim:1\"",
                "no buffer goes from eq to lim:1",
            ),
            (
                "[[unbind]]\nat_ms = 1\nfrom = \"eq\"\nto = \"lim\"\n\
                 [[unbind]]\nat_ms = 2\nfrom = \"eq:0\"\nto = \"lim:0\"",
                "the buffer from eq to lim is taken away twice",
            ),
            ("[[modul]]\nname = \"m\"", "unknown field `modul`"),
            (
                "[[fault]]\nat_ms = 1\nmodule = \"eq\"\nkind = \"jmp\"",
                "unknown variant `jmp`",
            ),
        ] {
            let text = refused(|good| format!("{good}\n{added}\n"));
            assert!(text.contains(part), "{text}");
        }
        for (core, is_there) in [(0, true), (1, true), (2, false), (u32::MAX, false)] {
            let text = GOOD.replace("restarts = 3", &format!("core = {core}"));
            let told = Topology::parse(&text).map(|topology| topology.cores());
            let refused = TopologyError::NoCore {
                name: String::from("lim"),
                core,
            };
            assert_eq!(told, if is_there { Ok(core + 1) } else { Err(refused) });
        }
        assert_eq!(refused(|_| String::new()), "it has no [[module]]");
        assert!(refused(|_| String::from("not toml")).contains("TOML"));
    }

    #[test]
    fn no_more_modules_than_places() {
        let many = refused(|good| {
            let module = |number| format!("[[module]]\nname = \"m{number}\"\nfile = \"f\"\n");
            good.to_owned() + &(0..INSTANCES).map(module).collect::<String>()
        });
        assert!(many.contains("the kernel has places for 8"), "{many}");
    }
}
