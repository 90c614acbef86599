//! The figures: what each is, what it may be, and where it comes from.

use super::{allocators, host};

/// Where a figure is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The kernel's benchmarks with the module `probe`.
    Probe,
    /// The sample played by the equaliser, isolated and not isolated.
    Equaliser,
    /// The kernel image.
    Image,
    /// The prover's measurements of domains.
    Domains,
    /// The scales' measurements of allocators.
    Allocators,
    /// The same works on this computer, under callgrind.
    Host,
}

/// What a figure has to keep to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// No more than that.
    Most(f64),
    /// No less than that.
    Least(f64),
    /// A goal that is not reached yet, and the most until it is.
    Goal {
        /// What it should be at most.
        aim: f64,
        /// What it may be at most meanwhile.
        most: f64,
    },
}

impl Limit {
    /// Whether a value breaks it.
    pub fn is_broken_by(self, value: f64) -> bool {
        match self {
            Limit::Most(most) => value > most,
            Limit::Least(least) => value < least,
            Limit::Goal { most, .. } => value > most,
        }
    }

    /// Whether a value falls short of a goal.
    pub fn is_missed_by(self, value: f64) -> bool {
        matches!(self, Limit::Goal { aim, .. } if value > aim)
    }
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
    /// What it has to keep to.
    pub limit: Option<Limit>,
    /// The same of Zephyr on Xtensa.
    pub peer: Option<f64>,
}

/// The name of a system call's figure.
pub const NULL_CALL: &str = "syscall.null.full";
/// The name of the figure of a call that the entry code serves.
pub const QUICK_CALL: &str = "syscall.null.fast";
/// The name of the figure of a record proven and copied.
pub const COPY: &str = "syscall.copy16";
/// The name of the figure of an allocation.
pub const ALLOC: &str = "mod_alloc.64";
/// The name of the figure of freeing it.
pub const FREE: &str = "mod_free";
/// The name of the figure of a yield.
pub const YIELD: &str = "yield.two_domains";
/// The name of the figure of threads without domains.
pub const THREAD_SWITCH: &str = "thread.switch";
/// The name of the figure of a switch.
pub const DOMAIN_SWITCH: &str = "domain.switch";
/// The same among many domains.
pub const DOMAIN_SWITCH_MANY: &str = "domain.switch.200_alive";
/// The name of the figure of a domain's life.
pub const CREATE_DESTROY: &str = "domain.create_destroy";
/// The name of the figure of how many there can be.
pub const DOMAIN_MAX: &str = "domain.max";
/// The name of the figure of a page granted and revoked.
pub const ADD_REMOVE: &str = "partition.add_remove.1page";
/// The name of the figure of a page of a large grant.
pub const ADD_PER_PAGE: &str = "partition.add.per_page";
/// The same where no frame follows another.
pub const ADD_PER_PAGE_SCATTERED: &str = "partition.add.per_page_scattered";
/// The name of the figure of a decision.
pub const MAY: &str = "access.may.64k";
/// The same through many partitions.
pub const MAY_SCATTERED: &str = "access.may.64k_16_partitions";
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
pub fn figures() -> impl Iterator<Item = &'static Figure> {
    FIGURES
        .iter()
        .chain(&allocators::FIGURES)
        .chain(&host::FIGURES)
}

