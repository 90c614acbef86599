//! QEMU's semihosting. It ignores all protection and reports success for addresses that are not
//! mapped, so only slices of the kernel's own memory are ever given to it.

use core::ffi::CStr;

const EXIT: u32 = 1;
const READ: u32 = 3;
const WRITE: u32 = 4;
const OPEN: u32 = 5;
const SEEK: u32 = 19;

/// Flags of the host's `open`.
const READ_ONLY: u32 = 0;
const CREATE: u32 = 0x241;
const MODE: u32 = 0o644;
const FROM_START: u32 = 0;
const STANDARD_ERROR: u32 = 2;

unsafe extern "C" {
    fn simulator_call(operation: u32, a: u32, b: u32, c: u32) -> i32;
}

fn call(operation: u32, a: u32, b: u32, c: u32) -> i32 {
    // SAFETY: the callers below pass descriptors and the addresses and lengths of live slices.
    unsafe { simulator_call(operation, a, b, c) }
}

/// Ends the machine.
pub fn exit(code: u32) -> ! {
    call(EXIT, code, 0, 0);
    loop {}
}

fn open_with(name: &CStr, flags: u32) -> Option<u32> {
    u32::try_from(call(OPEN, name.as_ptr() as u32, flags, MODE)).ok()
}

/// Opens a file of the host to read.
pub fn open(name: &CStr) -> Option<u32> {
    open_with(name, READ_ONLY)
}

/// Makes a file of the host to write.
pub fn create(name: &CStr) -> Option<u32> {
    open_with(name, CREATE)
}

/// Reads until `into` is full or the file ends.
pub fn read_at(file: u32, offset: u32, into: &mut [u8]) -> usize {
    if i32::try_from(offset).is_err() || call(SEEK, file, offset, FROM_START) < 0 {
        return 0;
    }
    let mut done = 0;
    while done < into.len() {
        let rest = &mut into[done..];
        match usize::try_from(call(
            READ,
            file,
            rest.as_mut_ptr() as u32,
            rest.len() as u32,
        )) {
            Ok(0) | Err(_) => break,
            Ok(count) => done += count,
        }
    }
    done
}

/// Writes all bytes, or says no.
pub fn write(file: u32, from: &[u8]) -> bool {
    let mut done = 0;
    while done < from.len() {
        let rest = &from[done..];
        match usize::try_from(call(WRITE, file, rest.as_ptr() as u32, rest.len() as u32)) {
            Ok(0) | Err(_) => return false,
            Ok(count) => done += count,
        }
    }
    true
}

/// Says something on the machine's standard error, for what must be said without a file.
pub fn say(text: &str) {
    // Nobody is left to tell where it cannot be written.
    let _ = write(STANDARD_ERROR, text.as_bytes());
}

/// Says a number in eight hexadecimal digits.
pub fn say_number(number: u32) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = *b"0x........";
    for (place, digit) in text[2..].iter_mut().enumerate() {
        *digit = DIGITS[(number >> (28 - 4 * place) & 0xf) as usize];
    }
    let _ = write(STANDARD_ERROR, &text);
}

/// Says who faulted, and `EXCCAUSE`, `EPC1`, `EXCVADDR` and `DEPC`; the host makes a sentence of
/// them.
pub fn say_fault(who: &str, registers: [u32; 4]) {
    say(who);
    say(" fault:");
    for word in registers {
        say(" ");
        say_number(word);
    }
    say("\n");
}
