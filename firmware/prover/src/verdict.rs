//! A verdict as a number, so that it can stand in an [`Outcome`].

use domains::{Consequence, Culprit, Denied, Offence, Verdict};
use mmu::{Access, VirtAddr};

use crate::Outcome;

/// Where a verdict says an address: how that address stands to the one of the fault.
#[derive(Clone, Copy)]
enum About {
    None = 0,
    TheAddress = 1,
    ItsPage = 2,
    Another = 3,
}

impl Outcome {
    /// The same fault with the verdict on it. What the verdict says is all in the number, addresses
    /// by how they stand to the fault's; it is never 0.
    #[must_use]
    pub fn judged(self, verdict: Verdict) -> Outcome {
        let culprit = match verdict.culprit {
            Culprit::Module => 1,
            Culprit::Kernel => 2,
        };
        let (offence, address) = number_of(verdict.offence);
        let (consequence, resumed) = match verdict.consequence {
            Consequence::Resume(page) => (1, Some(page)),
            Consequence::StopModule => (2, None),
            Consequence::StopKernel => (3, None),
        };
        let about = [address, resumed].map(|address| self.about(address) as u32);
        Outcome {
            value: culprit | consequence << 4 | about[0] << 8 | about[1] << 12 | offence << 16,
            ..self
        }
    }

    fn about(self, address: Option<VirtAddr>) -> About {
        let fault = VirtAddr(self.address);
        match address {
            None => About::None,
            Some(address) if address == fault => About::TheAddress,
            Some(address) if address == fault.page_start() => About::ItsPage,
            Some(_) => About::Another,
        }
    }

    /// In words, what was decided about a fault that was [judged](Self::judged).
    #[must_use]
    pub const fn decision(self) -> &'static str {
        match self.value >> 4 & 0xf {
            1 => "goes on",
            2 => "stops the module",
            3 => "stops the kernel",
            _ => "no domain ran",
        }
    }

    /// In words, what the offence was held to be.
    #[must_use]
    pub const fn offence(self) -> &'static str {
        match self.value >> 16 & 0xff {
            0x11 => "reading, not granted",
            0x12 => "writing, not granted",
            0x13 => "execution, not granted",
            0x21 => "reading, not permitted",
            0x22 => "writing, not permitted",
            0x23 => "execution, not permitted",
            0x31..=0x33 => "access beyond the end",
            0x41..=0x43 => "access of a domain that is gone",
            0x50 => "an entry out of date",
            0x60 => "an access of the wrong manner",
            0x70 => "an instruction",
            0x80 => "arithmetic",
            0x90 => "a breakpoint",
            0xa0 => "unknown",
            _ => "nobody's",
        }
    }
}

/// The kind of offence, and the address it names.
const fn number_of(offence: Offence) -> (u32, Option<VirtAddr>) {
    match offence {
        Offence::Access { access, denied } => {
            let kind = match denied {
                Denied::NotGranted(_) => 0x10,
                Denied::Prohibited { .. } => 0x20,
                Denied::Wraps(_) => 0x30,
                Denied::StaleHandle => 0x40,
            };
            let access = match access {
                Access::Read => 1,
                Access::Write => 2,
                Access::Execute => 3,
            };
            (kind | access, denied.address())
        }
        Offence::Outdated(page) => (0x50, Some(page)),
        Offence::Manner(address) => (0x60, Some(address)),
        Offence::Instruction => (0x70, None),
        Offence::Arithmetic => (0x80, None),
        Offence::Breakpoint => (0x90, None),
        Offence::Unknown => (0xa0, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::vec::Vec;

    const AT: VirtAddr = VirtAddr(0xa000_1234);

    fn offences() -> Vec<Offence> {
        let mut offences = std::vec![
            Offence::Outdated(AT.page_start()),
            Offence::Outdated(AT),
            Offence::Manner(AT),
            Offence::Instruction,
            Offence::Arithmetic,
            Offence::Breakpoint,
            Offence::Unknown,
        ];
        for access in [Access::Read, Access::Write, Access::Execute] {
            let address = AT;
            for denied in [
                Denied::Wraps(AT),
                Denied::NotGranted(AT),
                Denied::NotGranted(VirtAddr(0)),
                Denied::Prohibited { address, access },
                Denied::StaleHandle,
            ] {
                offences.push(Offence::Access { access, denied });
            }
        }
        offences
    }

    #[test]
    fn no_two_verdicts_are_alike_and_none_is_like_no_verdict() {
        let fault = Outcome::fault(28, AT.0);
        let mut seen = BTreeSet::from([fault.value]);
        for culprit in [Culprit::Module, Culprit::Kernel] {
            for offence in offences() {
                for consequence in [
                    Consequence::Resume(AT.page_start()),
                    Consequence::Resume(AT),
                    Consequence::Resume(VirtAddr(0)),
                    Consequence::StopModule,
                    Consequence::StopKernel,
                ] {
                    let verdict = Verdict {
                        culprit,
                        offence,
                        consequence,
                    };
                    let judged = fault.judged(verdict);
                    assert_eq!((judged.code, judged.address), (28, AT.0));
                    assert!(seen.insert(judged.value), "{verdict:?}");
                }
            }
        }
    }
}
