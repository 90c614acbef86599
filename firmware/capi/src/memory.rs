//! The one state, the embedder's hooks, and the memory that is handed out: with `ffi` the only place
//! of unsafe code.

use core::cell::UnsafeCell;
use core::ffi::{c_int, c_void};
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

use crate::embedder::{BulkheadEmbedder, BulkheadLog};
use crate::ffi::{SysMmDrvRegion, VmhHeapConfig};
use crate::log::Text;
use crate::refusal::Refusal;
use crate::state::{Rest, State, Zero};
use crate::window::Window;

struct Global {
    zero: UnsafeCell<Zero>,
    hooks: UnsafeCell<Hooks>,
    /// Set iff the state is ready; the hooks are written only while it is not.
    ready: AtomicBool,
    /// Set iff somebody has the state.
    entered: AtomicBool,
    /// The log's function, NULL for none, and its context.
    log: AtomicPtr<()>,
    log_context: AtomicPtr<c_void>,
}

// SAFETY: `entered` gives the state to one caller at a time, and the hooks are only read while
// `ready` is set.
unsafe impl Sync for Global {}

static GLOBAL: Global = Global {
    zero: UnsafeCell::new(Zero::new()),
    hooks: UnsafeCell::new(Hooks::NONE),
    ready: AtomicBool::new(false),
    entered: AtomicBool::new(false),
    log: AtomicPtr::new(ptr::null_mut()),
    log_context: AtomicPtr::new(ptr::null_mut()),
};

/// The other part of the state, which `entered` gives away with the first.
struct Other(UnsafeCell<Rest>);

// SAFETY: as of `Global`.
unsafe impl Sync for Other {}

static REST: Other = Other(UnsafeCell::new(Rest::new()));

