//! The figures: what each is, what it may be, and where it comes from.

/// Where a figure is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The kernel's benchmarks with the module `probe`.
    Probe,
    /// The sample played by the equaliser, isolated and not isolated.
    Equaliser,
    /// The kernel image.
    Image,
}

/// A figure without its value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// Its name.
    pub key: &'static str,
    /// What it counts.
    pub what: &'static str,
    /// In which unit.
    pub unit: &'static str,
    /// Where it comes from.
    pub source: Source,
    /// The most it may be.
    pub limit: Option<f64>,
    /// The same of Zephyr on Xtensa.
    pub peer: Option<f64>,
}

/// The name of a system call's figure.
pub const NULL_CALL: &str = "syscall.null.full";
/// The name of the figure of a switch.
pub const DOMAIN_SWITCH: &str = "domain.switch";
/// The name of the figure of the tables.
pub const DOMAIN_TABLES: &str = "domain.tables.bytes";
/// The name of the figure of isolation.
pub const OVERHEAD: &str = "overhead.equaliser.percent";
/// The name of the figure of isolated periods.
pub const ISOLATED: &str = "instructions.equaliser.isolated";
/// The name of the figure of periods without isolation.
pub const TRUSTED: &str = "instructions.equaliser.trusted";
/// The name of the figure of the kernel's size.
pub const KERNEL_TEXT: &str = "kernel.text.bytes";

/// All figures.
pub const FIGURES: [Figure; 7] = [
    Figure {
        key: NULL_CALL,
        what: "a null system call, from the `syscall` instruction to the one after it",
        unit: "instructions",
        source: Source::Probe,
        limit: Some(60.0),
        peer: Some(160.0),
    },
    Figure {
        key: DOMAIN_SWITCH,
        what: "a switch to another module's domain",
        unit: "instructions",
        source: Source::Probe,
        limit: Some(15.0),
        peer: Some(13.0),
    },
    Figure {
        key: DOMAIN_TABLES,
        what: "page tables of one module, both aliases",
        unit: "bytes",
        source: Source::Probe,
        limit: Some(12_288.0),
        peer: Some(12_288.0),
    },
    Figure {
        key: OVERHEAD,
        what: "what isolation adds to a period of the equaliser",
        unit: "%",
        source: Source::Equaliser,
        limit: Some(3.0),
        peer: None,
    },
    Figure {
        key: ISOLATED,
        what: "a period of the equaliser (1 ms, 48 kHz, stereo), isolated",
        unit: "instructions",
        source: Source::Equaliser,
        limit: None,
        peer: None,
    },
    Figure {
        key: TRUSTED,
        what: "the same with the kernel's rights and nothing around it",
        unit: "instructions",
        source: Source::Equaliser,
        limit: None,
        peer: None,
    },
    Figure {
        key: KERNEL_TEXT,
        what: "the kernel's text, vectors, reset code and constants",
        unit: "bytes",
        source: Source::Image,
        limit: Some(65_536.0),
        peer: None,
    },
];

/// Stands before the name of a peer's figure.
const PEER: &str = "peer.";

impl Figure {
    /// The name of the peer's figure.
    pub fn peer_key(&self) -> String {
        format!("{PEER}{}", self.key)
    }

    /// Whether the figure itself is asked for.
    pub fn is_selected(&self, prefix: &str) -> bool {
        self.key.starts_with(prefix)
    }

    /// Whether the peer's figure is asked for: by its own name, or with ours.
    pub fn is_peer_selected(&self, prefix: &str) -> bool {
        self.peer.is_some() && (self.is_selected(prefix) || self.peer_key().starts_with(prefix))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique() {
        let keys: BTreeSet<&str> = FIGURES.iter().map(|figure| figure.key).collect();
        assert_eq!(keys.len(), FIGURES.len());
    }

    #[test]
    fn a_prefix_selects() {
        let selected = |prefix: &str| {
            FIGURES
                .iter()
                .filter(|figure| figure.is_selected(prefix))
                .count()
        };
        assert_eq!(selected(""), FIGURES.len());
        assert_eq!(selected("domain"), 2);
        assert_eq!(selected("peer"), 0);
        let [null, ..] = &FIGURES;
        assert!(null.is_peer_selected("peer.sys") && null.is_peer_selected("syscall"));
        assert!(!null.is_peer_selected("domain"));
    }
}