/// Those of the kernel and of domains.
pub const FIGURES: [Figure; 21] = [
    Figure {
        key: NULL_CALL,
        what: "a null system call, from the `syscall` instruction to the one after it",
        unit: "instructions",
        source: Source::Probe,
        limit: Some(Limit::Most(40.0)),
        peer: Some(160.0),
    },
    Figure {
        key: QUICK_CALL,
        what: "a call that the entry code serves by itself: the ticks",
        unit: "instructions",
        source: Source::Probe,
        limit: Some(Limit::Most(15.0)),
        peer: Some(160.0),
    },
    Figure {
        key: COPY,
        what: "a record of 16 bytes on the caller's stack, proven and copied",
        unit: "instructions",
        source: Source::Probe,
        limit: Some(Limit::Most(50.0)),
        peer: None,
    },
    Figure {
        key: ALLOC,
        what: "64 bytes allocated after `prepare`, from user code to user code",
        unit: "instructions",
        source: Source::Probe,
        limit: Some(Limit::Goal {
            aim: 250.0,
            most: 360.0,
        }),
        peer: None,
    },
    Figure {
        key: FREE,
        what: "the same freed",
        unit: "instructions",
        source: Source::Probe,
        limit: Some(Limit::Goal {
            aim: 200.0,
            most: 250.0,
        }),
        peer: None,
    },
    Figure {
        key: YIELD,
        what: "a yield to a module in another domain, from user code to user code",
        unit: "instructions",
        source: Source::Probe,
        limit: Some(Limit::Most(190.0)),
        peer: None,
    },
    Figure {
        key: THREAD_SWITCH,
        what: "the same without a null system call and without the switch of domains",
        unit: "instructions",
        source: Source::Probe,
        limit: Some(Limit::Most(110.0)),
        peer: None,
    },
    Figure {
        key: DOMAIN_SWITCH,
        what: "a switch to another module's domain",
        unit: "instructions",
        source: Source::Probe,
        limit: Some(Limit::Most(15.0)),
        peer: Some(13.0),
    },
    Figure {
        key: DOMAIN_TABLES,
        what: "page tables of one module, both aliases",
        unit: "bytes",
        source: Source::Probe,
        limit: Some(Limit::Most(8_192.0)),
        peer: Some(12_288.0),
    },
    Figure {
        key: DOMAIN_SWITCH_MANY,
        what: "the same with 200 domains alive, each in its turn",
        unit: "instructions",
        source: Source::Domains,
        limit: Some(Limit::Most(15.0)),
        peer: Some(13.0),
    },
    Figure {
        key: CREATE_DESTROY,
        what: "a domain made and destroyed",
        unit: "instructions",
        source: Source::Domains,
        limit: Some(Limit::Most(1_500.0)),
        peer: None,
    },
    Figure {
        key: DOMAIN_MAX,
        what: "domains that can live at once",
        unit: "domains",
        source: Source::Domains,
        limit: Some(Limit::Least(240.0)),
        peer: Some(3.0),
    },
    Figure {
        key: ADD_REMOVE,
        what: "one page granted and revoked, both aliases, without a flush of a whole cache or TLB",
        unit: "instructions",
        source: Source::Domains,
        limit: Some(Limit::Most(400.0)),
        peer: None,
    },
    Figure {
        key: ADD_PER_PAGE,
        what: "a page of a grant of 64 on frames that follow each other",
        unit: "instructions",
        source: Source::Domains,
        limit: Some(Limit::Most(15.0)),
        peer: None,
    },
    Figure {
        key: ADD_PER_PAGE_SCATTERED,
        what: "the same where no frame follows another",
        unit: "instructions",
        source: Source::Domains,
        limit: None,
        peer: None,
    },
    Figure {
        key: MAY,
        what: "the decision about an access to 64 KiB",
        unit: "instructions",
        source: Source::Domains,
        limit: Some(Limit::Most(120.0)),
        peer: Some(560.0),
    },
    Figure {
        key: MAY_SCATTERED,
        what: "the same where each page is a partition of its own",
        unit: "instructions",
        source: Source::Domains,
        limit: None,
        peer: Some(560.0),
    },
    Figure {
        key: OVERHEAD,
        what: "what isolation adds to a period of the equaliser",
        unit: "%",
        source: Source::Equaliser,
        limit: Some(Limit::Most(3.0)),
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
        limit: Some(Limit::Most(86_016.0)),
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
        let keys: BTreeSet<&str> = figures().map(|figure| figure.key).collect();
        assert_eq!(keys.len(), figures().count());
    }

    #[test]
    fn a_prefix_selects() {
        let selected = |prefix: &str| {
            figures()
                .filter(|figure| figure.is_selected(prefix))
                .count()
        };
        assert_eq!(selected(""), figures().count());
        assert_eq!(selected("domain"), 5);
        assert_eq!(selected("peer"), 0);
        let [null, ..] = &FIGURES;
        assert!(null.is_peer_selected("peer.sys") && null.is_peer_selected("syscall"));
        assert!(!null.is_peer_selected("domain"));
    }
}
