//! `vmh_*`: virtual memory heaps, and the one behind `rballoc`.

use vregion::pages::{PageCount, Run};
use vregion::supply::PoolRun;
use vregion::virtual_heap::{Bundle, Layout, Request, Span, VirtualHeap};

use crate::areas::alignment;
use crate::config::{HEAP_GROUPS, HEAP_PAGES, HEAPS};
use crate::embedder::BulkheadEmbedder;
use crate::ffi::{MAX_MEMORY_ALLOCATORS_COUNT, VmhBlockBundleDescriptor, VmhHeapConfig};
use crate::memory;
use crate::refusal::Refusal;
use crate::state::{ANYWHERE, Store};
use crate::token::{Kind, Token};

/// The heap behind `rballoc`.
const BUFFERS: usize = 0;

/// Bundles of the configuration that nobody chose.
const DEFAULT_BUNDLES: usize = 5;
const DEFAULT_LEAST_BLOCK: usize = 64;

/// Bytes of SOF's table of buffers, with its bundle of 32 KiB blocks and without.
const LARGE_TABLE: usize = 0x14_0000;
const SMALL_TABLE: usize = 0x10_0000;
const EXTENSION: usize = 32_768;
const TABLE: [(usize, usize); MAX_MEMORY_ALLOCATORS_COUNT] = [
    (128, 32),
    (512, 8),
    (1024, 44),
    (2048, 8),
    (4096, 11),
    (8192, 10),
    (EXTENSION, 8),
    (65_536, 3),
    (131_072, 1),
    (524_288, 1),
];

struct Slot {
    heap: VirtualHeap<HEAP_GROUPS, HEAP_PAGES>,
    /// Its pages; `None` where there is no heap.
    run: Option<Run>,
    generation: u16,
    span: Span,
}

/// All heaps.
pub struct Heaps {
    slots: [Slot; HEAPS],
    /// The most bytes that a heap can have.
    bytes: u32,
}

/// How full a heap is.
pub struct Usage {
    pub used: u32,
    pub pages: u32,
    pub allocations: u32,
    pub failures: u32,
}

impl Heaps {
    pub const fn new() -> Heaps {
        Heaps {
            slots: [const {
                Slot {
                    heap: VirtualHeap::new(),
                    run: None,
                    generation: 0,
                    span: Span::Single,
                }
            }; HEAPS],
            bytes: 0,
        }
    }

    /// Heaps of callers, and what is allocated for `rballoc`.
    pub fn in_use(&self) -> u32 {
        let open = self.slots.iter().filter(|slot| slot.run.is_some()).count() as u32;
        let buffers = &self.slots[BUFFERS];
        open - u32::from(buffers.run.is_some()) + buffers.heap.stats().allocations
    }

    fn find(&self, token: usize) -> Result<usize, Refusal> {
        let (index, generation) = Token::read(Kind::Heap, token).ok_or(Refusal::NoHeap(token))?;
        self.slots
            .get(index)
            .filter(|slot| slot.run.is_some() && slot.generation == generation)
            .map(|_| index)
            .ok_or(Refusal::NoHeap(token))
    }

    pub fn usage(&self, token: usize) -> Result<Usage, Refusal> {
        let stats = self.slots[self.find(token)?].heap.stats();
        Ok(Usage {
            used: stats.used,
            pages: stats.pages,
            allocations: stats.allocations,
            failures: stats.failures,
        })
    }

    /// Requests that a bundle could not serve because it was full: bytes of its blocks, and how
    /// often.
    pub fn refused(&self, token: usize, bundle: usize) -> Result<Option<(u32, u32)>, Refusal> {
        let mut bundles = self.slots[self.find(token)?].heap.bundle_stats();
        Ok(bundles
            .nth(bundle)
            .map(|stats| (stats.block_bytes, stats.refused)))
    }
}

/// Five bundles with blocks of 64 to 1,024 bytes, each a fifth of the heap in whole pages.
pub fn default_config(bytes: usize, page_bytes: usize) -> VmhHeapConfig {
    let mut config = VmhHeapConfig::NONE;
    let share = bytes / DEFAULT_BUNDLES / page_bytes.max(1) * page_bytes;
    for (number, place) in config.block_bundles_table.iter_mut().enumerate() {
        if number < DEFAULT_BUNDLES {
            let block_size = DEFAULT_LEAST_BLOCK << number;
            *place = VmhBlockBundleDescriptor {
                block_size,
                number_of_blocks: share / block_size,
            };
        }
    }
    config
}

