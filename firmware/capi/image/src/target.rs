//! The first core's work, and what C is given.

use core::ffi::{CStr, c_char};

use board::target::simulator;
// Its functions are what the C program calls.
use capi as _;

/// Exit codes of the machine; 0 says that every check held.
const FAILED: u32 = 2;
const NO_FILE: u32 = 3;
const FAULT: u32 = 4;

unsafe extern "C" {
    fn capi_tests() -> u32;
    static checks: u32;
}

#[unsafe(no_mangle)]
extern "C" fn image_main() -> ! {
    // SAFETY: the C program's function, called once, by the only core.
    let failures = unsafe { capi_tests() };
    // SAFETY: a word of the C program's, which has ended.
    let count = unsafe { checks };
    let Some(file) = simulator::create(c"capi.bin") else {
        simulator::exit(NO_FILE)
    };
    simulator::write(file, &count.to_le_bytes());
    simulator::write(file, &failures.to_le_bytes());
    simulator::exit(if failures == 0 { 0 } else { FAILED })
}

#[unsafe(no_mangle)]
extern "C" fn image_secondary() -> ! {
    loop {}
}

/// Says what a check found.
///
/// # Safety
/// The text ends with a zero byte.
#[unsafe(no_mangle)]
unsafe extern "C" fn capi_say(text: *const c_char) {
    // SAFETY: the caller's promise.
    let text = unsafe { CStr::from_ptr(text) };
    simulator::say(text.to_str().unwrap_or("?"));
}

board::image_without_calls!("capi tests", FAULT);
