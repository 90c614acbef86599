//! The target's own files: everything that touches the core, and all unsafe code of the kernel.

mod calls;
mod log;
mod second;
mod state;
mod target;

use board::target::simulator;

use crate::session;

/// Exit codes of the machine; 0 says that there is a report.
mod exit {
    pub(super) const NO_REPORT: u32 = 2;
    pub(super) const FAULT: u32 = 4;
}

/// The first Rust function; the reset code calls it once.
#[unsafe(no_mangle)]
extern "C" fn image_main() -> ! {
    log::open();
    // SAFETY: the reset code has wired the direct map for this board, and this is the only call.
    let mut target = unsafe { target::Target::start() };
    let code = match session::perform(&mut target) {
        Ok(()) => 0,
        Err(_) => exit::NO_REPORT,
    };
    simulator::exit(code)
}

/// An exception of the kernel itself, a panic among them, which is an illegal instruction: it
/// cannot be trusted any more. The assembly calls it with `EXCCAUSE`, `EPC1`, `EXCVADDR` and
/// `DEPC`; the host makes a sentence of them.
#[unsafe(no_mangle)]
extern "C" fn kernel_trap(cause: u32, pc: u32, address: u32, depc: u32) -> ! {
    simulator::say_fault("kernel", [cause, pc, address, depc]);
    simulator::exit(exit::FAULT)
}
