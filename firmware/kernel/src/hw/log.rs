//! The kernel's defmt log, into a file of the host. The texts stay in the image; the host decodes
//! the frames with it.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU32, Ordering};

use defmt::Encoder;

use board::target::simulator;

const NO_FILE: u32 = u32::MAX;
static FILE: AtomicU32 = AtomicU32::new(NO_FILE);

struct EncoderCell(UnsafeCell<Encoder>);

// SAFETY: one core, and only kernel code outside system calls logs; it is never interrupted.
unsafe impl Sync for EncoderCell {}

static ENCODER: EncoderCell = EncoderCell(UnsafeCell::new(Encoder::new()));

/// Opens the log; without it, lines are lost.
pub(super) fn open() {
    if let Some(file) = simulator::create(c"log.bin") {
        FILE.store(file, Ordering::Relaxed);
    }
}

fn send(bytes: &[u8]) {
    let file = FILE.load(Ordering::Relaxed);
    if file != NO_FILE {
        simulator::write(file, bytes);
    }
}

#[defmt::global_logger]
struct Logger;

// SAFETY: acquire and release come in pairs from one core, see `EncoderCell`; every byte is passed
// on in order.
unsafe impl defmt::Logger for Logger {
    fn acquire() {
        // SAFETY: nobody else uses the encoder between acquire and release.
        unsafe { (*ENCODER.0.get()).start_frame(send) }
    }

    unsafe fn flush() {}

    unsafe fn release() {
        // SAFETY: as in `acquire`.
        unsafe { (*ENCODER.0.get()).end_frame(send) }
    }

    unsafe fn write(bytes: &[u8]) {
        // SAFETY: as in `acquire`.
        unsafe { (*ENCODER.0.get()).write(bytes, send) }
    }
}

defmt::timestamp!("{=u32}", xtensa_lx::timer::get_cycle_count());
