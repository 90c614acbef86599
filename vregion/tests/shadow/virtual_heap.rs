//! A slow and obvious virtual heap.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range as Pages;

use vregion::range::Range;
use vregion::supply::PageSupply;
use vregion::virtual_heap::{
    AllocError, Bundle, FreeError, Layout, Request, ResizeError, Span, VirtualHeap,
};

const PAGE: u32 = 4096;
const LIMIT: usize = 60;
type Heap = VirtualHeap<4, 256>;

#[derive(Default)]
struct Mapped {
    pages: BTreeSet<u32>,
    refuse: bool,
}

impl PageSupply for Mapped {
    type Error = ();

    fn map(&mut self, pages: Pages<u32>) -> Result<(), ()> {
        if self.refuse || self.pages.len() + pages.len() > LIMIT {
            return Err(());
        }
        pages.for_each(|page| assert!(self.pages.insert(page), "mapped twice"));
        Ok(())
    }

    fn unmap(&mut self, pages: Pages<u32>) -> Result<(), ()> {
        if self.refuse {
            return Err(());
        }
        pages.for_each(|page| assert!(self.pages.remove(&page), "not mapped"));
        Ok(())
    }
}

/// Every block by its bundle and number: the offset of the allocation that has it.
struct Shadow {
    bundles: Vec<(u32, Bundle)>,
    owner: Vec<Vec<Option<u32>>>,
    /// Offset to bytes.
    live: BTreeMap<u32, u32>,
}

impl Shadow {
    fn new(bundles: &[Bundle]) -> Self {
        let mut start = 0;
        let placed = bundles.iter().map(|bundle| {
            let at = start;
            start = (at + bundle.block_bytes * bundle.count).next_multiple_of(PAGE);
            (at, *bundle)
        });
        Shadow {
            bundles: placed.collect(),
            owner: bundles
                .iter()
                .map(|bundle| vec![None; bundle.count as usize])
                .collect(),
            live: BTreeMap::new(),
        }
    }

    /// Whether the first bundle that serves the request holds the offset, where there is any.
    fn allows(&self, request: Request, offset: Option<u32>) -> bool {
        for ((start, bundle), owner) in self.bundles.iter().zip(&self.owner) {
            let blocks = request.bytes.div_ceil(bundle.block_bytes);
            let aligned = bundle.count == 1 || bundle.block_bytes % request.align == 0;
            if (blocks > 1 && request.span == Span::Single)
                || !aligned
                || start % request.align != 0
            {
                continue;
            }
            let free = |at: usize| {
                owner
                    .get(at..at + blocks as usize)
                    .is_some_and(|run| run.iter().all(Option::is_none))
            };
            if (0..owner.len()).any(free) {
                return offset.is_some_and(|offset| {
                    offset >= *start
                        && (offset - start) % bundle.block_bytes == 0
                        && free(((offset - start) / bundle.block_bytes) as usize)
                });
            }
        }
        offset.is_none()
    }

    fn set(&mut self, offset: u32, bytes: u32, to: Option<u32>) {
        for ((start, bundle), owner) in self.bundles.iter().zip(&mut self.owner) {
            let end = start + bundle.block_bytes * bundle.count;
            if (*start..end).contains(&offset) {
                let first = ((offset - start) / bundle.block_bytes) as usize;
                owner[first..first + bytes.div_ceil(bundle.block_bytes) as usize].fill(to);
            }
        }
    }

    fn pages(&self) -> BTreeSet<u32> {
        let each = self.live.iter();
        each.flat_map(|(offset, bytes)| offset / PAGE..=(offset + bytes - 1) / PAGE)
            .collect()
    }
}

/// What can be done.
#[derive(Clone, Debug)]
pub enum Step {
    Alloc(u32, u32, bool),
    Range(u32, u32),
    Free(usize),
    FreeAny(u32),
    Refuse(usize, u32),
    Resize(usize, u32),
}

