//! Plain functions for what is asked for most.

use super::{Allocated, Allocator, Context, Intent, Memory, Request};

impl<const RECORDS: usize> Context<RECORDS> {
    /// Plain bytes.
    ///
    /// # Errors
    /// As [`Context::request`].
    pub fn alloc<R: Allocator, H: Allocator>(
        &mut self,
        bytes: u32,
        memory: &mut Memory<'_, R, H>,
    ) -> Allocated<R, H> {
        self.request(Request::meant_as(Intent::empty(), bytes), memory)
    }

    /// Plain bytes, all zero.
    ///
    /// # Errors
    /// As [`Context::request`].
    pub fn alloc_zeroed<R: Allocator, H: Allocator>(
        &mut self,
        bytes: u32,
        memory: &mut Memory<'_, R, H>,
    ) -> Allocated<R, H> {
        self.request(Request::meant_as(Intent::ZEROED, bytes), memory)
    }

    /// Bytes for a buffer.
    ///
    /// # Errors
    /// As [`Context::request`].
    pub fn alloc_buffer<R: Allocator, H: Allocator>(
        &mut self,
        bytes: u32,
        memory: &mut Memory<'_, R, H>,
    ) -> Allocated<R, H> {
        self.request(Request::meant_as(Intent::BUFFER, bytes), memory)
    }

    /// Bytes shared with another core or with DMA.
    ///
    /// # Errors
    /// As [`Context::request`].
    pub fn alloc_coherent<R: Allocator, H: Allocator>(
        &mut self,
        bytes: u32,
        memory: &mut Memory<'_, R, H>,
    ) -> Allocated<R, H> {
        self.request(Request::meant_as(Intent::COHERENT, bytes), memory)
    }
}

impl Request {
    /// So many bytes at any address, for this.
    const fn meant_as(intent: Intent, bytes: u32) -> Request {
        Request {
            bytes,
            align: 1,
            intent,
        }
    }
}
