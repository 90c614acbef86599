//! The system calls on the host, by the names that C modules use too. Each thread has a region of
//! its own.

use std::alloc::Layout;
use std::cell::RefCell;
use std::collections::HashMap;

use abi::{AllocFlags, AudioBytes, Errno, HeapInfo, Time, TraceRecord};

/// Bytes of the region that the host offers: more than any module file may ask for.
const REGION_BYTES: u32 = 64 << 20;
/// The least alignment of an allocation.
const LEAST_ALIGN: u32 = 8;

#[derive(Default)]
struct Region {
    allocations: HashMap<usize, Layout>,
    used: u32,
    peak: u32,
    log: Vec<String>,
    ticks: u32,
    traces: Vec<[u32; 4]>,
    /// Copies by where their source lies: where they lie, and how often they were got.
    constants: HashMap<(usize, u32), (usize, u32)>,
}

thread_local! {
    static REGION: RefCell<Region> = RefCell::default();
}

/// What this thread's modules have logged since the last call.
#[must_use]
pub fn take_log() -> Vec<String> {
    REGION.with_borrow_mut(|region| std::mem::take(&mut region.log))
}

/// The trace records that this thread's modules have left since the last call.
#[must_use]
pub fn take_traces() -> Vec<[u32; 4]> {
    REGION.with_borrow_mut(|region| std::mem::take(&mut region.traces))
}

/// Sets what this thread's modules are told as the ticks.
pub fn set_ticks(ticks: u32) {
    REGION.with_borrow_mut(|region| region.ticks = ticks);
}

fn refuse(error: Errno) -> *mut u8 {
    core::ptr::without_provenance_mut(-(error as i32) as isize as usize)
}

/// Stands where the start stub stands on the target; nothing calls it on the host.
#[unsafe(no_mangle)]
pub extern "C" fn _bulkhead_start() {}

/// Does nothing.
#[unsafe(no_mangle)]
pub extern "C" fn bulkhead_null() -> i32 {
    0
}

/// Allocates; what comes out is always zero, as new pages are.
#[unsafe(no_mangle)]
pub extern "C" fn bulkhead_alloc(bytes: u32, align: u32, flags: u32) -> *mut u8 {
    if bytes == 0 || AllocFlags::from_bits(flags).is_none() {
        return refuse(Errno::Invalid);
    }
    if align != 0 && !align.is_power_of_two() {
        return refuse(Errno::Invalid);
    }
    let align = align.max(LEAST_ALIGN) as usize;
    let Ok(layout) = Layout::from_size_align(bytes as usize, align) else {
        return refuse(Errno::Invalid);
    };
    REGION.with_borrow_mut(|region| {
        if bytes > REGION_BYTES - region.used {
            return refuse(Errno::NoMemory);
        }
        // SAFETY: the size is not zero.
        let address = unsafe { std::alloc::alloc_zeroed(layout) };
        if address.is_null() {
            return refuse(Errno::NoMemory);
        }
        region
            .allocations
            .insert(address.expose_provenance(), layout);
        region.used += bytes;
        region.peak = region.peak.max(region.used);
        address
    })
}

/// Frees. Anything that [`bulkhead_alloc`] did not give ends the program, as the kernel ends the
/// module.
///
/// # Safety
/// Nothing refers to the bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bulkhead_free(address: *mut u8) -> i32 {
    REGION.with_borrow_mut(|region| {
        let layout = region.allocations.remove(&address.addr());
        let layout = layout.expect("the module frees what it did not allocate");
        region.used -= layout.size() as u32;
        // SAFETY: `bulkhead_alloc` gave it with this layout, and it was not freed since.
        unsafe { std::alloc::dealloc(address, layout) };
    });
    0
}

/// Keeps a line for [`take_log`].
///
/// # Safety
/// `text` points at `bytes` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bulkhead_log(text: *const u8, bytes: u32) -> i32 {
    // SAFETY: the caller's promise.
    let text = unsafe { core::slice::from_raw_parts(text, bytes as usize) };
    let line = String::from_utf8_lossy(text).into_owned();
    REGION.with_borrow_mut(|region| region.log.push(line));
    bytes as i32
}

/// Writes the state of this thread's region.
///
/// # Safety
/// `info` points at a record that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bulkhead_heap_info(info: *mut HeapInfo) -> i32 {
    let now = REGION.with_borrow(|region| HeapInfo {
        total: REGION_BYTES,
        used: region.used,
        peak: region.peak,
        allocations: region.allocations.len() as u32,
    });
    // SAFETY: the caller's promise.
    unsafe { info.write(now) };
    0
}

