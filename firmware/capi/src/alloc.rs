//! The `rmalloc` family: which heap a request goes to, and which one a pointer goes back to.

use crate::areas::{L3, SHARED, SYSTEM};
use crate::ffi::{
    SOF_MEM_FLAG_COHERENT, SOF_MEM_FLAG_L3, SOF_MEM_FLAG_LARGE_BUFFER, SOF_MEM_FLAG_NO_COPY,
    SOF_MEM_FLAG_USER_SHARED_BUFFER,
};
use crate::memory;
use crate::refusal::Refusal;
use crate::state::Store;
use crate::token::{Kind, Token};

/// The token of SOF's own heap.
pub const SYSTEM_TOKEN: u32 = Token {
    kind: Kind::Area,
    index: SYSTEM,
    generation: 1,
}
.number();

const fn has(flags: u32, flag: u32) -> bool {
    flags & flag != 0
}

impl Store<'_> {
    /// `rmalloc_align`.
    pub fn malloc(&mut self, flags: u32, bytes: usize, align: usize) -> Result<usize, Refusal> {
        let coherent = has(flags, SOF_MEM_FLAG_COHERENT);
        if has(flags, SOF_MEM_FLAG_L3) {
            // It has one alias only.
            if coherent {
                return Err(Refusal::NoSuchMemory);
            }
            return self.area_alloc(L3, bytes, align, false);
        }
        let shared = has(flags, SOF_MEM_FLAG_USER_SHARED_BUFFER);
        let area = match shared && self.areas.get(SHARED).is_some() {
            true => SHARED,
            false => SYSTEM,
        };
        self.area_alloc(area, bytes, align, coherent)
    }

    /// `rballoc_align`.
    pub fn balloc(&mut self, flags: u32, bytes: usize, align: usize) -> Result<usize, Refusal> {
        let elsewhere = SOF_MEM_FLAG_L3 | SOF_MEM_FLAG_USER_SHARED_BUFFER;
        if has(flags, elsewhere) || !self.has_buffers() {
            return self.malloc(flags, bytes, align);
        }
        self.buffer_alloc(bytes, align, has(flags, SOF_MEM_FLAG_COHERENT))
    }

    /// `rfree`: back into the heap that the address lies in.
    pub fn free(&mut self, address: usize) -> Result<(), Refusal> {
        if self.is_buffer(address) {
            return self.buffer_free(address);
        }
        let index = self.areas.holding(address);
        index
            .and_then(|index| self.areas.get(index))
            .ok_or(Refusal::Foreign(address))?
            .free(address)
    }

    /// `rbrealloc_align`.
    pub fn brealloc(
        &mut self,
        old: usize,
        flags: u32,
        bytes: usize,
        old_bytes: usize,
        align: usize,
    ) -> Result<usize, Refusal> {
        if old == 0 {
            return self.balloc(flags, bytes, align);
        }
        if bytes == 0 {
            return Err(Refusal::Empty);
        }
        let new = self.balloc(flags, bytes, align)?;
        if !has(flags, SOF_MEM_FLAG_NO_COPY) {
            // However large the caller says it was: no further than there is memory.
            let there = self.readable_bytes(old);
            memory::copy_over(old, new, bytes.min(old_bytes).min(there));
        }
        if let Err(refusal) = self.free(old) {
            // It was made just now.
            let _ = self.free(new);
            return Err(refusal);
        }
        Ok(new)
    }

    /// How many bytes from an address on are memory of the heap that it lies in.
    fn readable_bytes(&mut self, address: usize) -> usize {
        if self.is_buffer(address) {
            return self.buffer_bytes(address) as usize;
        }
        let Some(index) = self.areas.holding(address) else {
            return 0;
        };
        let left = self.areas.get(index).and_then(|area| {
            let into = area.window.offset_of(address)?;
            area.window.bytes.checked_sub(into)
        });
        left.unwrap_or(0) as usize
    }

    /// `sof_heap_alloc`.
    pub fn sof_alloc(
        &mut self,
        heap: usize,
        flags: u32,
        bytes: usize,
        align: usize,
    ) -> Result<usize, Refusal> {
        is_heap(heap)?;
        if heap == 0 && has(flags, SOF_MEM_FLAG_LARGE_BUFFER) {
            return self.balloc(flags, bytes, align);
        }
        self.malloc(flags & !SOF_MEM_FLAG_L3, bytes, align)
    }

    /// `sof_heap_free`.
    pub fn sof_free(&mut self, heap: usize, address: usize) -> Result<(), Refusal> {
        is_heap(heap)?;
        self.free(address)
    }

    /// `sof_ctx_alloc`: from the context's region, if it has one.
    pub fn ctx_alloc(
        &mut self,
        (heap, region): (usize, usize),
        flags: u32,
        bytes: usize,
        align: usize,
    ) -> Result<usize, Refusal> {
        if region == 0 {
            return self.sof_alloc(heap, flags, bytes, align);
        }
        let coherent = has(flags, SOF_MEM_FLAG_COHERENT);
        self.region_alloc(region, None, bytes, align, coherent)
    }

    /// `sof_ctx_free`: back to where the address lies, be it the region or a heap.
    pub fn ctx_free(
        &mut self,
        (heap, region): (usize, usize),
        address: usize,
    ) -> Result<(), Refusal> {
        if region != 0 {
            match self.region_free(region, address) {
                Err(Refusal::NotInRegion(_)) => {}
                result => return result,
            }
        }
        self.sof_free(heap, address)
    }
}

/// Whether a caller may name this heap: none, or the one there is.
fn is_heap(heap: usize) -> Result<(), Refusal> {
    if heap == 0 || heap == SYSTEM_TOKEN as usize {
        Ok(())
    } else {
        Err(Refusal::NoArea(heap))
    }
}
