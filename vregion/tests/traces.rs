//! Two long traces of a busy heap, in no more memory than the best heaps of this kind need.

use traces::{Kind, STEPS, Sums, T1, T2, T3};
use vregion::pages::{Backing, FrameNumber, Mapping, PageCount, PagePool, Run};
use vregion::region::{Geometry, Region, Request};

/// Takes all steps of a trace; the region is checked now and then.
fn run(kind: Kind, bytes: u32, align: u32) {
    let mut region = Box::new(Region::<256>::new());
    region
        .open(Geometry {
            bytes,
            line: 64,
            base: 0xa000_0000,
        })
        .unwrap();
    region.seal(bytes).unwrap();
    let (mut trace, mut sums) = (kind.begin(), Sums::default());
    let alloc = |region: &mut Region<256>, bytes| {
        let request = Request::plain(bytes).aligned(align);
        region.alloc(request).unwrap().offset
    };
    let mut live = Vec::new();
    for _ in 0..kind.slots {
        let bytes = trace.size();
        sums.fill(bytes);
        live.push(alloc(&mut region, bytes));
    }
    for step in 0..STEPS {
        let next = trace.step();
        sums.step(next);
        let slot = &mut live[usize::from(next.slot)];
        region.free(*slot).unwrap();
        *slot = alloc(&mut region, next.size.into());
        if step % 100 == 0 {
            region.check().unwrap();
        }
    }
    assert_eq!(sums.hash(), kind.hash);
}

#[test]
fn even_sizes() {
    run(T1, 256 << 10, 8);
    run(T1, 256 << 10, 64);
}

#[test]
fn mostly_small_sizes() {
    run(T2, 132 << 10, 8);
    run(T2, 132 << 10, 64);
}

/// Tables that nobody looks at.
struct Free;

impl Backing for Free {
    type Error = ();

    fn zero(&mut self, _frame: FrameNumber) {}

    fn map(&mut self, _mapping: &Mapping<'_>) -> Result<(), ()> {
        Ok(())
    }

    fn unmap(&mut self, _mapping: &Mapping<'_>) {}
}

#[test]
fn pages() {
    let mut pool = Box::new(PagePool::<1024, 1024>::new());
    let (mut trace, mut sums) = (T3.begin(), Sums::default());
    let alloc = |pool: &mut PagePool<1024, 1024>, pages| -> Run {
        let run = pool.reserve(PageCount(pages), PageCount(1024)).unwrap();
        pool.commit(run, &mut Free).unwrap();
        run
    };
    let mut live = Vec::new();
    for _ in 0..T3.slots {
        let pages = trace.size();
        sums.fill(pages);
        live.push(alloc(&mut pool, pages));
    }
    for _ in 0..STEPS {
        let next = trace.step();
        sums.step(next);
        let slot = &mut live[usize::from(next.slot)];
        pool.release(*slot, &mut Free).unwrap();
        *slot = alloc(&mut pool, next.size.into());
        let pages: u32 = live.iter().map(|run| run.count.0).sum();
        assert_eq!(
            (pool.free_pages(), pool.free_frames()),
            (1024 - pages, 1024 - pages)
        );
    }
    pool.check().unwrap();
    assert_eq!(sums.hash(), T3.hash);
}