fn buffers_config(embedder: &BulkheadEmbedder) -> VmhHeapConfig {
    let bytes = embedder.buffer_bytes;
    if bytes != LARGE_TABLE && bytes != SMALL_TABLE {
        return default_config(bytes, embedder.page_bytes);
    }
    let mut config = VmhHeapConfig::NONE;
    let rows = TABLE
        .iter()
        .filter(|(block, _)| bytes == LARGE_TABLE || *block != EXTENSION);
    for (place, (block_size, number_of_blocks)) in config.block_bundles_table.iter_mut().zip(rows) {
        *place = VmhBlockBundleDescriptor {
            block_size: *block_size,
            number_of_blocks: *number_of_blocks,
        };
    }
    config
}

impl Store<'_> {
    pub fn open_buffers(&mut self, embedder: &BulkheadEmbedder) -> Result<(), Refusal> {
        self.heaps.bytes = embedder.buffer_bytes as u32;
        if embedder.buffer_bytes == 0 {
            return Ok(());
        }
        let config = memory::buffers_of(embedder).unwrap_or_else(|| buffers_config(embedder));
        self.open_heap(BUFFERS, &config, Span::Single)
    }

    pub fn close_buffers(&mut self) {
        for index in 0..HEAPS {
            // Nothing is allocated: the caller has seen to it, or nobody could yet.
            let _ = self.close_heap(index);
        }
        self.heaps.bytes = 0;
    }

    /// A heap with these bundles, or the default ones. Returns its token.
    pub fn heap_create(
        &mut self,
        config: Option<VmhHeapConfig>,
        contiguous: bool,
    ) -> Result<u32, Refusal> {
        if self.heaps.bytes == 0 {
            return Err(Refusal::NoSuchMemory);
        }
        let mut vacant = (0..HEAPS).filter(|index| *index != BUFFERS);
        let index = vacant
            .find(|index| self.heaps.slots[*index].run.is_none())
            .ok_or(Refusal::NoHeapPlace(HEAPS - 1))?;
        let page = self.machine.page_bytes() as usize;
        let bytes = self.heaps.bytes as usize;
        let config = config.unwrap_or_else(|| default_config(bytes, page));
        let span = if contiguous {
            Span::Contiguous
        } else {
            Span::Single
        };
        self.open_heap(index, &config, span)?;
        let token = Token {
            kind: Kind::Heap,
            index,
            generation: self.heaps.slots[index].generation,
        };
        Ok(token.number())
    }

    fn open_heap(
        &mut self,
        index: usize,
        config: &VmhHeapConfig,
        span: Span,
    ) -> Result<(), Refusal> {
        let wrong = Refusal::Bundles(self.heaps.bytes);
        let page = self.machine.page_bytes();
        let mut bundles = [Bundle {
            block_bytes: 0,
            count: 0,
        }; MAX_MEMORY_ALLOCATORS_COUNT];
        let (mut count, mut bytes) = (0, 0_u32);
        for (row, bundle) in config.block_bundles_table.iter().zip(&mut bundles) {
            // The first row without blocks ends the table.
            if row.block_size == 0 || row.number_of_blocks == 0 {
                break;
            }
            bundle.block_bytes = u32::try_from(row.block_size).map_err(|_| wrong)?;
            bundle.count = u32::try_from(row.number_of_blocks).map_err(|_| wrong)?;
            let all = bundle.block_bytes.checked_mul(bundle.count);
            let all = all.filter(|all| all.is_multiple_of(page)).ok_or(wrong)?;
            bytes = bytes.checked_add(all).ok_or(wrong)?;
            count += 1;
        }
        if count == 0 || bytes > self.heaps.bytes {
            return Err(wrong);
        }
        let pages = PageCount(bytes / page);
        let run = self.pages.reserve(pages, ANYWHERE)?;
        let layout = Layout {
            bytes,
            page_bytes: page,
            base: self
                .machine
                .window
                .alignment_base(self.machine.offset_of(run.first.0)),
        };
        let slot = &mut self.heaps.slots[index];
        let bundles = bundles.get(..count).unwrap_or_default();
        if let Err(error) = slot.heap.open(layout, bundles) {
            self.pages.release(run, self.machine)?;
            return Err(error.into());
        }
        slot.run = Some(run);
        slot.span = span;
        Ok(())
    }

    fn close_heap(&mut self, index: usize) -> Result<(), Refusal> {
        let slot = &mut self.heaps.slots[index];
        let Some(run) = slot.run else {
            return Ok(());
        };
        slot.heap.close()?;
        self.pages.release(run, self.machine)?;
        slot.run = None;
        // A token of this heap fits no later one in its place.
        slot.generation = slot.generation.wrapping_add(1);
        Ok(())
    }

    pub fn heap_end(&mut self, token: usize) -> Result<(), Refusal> {
        let index = self.heaps.find(token)?;
        self.close_heap(index)
    }

    /// Allocates from a heap; the cached address.
    pub fn heap_alloc(&mut self, token: usize, bytes: u32) -> Result<usize, Refusal> {
        let index = self.heaps.find(token)?;
        self.take_blocks(index, bytes, 1)
            .map(|offset| self.machine.window.address(offset, false))
    }

    pub fn heap_free(&mut self, token: usize, address: usize) -> Result<(), Refusal> {
        let index = self.heaps.find(token)?;
        self.give_blocks(index, address)
    }

    /// Allocates from the heap behind `rballoc`; the address through the alias asked for.
    pub fn buffer_alloc(
        &mut self,
        bytes: usize,
        align: usize,
        coherent: bool,
    ) -> Result<usize, Refusal> {
        if bytes == 0 {
            return Err(Refusal::Empty);
        }
        let line = self.machine.line;
        let rounded = u32::try_from(bytes)
            .ok()
            .and_then(|bytes| bytes.checked_next_multiple_of(line))
            .ok_or(Refusal::TooLarge(bytes))?;
        let align = alignment(align)?.max(line);
        let offset = self.take_blocks(BUFFERS, rounded, align)?;
        if coherent {
            self.machine.flush(offset, rounded);
        }
        Ok(self.machine.window.address(offset, coherent))
    }

    pub fn buffer_free(&mut self, address: usize) -> Result<(), Refusal> {
        self.give_blocks(BUFFERS, address)
    }

    pub const fn has_buffers(&self) -> bool {
        self.heaps.slots[BUFFERS].run.is_some()
    }

    /// Whether an address lies in the heap behind `rballoc`.
    pub fn is_buffer(&self, address: usize) -> bool {
        self.offset_in_heap(BUFFERS, address).is_ok()
    }

    /// Bytes from the start of a buffer that are mapped, as far as its blocks reach.
    pub fn buffer_bytes(&self, address: usize) -> u32 {
        let Ok(into) = self.offset_in_heap(BUFFERS, address) else {
            return 0;
        };
        let slot = &self.heaps.slots[BUFFERS];
        let blocks = slot.heap.block_bytes_at(into).unwrap_or(0);
        let first = slot.run.map_or(0, |run| run.first.0);
        let page = self.machine.page_bytes();
        let mut end = into;
        while end < into + blocks {
            let number = vregion::pages::PageNumber(first + end / page);
            if self.pages.frame_of(number).is_none() {
                break;
            }
            end = (end / page + 1) * page;
        }
        end.min(into + blocks) - into
    }

    /// How far into a heap an address lies.
    fn offset_in_heap(&self, index: usize, address: usize) -> Result<u32, Refusal> {
        let run = self.heaps.slots[index].run.ok_or(Refusal::NoSuchMemory)?;
        let start = self.machine.offset_of(run.first.0);
        self.machine
            .window
            .offset_of(address)
            .and_then(|offset| offset.checked_sub(start))
            .filter(|into| *into < self.machine.offset_of(run.count.0))
            .ok_or(Refusal::Foreign(address))
    }

    /// The offset in the window.
    fn take_blocks(&mut self, index: usize, bytes: u32, align: u32) -> Result<u32, Refusal> {
        let slot = &mut self.heaps.slots[index];
        let run = slot.run.ok_or(Refusal::NoSuchMemory)?;
        let mut supply = PoolRun {
            pool: self.pages,
            run,
            backing: self.machine,
        };
        let request = Request {
            bytes,
            align,
            span: slot.span,
        };
        let allocation = slot.heap.alloc(request, &mut supply)?;
        Ok(self.machine.offset_of(run.first.0) + allocation.offset)
    }

    fn give_blocks(&mut self, index: usize, address: usize) -> Result<(), Refusal> {
        let into = self.offset_in_heap(index, address)?;
        let slot = &mut self.heaps.slots[index];
        let run = slot.run.ok_or(Refusal::NoSuchMemory)?;
        let mut supply = PoolRun {
            pool: self.pages,
            run,
            backing: self.machine,
        };
        slot.heap.free(into, &mut supply)?;
        Ok(())
    }
}