/// Gives the state to `work`, under the embedder's lock.
pub fn enter<T>(work: impl FnOnce(&mut State<'_>) -> Result<T, Refusal>) -> Result<T, Refusal> {
    if !GLOBAL.ready.load(Ordering::Acquire) {
        return Err(Refusal::NotReady);
    }
    let hooks = hooks();
    hooks.lock();
    let result = with_state(|state| {
        // Somebody may have ended it while this caller waited for the lock.
        if GLOBAL.ready.load(Ordering::Acquire) {
            work(state)
        } else {
            Err(Refusal::NotReady)
        }
    });
    hooks.unlock();
    result
}

/// Makes the state ready.
pub fn start(embedder: &BulkheadEmbedder) -> Result<(), Refusal> {
    if GLOBAL.ready.load(Ordering::Acquire) {
        return Err(Refusal::Twice);
    }
    embedder.validate()?;
    with_state(|state| {
        if embedder.log.is_some() {
            log_to(embedder.log, embedder.context);
        }
        state.open(embedder)?;
        // SAFETY: nobody reads the hooks while `ready` is not set, and `entered` is ours.
        unsafe { *GLOBAL.hooks.get() = Hooks::of(embedder) };
        GLOBAL.ready.store(true, Ordering::Release);
        Ok(())
    })
}

/// Ends the state, if nothing is in use.
pub fn stop() -> Result<(), Refusal> {
    enter(|state| {
        state.close()?;
        GLOBAL.ready.store(false, Ordering::Release);
        Ok(())
    })
}

fn with_state<T>(work: impl FnOnce(&mut State<'_>) -> Result<T, Refusal>) -> Result<T, Refusal> {
    if GLOBAL.entered.swap(true, Ordering::Acquire) {
        return Err(Refusal::Entered);
    }
    // SAFETY: `entered` was clear and is set: nobody else has the state until it is cleared below.
    let (zero, rest) = unsafe { (&mut *GLOBAL.zero.get(), &mut *REST.0.get()) };
    let result = work(&mut State::of(zero, rest));
    GLOBAL.entered.store(false, Ordering::Release);
    result
}

fn hooks() -> Hooks {
    // SAFETY: they are written only before `ready` is set, which the caller has seen.
    unsafe { *GLOBAL.hooks.get() }
}

/// Who takes the sentences from now on.
pub fn log_to(log: BulkheadLog, context: *mut c_void) {
    GLOBAL.log_context.store(context, Ordering::Relaxed);
    let function = log.map_or(ptr::null_mut(), |log| log as *mut ());
    GLOBAL.log.store(function, Ordering::Release);
}

/// Says a sentence. Nobody has the state meanwhile, unless it comes from within.
pub fn say(level: c_int, text: &Text) {
    let function = GLOBAL.log.load(Ordering::Acquire);
    // SAFETY: it is NULL, which is `None`, or was made of such a function in `log_to`.
    let log = unsafe { core::mem::transmute::<*mut (), BulkheadLog>(function) };
    if let Some(log) = log {
        let context = GLOBAL.log_context.load(Ordering::Relaxed);
        // SAFETY: the embedder's function, called with its context and a text that ends.
        unsafe { log(context, level, text.as_c().as_ptr()) };
    }
}

/// Tells the embedder what SOF would panic for.
pub fn fault(text: &Text) {
    if GLOBAL.ready.load(Ordering::Acquire) {
        let hooks = hooks();
        if let Some(fault) = hooks.0.fault {
            // SAFETY: the embedder's function, called with its context and a text that ends.
            unsafe { fault(hooks.0.context, text.as_c().as_ptr()) };
        }
    }
}

/// The embedder's hooks. Each is a function of the embedder's, whose promise it is that it may be
/// called so.
#[derive(Clone, Copy)]
pub struct Hooks(BulkheadEmbedder);

impl Hooks {
    pub const NONE: Hooks = Hooks(BulkheadEmbedder::NONE);

    pub const fn of(embedder: &BulkheadEmbedder) -> Hooks {
        Hooks(*embedder)
    }

    fn lock(&self) {
        if let Some(lock) = self.0.lock {
            // SAFETY: see the type.
            unsafe { lock(self.0.context) }
        }
    }

    fn unlock(&self) {
        if let Some(unlock) = self.0.unlock {
            // SAFETY: see the type.
            unsafe { unlock(self.0.context) }
        }
    }

    pub fn map(&self, address: usize, frame: u32) -> c_int {
        // SAFETY: see the type.
        self.0
            .map
            .map_or(0, |map| unsafe { map(self.0.context, address, frame) })
    }

    pub fn unmap(&self, address: usize, pages: u32) {
        if let Some(unmap) = self.0.unmap {
            // SAFETY: see the type.
            unsafe { unmap(self.0.context, address, pages) }
        }
    }

    pub fn flush(&self, address: usize, bytes: usize) {
        if let Some(flush) = self.0.flush {
            // SAFETY: see the type.
            unsafe { flush(self.0.context, address, bytes) }
        }
    }

    pub fn check_constant(&self, address: usize, bytes: usize) -> c_int {
        // SAFETY: see the type.
        self.0
            .check_constant
            .map_or(0, |check| unsafe { check(self.0.context, address, bytes) })
    }

    pub fn grant(&self, address: usize, bytes: usize) -> c_int {
        // SAFETY: see the type.
        self.0
            .grant
            .map_or(0, |grant| unsafe { grant(self.0.context, address, bytes) })
    }

    pub fn revoke(&self, domain: usize, address: usize, bytes: usize) {
        if let Some(revoke) = self.0.revoke {
            // SAFETY: see the type; the domain is whatever the embedder's own code has given.
            unsafe { revoke(self.0.context, pointer(domain), address, bytes) }
        }
    }
}

/// An address as a pointer: of the embedder's memory, or a token.
pub fn pointer<T>(address: usize) -> *mut T {
    ptr::with_exposed_provenance_mut(address)
}

/// Fills bytes of the window with zeros. They are in mapped pages: callers have them from an
/// allocator.
pub fn fill_zero(window: &Window, offset: u32, bytes: u32, coherent: bool) {
    if !is_inside(window, offset, bytes) {
        return;
    }
    let start: *mut u8 = pointer(window.address(offset, coherent));
    // SAFETY: the embedder promises that what it has mapped in its window is memory that nobody else
    // uses, and these bytes lie in it.
    unsafe { ptr::write_bytes(start, 0, bytes as usize) }
}

/// Copies a caller's bytes into the window, to an offset as above.
pub fn copy_in(from: usize, window: &Window, offset: u32, bytes: u32) {
    if !is_inside(window, offset, bytes) {
        return;
    }
    let to: *mut u8 = pointer(window.address(offset, false));
    // SAFETY: as above; that the source can be read is the caller's promise to `fast_get`, which
    // the embedder's hook may have checked. `copy` allows both to overlap.
    unsafe { ptr::copy(pointer::<u8>(from).cast_const(), to, bytes as usize) }
}

/// Copies between two places that this library handed out and that are mapped as far as they are
/// copied.
pub fn copy_over(from: usize, to: usize, bytes: usize) {
    // SAFETY: callers have both from their allocators, and have bounded the bytes by both.
    unsafe { ptr::copy(pointer::<u8>(from).cast_const(), pointer::<u8>(to), bytes) }
}

/// Fills bytes that were just handed out with zeros.
pub fn zero_at(address: usize, bytes: usize) {
    // SAFETY: callers have the address from an allocator, which gave it so many bytes.
    unsafe { ptr::write_bytes(pointer::<u8>(address), 0, bytes) }
}

fn is_inside(window: &Window, offset: u32, bytes: u32) -> bool {
    offset
        .checked_add(bytes)
        .is_some_and(|end| end <= window.bytes)
}

/// The embedder's own table of buffers, if it gave one.
pub fn buffers_of(embedder: &BulkheadEmbedder) -> Option<VmhHeapConfig> {
    // SAFETY: the embedder gave NULL, or a table that lasts as long as `bulkhead_capi_init`, which is
    // the only caller's caller.
    unsafe { embedder.buffers.as_ref().copied() }
}

/// What `vpage_get_region` shows. Written under the lock, with the same numbers from one
/// `bulkhead_capi_init` to the next.
struct Shown(UnsafeCell<SysMmDrvRegion>);

// SAFETY: see the type; whoever reads it was given the pointer after it was written.
unsafe impl Sync for Shown {}

static SHOWN: Shown = Shown(UnsafeCell::new(SysMmDrvRegion {
    addr: ptr::null_mut(),
    size: 0,
    attr: 0,
}));

/// SOF's attribute for the region of virtual pages.
const VPAGES_ATTRIBUTE: u32 = 3;

/// Shows the window to C.
pub fn show(window: &Window) {
    // SAFETY: `with_state` calls `open`, and that calls this: one at a time, and nobody reads it
    // before the state is ready.
    unsafe {
        *SHOWN.0.get() = SysMmDrvRegion {
            addr: pointer(window.cached),
            size: window.bytes as usize,
            attr: VPAGES_ATTRIBUTE,
        };
    }
}

/// What was shown last.
pub fn shown() -> *const SysMmDrvRegion {
    SHOWN.0.get().cast_const()
}
