//! The machine's side: the stubs of `stubs.rs` and `start.S` by name, and what a panic does.

use core::panic::PanicInfo;

use abi::{AudioBytes, HeapInfo, Time, TraceRecord};

unsafe extern "C" {
    pub fn _bulkhead_start();
    safe fn bulkhead_fail() -> !;
    pub safe fn bulkhead_null() -> i32;
    pub safe fn bulkhead_alloc(bytes: u32, align: u32, flags: u32) -> *mut u8;
    pub fn bulkhead_free(address: *mut u8) -> i32;
    pub fn bulkhead_log(text: *const u8, bytes: u32) -> i32;
    pub fn bulkhead_heap_info(info: *mut HeapInfo) -> i32;
    pub fn bulkhead_free_all() -> i32;
    pub fn bulkhead_time(time: *mut Time) -> i32;
    pub fn bulkhead_fast_get(constants: *const u8, bytes: u32) -> *const u8;
    pub fn bulkhead_fast_put(copy: *const u8) -> i32;
    pub fn bulkhead_source_get(pin: u32, bytes: u32, into: *mut AudioBytes) -> i32;
    pub safe fn bulkhead_source_release(pin: u32, bytes: u32) -> i32;
    pub safe fn bulkhead_source_available(pin: u32) -> i32;
    pub fn bulkhead_sink_get(pin: u32, bytes: u32, into: *mut AudioBytes) -> i32;
    pub safe fn bulkhead_sink_commit(pin: u32, bytes: u32) -> i32;
    pub safe fn bulkhead_sink_free(pin: u32) -> i32;
    pub safe fn bulkhead_ticks() -> u32;
    pub safe fn bulkhead_yield() -> i32;
    pub fn bulkhead_trace(record: *const TraceRecord) -> i32;
}

/// Says where in the log, then stops the module by an illegal instruction. Without the message:
/// formatting would cost every module some ten KiB of text.
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let mut line = Line {
        bytes: [0; 96],
        len: 0,
    };
    line.push(b"panic");
    if let Some(location) = info.location() {
        line.push(b" at ");
        line.push(location.file().as_bytes());
        line.push(b":");
        line.push_number(location.line());
    }
    // SAFETY: the pointer and the length are those of an array.
    unsafe { bulkhead_log(line.bytes.as_ptr(), line.len as u32) };
    bulkhead_fail()
}

/// A line that drops what does not fit, since a panic handler must not panic.
struct Line {
    bytes: [u8; 96],
    len: usize,
}

impl Line {
    fn push(&mut self, text: &[u8]) {
        for byte in text {
            if let Some(place) = self.bytes.get_mut(self.len) {
                *place = *byte;
                self.len += 1;
            }
        }
    }

    fn push_number(&mut self, mut number: u32) {
        let mut digits = [b'0'; 10];
        let mut used = 0;
        for place in digits.iter_mut().rev() {
            *place = b'0' + (number % 10) as u8;
            number /= 10;
            used += 1;
            if number == 0 {
                break;
            }
        }
        if let Some(tail) = digits.get(digits.len() - used..) {
            self.push(tail);
        }
    }
}