/// The ticks, as set by [`set_ticks`].
#[unsafe(no_mangle)]
pub extern "C" fn bulkhead_ticks() -> u32 {
    REGION.with_borrow(|region| region.ticks)
}

/// There is nobody else.
#[unsafe(no_mangle)]
pub extern "C" fn bulkhead_yield() -> i32 {
    0
}

/// Keeps a record for [`take_traces`].
///
/// # Safety
/// `record` points at a record.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bulkhead_trace(record: *const TraceRecord) -> i32 {
    // SAFETY: the caller's promise.
    let words = unsafe { record.read() }.words;
    REGION.with_borrow_mut(|region| region.traces.push(words));
    0
}

/// Frees everything, copies of constants too.
///
/// # Safety
/// Nothing refers to any of it. On the target, what was allocated before `prepare` returned stays.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bulkhead_free_all() -> i32 {
    REGION.with_borrow_mut(|region| {
        region.constants.clear();
        for (address, layout) in region.allocations.drain() {
            // SAFETY: `bulkhead_alloc` gave it with this layout, and it was not freed since.
            unsafe { std::alloc::dealloc(core::ptr::with_exposed_provenance_mut(address), layout) };
        }
        region.used = 0;
    });
    0
}

/// A copy of constants.
///
/// # Safety
/// `constants` points at `bytes` bytes that stay as they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bulkhead_fast_get(constants: *const u8, bytes: u32) -> *const u8 {
    let key = (constants.addr(), bytes);
    let known = REGION.with_borrow_mut(|region| {
        let (at, got) = region.constants.get_mut(&key)?;
        *got += 1;
        Some(*at)
    });
    if let Some(at) = known {
        return core::ptr::with_exposed_provenance(at);
    }
    let copy = bulkhead_alloc(bytes, 64, 0);
    if !Errno::is_error(copy.addr() as u32) {
        // SAFETY: the copy is new and as long as the source, which the caller promises to be there.
        unsafe { copy.copy_from_nonoverlapping(constants, bytes as usize) };
        REGION.with_borrow_mut(|region| {
            region.constants.insert(key, (copy.expose_provenance(), 1));
        });
    }
    copy
}

/// Gives a copy back. Anything else ends the program, as the kernel ends the module.
///
/// # Safety
/// After as many puts as gets nothing refers to it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bulkhead_fast_put(copy: *const u8) -> i32 {
    let last = REGION.with_borrow_mut(|region| {
        let found = region
            .constants
            .iter_mut()
            .find(|(_, (at, _))| *at == copy.addr());
        let (key, (_, got)) = found.expect("the module puts what is no copy");
        *got -= 1;
        (*got == 0).then_some(*key)
    });
    if let Some(key) = last {
        REGION.with_borrow_mut(|region| region.constants.remove(&key));
        // SAFETY: `bulkhead_fast_get` allocated it, and the caller promises that nobody uses it.
        unsafe { bulkhead_free(copy.cast_mut()) };
    }
    0
}

/// The ticks, and the same as cycles.
///
/// # Safety
/// `time` points at a record that may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bulkhead_time(time: *mut Time) -> i32 {
    let ticks = bulkhead_ticks();
    // SAFETY: the caller's promise.
    unsafe {
        time.write(Time {
            ticks,
            cycles: ticks,
        });
    }
    0
}

/// A host has no buffers: an address does not fit the record. Modules get their audio as arguments.
const NO_PIN: i32 = -(Errno::Invalid as i32);

/// Nothing is bound.
///
/// # Safety
/// None is needed on a host.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bulkhead_source_get(_pin: u32, _bytes: u32, _got: *mut AudioBytes) -> i32 {
    NO_PIN
}

/// Nothing is bound.
#[unsafe(no_mangle)]
pub extern "C" fn bulkhead_source_release(_pin: u32, _bytes: u32) -> i32 {
    NO_PIN
}

/// Nothing is bound.
#[unsafe(no_mangle)]
pub extern "C" fn bulkhead_source_available(_pin: u32) -> i32 {
    NO_PIN
}

/// Nothing is bound.
///
/// # Safety
/// None is needed on a host.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bulkhead_sink_get(_pin: u32, _bytes: u32, _got: *mut AudioBytes) -> i32 {
    NO_PIN
}

/// Nothing is bound.
#[unsafe(no_mangle)]
pub extern "C" fn bulkhead_sink_commit(_pin: u32, _bytes: u32) -> i32 {
    NO_PIN
}

/// Nothing is bound.
#[unsafe(no_mangle)]
pub extern "C" fn bulkhead_sink_free(_pin: u32) -> i32 {
    NO_PIN
}