/// Does all of it on both, and compares them after each step.
pub fn run(bundles: &[Bundle], steps: Vec<Step>) {
    let mut heap = Box::new(Heap::new());
    let layout = Layout {
        bytes: 256 * PAGE,
        page_bytes: PAGE,
        base: 0xa000_0000,
    };
    heap.open(layout, bundles).unwrap();
    let mut shadow = Shadow::new(bundles);
    let mut mapped = Mapped::default();
    for step in steps {
        match step {
            Step::Alloc(bytes, align, contiguous) => {
                let span = if contiguous {
                    Span::Contiguous
                } else {
                    Span::Single
                };
                let request = Request { bytes, align, span };
                match heap.alloc(request, &mut mapped) {
                    Ok(got) => {
                        assert!(shadow.allows(request, Some(got.offset)));
                        shadow.set(got.offset, bytes, Some(got.offset));
                        shadow.live.insert(got.offset, bytes);
                    }
                    Err(AllocError::Empty) => assert_eq!(bytes, 0),
                    Err(AllocError::Map(())) => assert!(mapped.pages.len() + 18 > LIMIT),
                    Err(_) => assert!(shadow.allows(request, None)),
                }
            }
            Step::Range(minimum, more) => {
                let range = Range {
                    minimum,
                    preferred: minimum + more,
                    align: 1,
                };
                if let Ok(got) = heap.alloc_range(range, &mut mapped) {
                    assert!(got.bytes >= minimum && got.bytes <= minimum + more);
                    shadow.set(got.offset, got.bytes, Some(got.offset));
                    shadow.live.insert(got.offset, got.bytes);
                } else if minimum != 0 && mapped.pages.len() + 18 <= LIMIT {
                    assert!(shadow.allows(Request::single(minimum), None));
                }
            }
            Step::Free(n) => {
                let Some((offset, bytes)) = shadow.live.iter().nth(n % shadow.live.len().max(1))
                else {
                    continue;
                };
                let (offset, bytes) = (*offset, *bytes);
                heap.free(offset, &mut mapped).unwrap();
                assert_eq!(
                    heap.free(offset, &mut mapped),
                    Err(FreeError::NotAllocated(offset))
                );
                shadow.live.remove(&offset);
                shadow.set(offset, bytes, None);
            }
            Step::FreeAny(offset) => {
                let owner = shadow.bundles.iter().zip(&shadow.owner).find_map(
                    |((start, bundle), owner)| {
                        let index = offset.checked_sub(*start)? / bundle.block_bytes;
                        owner.get(index as usize).copied()
                    },
                );
                let expected = match owner {
                    None => FreeError::Foreign(offset),
                    Some(None) => FreeError::NotAllocated(offset),
                    Some(Some(start)) if start != offset => FreeError::Interior { offset, start },
                    Some(Some(_)) => continue,
                };
                assert_eq!(heap.free(offset, &mut mapped), Err(expected));
            }
            Step::Resize(n, bytes) => {
                let Some((offset, _)) = shadow.live.iter().nth(n % shadow.live.len().max(1)) else {
                    continue;
                };
                let offset = *offset;
                let blocks = heap.block_bytes_at(offset).unwrap();
                match heap.resize(offset, bytes, &mut mapped) {
                    Ok(()) => {
                        assert!(bytes <= blocks);
                        assert_eq!(heap.block_bytes_at(offset), Some(blocks));
                        shadow.live.insert(offset, bytes);
                    }
                    Err(ResizeError::Map(())) => assert!(mapped.pages.len() + 18 > LIMIT),
                    Err(_) => {}
                }
            }
            Step::Refuse(n, bytes) => {
                mapped.refuse = true;
                let before = heap.stats();
                if let Some((offset, _)) = shadow.live.iter().nth(n % shadow.live.len().max(1)) {
                    if heap.free(*offset, &mut mapped).is_ok() {
                        // None of its pages was its alone.
                        let (offset, bytes) = (*offset, shadow.live[offset]);
                        shadow.live.remove(&offset);
                        shadow.set(offset, bytes, None);
                    } else {
                        assert_eq!(heap.stats(), before);
                    }
                }
                let before = heap.stats();
                match heap.alloc(Request::contiguous(bytes), &mut mapped) {
                    // All of its pages were mapped already.
                    Ok(got) => {
                        shadow.set(got.offset, bytes, Some(got.offset));
                        shadow.live.insert(got.offset, bytes);
                    }
                    Err(_) => assert_eq!(heap.stats().used, before.used),
                }
                mapped.refuse = false;
            }
        }
        heap.check().unwrap();
        assert_eq!(mapped.pages, shadow.pages());
        let stats = heap.stats();
        assert_eq!(stats.allocations as usize, shadow.live.len());
        assert_eq!(stats.pages as usize, mapped.pages.len());
        for (bundle, owner) in heap.bundle_stats().zip(&shadow.owner) {
            assert_eq!(bundle.used as usize, owner.iter().flatten().count());
        }
    }
    for offset in shadow.live.keys() {
        heap.free(*offset, &mut mapped).unwrap();
    }
    assert!(mapped.pages.is_empty());
    heap.close().unwrap();
    heap.check().unwrap();
}
