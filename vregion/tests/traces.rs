//! Two long traces of a busy heap, in no more memory than the best heaps of this kind need.

use vregion::region::{Geometry, Region, Request};

struct Trace {
    seed: u32,
    size: fn(&mut Trace) -> u32,
}

impl Trace {
    fn random(&mut self) -> u32 {
        self.seed = self
            .seed
            .wrapping_mul(1_664_525)
            .wrapping_add(1_013_904_223);
        self.seed >> 16
    }

    fn next_size(&mut self) -> u32 {
        (self.size)(self)
    }
}

fn even(trace: &mut Trace) -> u32 {
    16 + trace.random() % 2033
}

fn mostly_small(trace: &mut Trace) -> u32 {
    let class = 16 << (trace.random() % 7);
    class + trace.random() % class
}

/// 200 allocations are alive; 10,000 times one is freed and another made. Returns a hash of the
/// trace, to tell it from others.
fn run(size: fn(&mut Trace) -> u32, bytes: u32, align: u32) -> u64 {
    const LIVE: u32 = 200;
    let mut trace = Trace { seed: 12_345, size };
    let mut region = Box::new(Region::<512>::new());
    region
        .open(Geometry {
            bytes,
            line: 64,
            base: 0xa000_0000,
        })
        .unwrap();
    region.seal(bytes).unwrap();
    let mut hash = 0_u64;
    let mut mix = |number: u32| hash = hash.wrapping_mul(31).wrapping_add(u64::from(number));
    let alloc = |region: &mut Region<512>, bytes| {
        region
            .alloc(Request::plain(bytes).aligned(align))
            .unwrap()
            .offset
    };
    let mut live = Vec::new();
    for _ in 0..LIVE {
        let bytes = trace.next_size();
        mix(bytes);
        live.push(alloc(&mut region, bytes));
    }
    for step in 0..10_000 {
        let slot = trace.random() % LIVE;
        let bytes = trace.next_size();
        mix(slot);
        mix(bytes);
        region.free(live[slot as usize]).unwrap();
        live[slot as usize] = alloc(&mut region, bytes);
        if step % 100 == 0 {
            region.check().unwrap();
        }
    }
    hash
}

#[test]
fn even_sizes() {
    for (align, bytes) in [(8, 512 << 10), (64, 512 << 10)] {
        assert_eq!(run(even, bytes, align), 0x843a_b93d_5e55_c0d1);
    }
}

#[test]
fn mostly_small_sizes() {
    for (align, bytes) in [(8, 192 << 10), (64, 192 << 10)] {
        assert_eq!(run(mostly_small, bytes, align), 0xd875_5e05_4d73_3eee);
    }
}
