//! `sof/objpool.h`. As with SOF nothing is locked between the calls for one head.

use core::ffi::{c_int, c_void};
use core::ptr;

use super::{ObjpoolHead, ObjpoolIterateCb, call, pointer, report, size_t, status};
use crate::embedder::BULKHEAD_LOG_ERROR;
use crate::memory;
use crate::refusal::Refusal;

impl ObjpoolHead {
    /// The number of the pool, or 0 where the list is empty.
    fn token(&self) -> usize {
        let next = self.list.next;
        if next.is_null() || ptr::eq(next, &self.list) {
            0
        } else {
            next.addr()
        }
    }

    /// Puts the pool's number into both links, where no list of SOF's leads anywhere.
    fn set_token(&mut self, token: u32) {
        self.list.next = memory::pointer(token as usize);
        self.list.prev = self.list.next;
    }

    /// Empties the list.
    fn clear(&mut self) {
        self.list.next = &raw mut self.list;
        self.list.prev = &raw mut self.list;
    }
}

/// An object of `size` bytes, all zero. The first call makes the pool and decides size and flags; any
/// other with others answers NULL.
///
/// # Safety
/// `head` is NULL, or a head that nobody else uses now.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn objpool_alloc(
    head: *mut ObjpoolHead,
    size: size_t,
    flags: u32,
) -> *mut c_void {
    let who = "objpool_alloc";
    // SAFETY: NULL is seen to; else the caller's promise.
    let Some(head) = (unsafe { head.as_mut() }) else {
        report(who, BULKHEAD_LOG_ERROR, &Refusal::Null);
        return ptr::null_mut();
    };
    let sources = (head.heap.addr(), head.vreg.addr());
    let token = head.token();
    let result = call(who, |state| state.pool_alloc(token, sources, size, flags));
    if let Ok((_, token)) = result {
        head.set_token(token);
    }
    pointer(result.map(|(address, _)| address))
}

/// Gives an object back. 0, or -EINVAL where none is in use from exactly there.
///
/// # Safety
/// `head` is NULL, or a head that nobody else uses now.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn objpool_free(head: *mut ObjpoolHead, data: *mut c_void) -> c_int {
    if data.is_null() {
        return 0;
    }
    // SAFETY: NULL is seen to; else the caller's promise.
    let token = unsafe { head.as_ref() }.map_or(0, ObjpoolHead::token);
    status(call("objpool_free", |state| {
        state.pool_free(token, data.addr())
    }))
}

/// Ends the pool and gives all its memory back, whatever is in use.
///
/// # Safety
/// `head` is NULL, or a head that nobody else uses now.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn objpool_prune(head: *mut ObjpoolHead) {
    // SAFETY: NULL is seen to; else the caller's promise.
    let Some(head) = (unsafe { head.as_mut() }) else {
        report("objpool_prune", BULKHEAD_LOG_ERROR, &Refusal::Null);
        return;
    };
    let token = head.token();
    // An empty list has no pool to end.
    if token != 0 && call("objpool_prune", |state| state.pool_prune(token)).is_ok() {
        head.clear();
    }
}

/// Shows each object in use to the callback, which may free the one it looks at, until it says true: 0
/// then, -ENOENT where it never does.
///
/// # Safety
/// `head` is NULL, or a head that nobody else uses now; the callback is NULL or can be called so.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn objpool_iterate(
    head: *mut ObjpoolHead,
    cb: ObjpoolIterateCb,
    arg: *mut c_void,
) -> c_int {
    let who = "objpool_iterate";
    // SAFETY: NULL is seen to; else the caller's promise.
    let (Some(list), Some(cb)) = (unsafe { head.as_ref() }, cb) else {
        report(who, BULKHEAD_LOG_ERROR, &Refusal::Null);
        return Refusal::Null.errno();
    };
    let token = list.token();
    if token == 0 {
        return match memory::enter(|_| Ok(())) {
            Ok(()) => Refusal::NoMatch.errno(),
            Err(refusal) => status(call(who, |_| Err(refusal))),
        };
    }
    let mut after = None;
    loop {
        // That there is no further object is an answer, and nothing to log.
        let found = match memory::enter(|state| state.pool_next(token, after)) {
            Ok(found) => found,
            Err(refusal @ Refusal::NoMatch) => return refusal.errno(),
            Err(refusal) => {
                report(who, BULKHEAD_LOG_ERROR, &refusal);
                return refusal.errno();
            }
        };
        // SAFETY: the caller's promise; nobody has the state meanwhile.
        if unsafe { cb(memory::pointer(found.address), arg) } {
            return 0;
        }
        after = Some(found.handle);
    }
}
