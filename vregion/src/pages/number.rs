//! Numbers of pages and frames, and runs of pages.

use core::fmt;

/// The number of a virtual page, counted from the pool's first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct PageNumber(pub u32);

/// The number of a frame (a page of memory), counted from the pool's first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct FrameNumber(pub u32);

/// A number of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct PageCount(pub u32);

/// Pages that follow each other. Any two numbers make a run; whether it means anything is for the
/// pool to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    /// The first page.
    pub first: PageNumber,
    /// How many pages.
    pub count: PageCount,
}

impl Run {
    /// `count` pages, `offset` pages after the first of this run; `None` where they are not all in
    /// this run. O(1).
    #[must_use]
    pub const fn part(self, offset: u32, count: PageCount) -> Option<Run> {
        let (Some(end), Some(first)) = (
            offset.checked_add(count.0),
            self.first.0.checked_add(offset),
        ) else {
            return None;
        };
        if end > self.count.0 {
            return None;
        }
        Some(Run {
            first: PageNumber(first),
            count,
        })
    }

    /// Whether the page is in this run. O(1).
    #[must_use]
    pub const fn contains(self, page: PageNumber) -> bool {
        page.0 >= self.first.0 && page.0 - self.first.0 < self.count.0
    }
}

impl fmt::Display for PageNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for FrameNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for PageCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} pages from page {} on", self.count, self.first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(first: u32, count: u32) -> Run {
        Run {
            first: PageNumber(first),
            count: PageCount(count),
        }
    }

    #[test]
    fn a_part_stays_inside() {
        let whole = run(10, 4);
        assert_eq!(whole.part(0, PageCount(4)), Some(whole));
        assert_eq!(whole.part(3, PageCount(1)), Some(run(13, 1)));
        assert_eq!(whole.part(3, PageCount(2)), None);
        assert_eq!(whole.part(u32::MAX, PageCount(2)), None);
        assert_eq!(run(u32::MAX, 2).part(1, PageCount(1)), None);
    }

    #[test]
    fn a_run_contains_its_pages_and_no_more() {
        assert!(!run(10, 4).contains(PageNumber(9)));
        assert!(run(10, 4).contains(PageNumber(10)));
        assert!(run(10, 4).contains(PageNumber(13)));
        assert!(!run(10, 4).contains(PageNumber(14)));
        assert!(run(u32::MAX, 2).contains(PageNumber(u32::MAX)));
    }
}
