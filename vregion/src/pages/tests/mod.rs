//! Cases by hand; what random steps do is in `tests/pages.rs`.

mod committing;
mod reserving;

use std::vec::Vec;

use super::*;

const SLOT: PageCount = PageCount(1024);

/// Remembers what it was asked, and refuses when told to.
#[derive(Default)]
struct Log {
    refuse: bool,
    zeroed: Vec<u32>,
    mapped: Vec<(u32, u32)>,
}

impl Backing for Log {
    type Error = u32;

    fn zero(&mut self, frame: FrameNumber) {
        self.zeroed.push(frame.0);
    }

    fn map(&mut self, mapping: &Mapping<'_>) -> Result<(), u32> {
        for (page, frame) in mapping.iter() {
            assert!(
                self.zeroed.contains(&frame.0),
                "mapped before it was zeroed"
            );
            assert_eq!(mapping.frame_of(page), Some(frame));
        }
        if self.refuse {
            return Err(7);
        }
        self.mapped
            .extend(mapping.iter().map(|(page, frame)| (page.0, frame.0)));
        Ok(())
    }

    fn unmap(&mut self, mapping: &Mapping<'_>) {
        for (page, frame) in mapping.iter() {
            let at = self
                .mapped
                .iter()
                .position(|pair| *pair == (page.0, frame.0));
            self.mapped
                .swap_remove(at.expect("unmapped what is not mapped"));
        }
    }
}

fn run(first: u32, count: u32) -> Run {
    Run {
        first: PageNumber(first),
        count: PageCount(count),
    }
}
