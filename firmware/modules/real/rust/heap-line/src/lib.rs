//! How these modules tell how much memory they took: as the adapters in C do.
#![cfg_attr(target_arch = "xtensa", no_std)]

/// What the line begins with.
pub const HEAP: &str = "heap bytes ";
/// Digits of the largest number.
const DIGITS: usize = 10;

/// Logs the most memory that the module had at once. Nothing else depends on it.
pub fn log_heap() {
    let mut line = [0; HEAP.len() + DIGITS];
    let mut length = HEAP.len();
    line[..length].copy_from_slice(HEAP.as_bytes());
    let peak = bulkhead_sdk::heap_info().peak;
    let mut unit = 1_000_000_000;
    while unit != 0 {
        let digit = peak / unit % 10;
        if length > HEAP.len() || digit != 0 || unit == 1 {
            line[length] = b'0' + digit as u8;
            length += 1;
        }
        unit /= 10;
    }
    if let Ok(text) = core::str::from_utf8(&line[..length]) {
        let _ = bulkhead_sdk::log(text);
    }
}
