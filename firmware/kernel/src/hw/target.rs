//! The core and its simulator as the session sees them.

use core::ffi::CStr;

use board::registers::{Exit, RegisterFile};
use board::target::{entry, simulator};
use mmu::target::TargetMachine;
use mmu::{CoreId, SwitchImage};
use xtensa_lx::timer;

use super::{second, state};
use crate::config::MODULES;
use crate::host_files::{FileHandle, HostFiles};
use crate::journal::{Event, Journal};
use crate::processor::Processor;
use crate::system::System;
use crate::turns::Kill;

/// RAM, seen through the direct map, into which module files are read: behind every frame that a
/// module can be given.
const STAGING: u32 = 0xd200_0000;
const STAGING_BYTES: usize = 4 << 20;

/// The longest name of a file of the host.
const NAME_BYTES: usize = 64;

unsafe extern "C" {
    static text_start: u32;
    static text_end: u32;
}

/// The core.
pub(super) struct Target {
    staged: [bool; MODULES],
}

impl Target {
    /// Takes the core over.
    ///
    /// # Safety
    /// Once, on a board that [`crate::config::PLATFORM`] describes, after the reset code.
    pub(super) unsafe fn start() -> Target {
        // SAFETY: the caller's promise.
        unsafe { state::start() };
        Target {
            staged: [false; MODULES],
        }
    }
}

impl Processor for Target {
    type Machine = TargetMachine;

    fn system<R>(&mut self, act: impl FnOnce(&mut System<TargetMachine>) -> R) -> R {
        state::with(act)
    }

    fn switch_to(&mut self, image: &SwitchImage) {
        entry::switch_to(image);
    }

    fn switch_to_nothing(&mut self, image: &SwitchImage) {
        entry::switch_to_nothing(image);
    }

    fn enter(&mut self, records: &mut [RegisterFile], first: usize) -> (Exit, usize) {
        entry::enter_among(records, first)
    }

    fn start_cores(&mut self, _cores: u32) -> bool {
        // There are two at most, and it is called for more than one.
        second::start()
    }

    fn hand_over(&mut self, _core: CoreId, record: &RegisterFile) {
        second::hand_over(record);
    }

    fn take_back(&mut self, _core: CoreId, record: &mut RegisterFile) -> Option<Exit> {
        second::take_back(record)
    }

    fn wait(&mut self) {
        core::hint::spin_loop();
    }

    fn enter_trusted(&mut self, registers: &mut RegisterFile) -> Exit {
        // SAFETY: the session does this only with modules that the user trusts.
        unsafe { entry::enter_with_kernel_rights(registers) }
    }

    fn set_ticks(&mut self, ticks: u32) {
        entry::set_ticks(ticks);
        state::with(|system| system.set_ticks(ticks));
    }

    fn cycles(&self) -> u32 {
        timer::get_cycle_count()
    }

    fn kernel_sum(&self) -> u32 {
        let mut place = &raw const text_start;
        let end = &raw const text_end;
        let mut sum = 0u32;
        while place < end {
            // SAFETY: the linker script puts both marks around the image's read-only words.
            sum = sum.rotate_left(1).wrapping_add(unsafe { *place });
            place = place.wrapping_add(1);
        }
        sum
    }
}

fn with_name<R>(name: &str, act: impl FnOnce(&CStr) -> Option<R>) -> Option<R> {
    let mut bytes = [0; NAME_BYTES];
    bytes
        .get_mut(..name.len())?
        .copy_from_slice(name.as_bytes());
    act(CStr::from_bytes_until_nul(&bytes).ok()?)
}

impl HostFiles for Target {
    fn open(&mut self, name: &str) -> Option<FileHandle> {
        with_name(name, simulator::open).map(FileHandle)
    }

    fn create(&mut self, name: &str) -> Option<FileHandle> {
        with_name(name, simulator::create).map(FileHandle)
    }

    fn read_at(&mut self, file: FileHandle, offset: u32, into: &mut [u8]) -> usize {
        simulator::read_at(file.0, offset, into)
    }

    fn write(&mut self, file: FileHandle, from: &[u8]) -> bool {
        simulator::write(file.0, from)
    }

    fn stage(&mut self, file: FileHandle, place: usize) -> Option<&'static [u8]> {
        if core::mem::replace(self.staged.get_mut(place)?, true) {
            return None;
        }
        let start = (STAGING + place as u32 * STAGING_BYTES as u32) as *mut u8;
        // SAFETY: RAM in the direct map that nothing else uses, and `staged` lets each place be
        // taken once.
        let memory = unsafe { core::slice::from_raw_parts_mut(start, STAGING_BYTES) };
        let bytes = simulator::read_at(file.0, 0, memory);
        (bytes < memory.len()).then_some(&memory[..bytes])
    }
}

impl Journal for Target {
    fn note(&mut self, event: Event<'_>) {
        match event {
            Event::Loaded(place, base, pages) => {
                defmt::info!(
                    "module {=usize}: loaded at {=u32:#010x}, {=u32} pages",
                    place,
                    base,
                    pages
                );
            }
            Event::Refused(place) => defmt::warn!("module {=usize}: its file is refused", place),
            Event::Stopped(place, entry, kill) => {
                let entry = entry.name();
                match kill {
                    Kill::Fault(fault) | Kill::WindowFault(fault) => defmt::warn!(
                        "module {=usize}: stopped in {=str}: cause {=u32} at pc {=u32:#010x}, address {=u32:#010x}",
                        place,
                        entry,
                        fault.cause.0,
                        fault.pc.0,
                        fault.address.0
                    ),
                    Kill::Refused(refusal) => defmt::warn!(
                        "module {=usize}: stopped in {=str}: system call {=u32} refused for reason {=u32}, address {=u32:#010x}",
                        place,
                        entry,
                        refusal.call,
                        refusal.reason as u32,
                        refusal.address
                    ),
                    Kill::Overrun(pc) => defmt::warn!(
                        "module {=usize}: stopped in {=str}: its time is used up at pc {=u32:#010x}",
                        place,
                        entry,
                        pc.0
                    ),
                    Kill::Withdrawn => {
                        defmt::warn!("module {=usize}: taken away in {=str}", place, entry);
                    }
                }
            }
            Event::Failed(place, entry, result) => {
                defmt::warn!(
                    "module {=usize}: {=str} returned {=i32}",
                    place,
                    entry.name(),
                    result
                );
            }
            Event::Said(place, text) => defmt::info!("module {=usize}: \"{=str}\"", place, text),
            Event::Ended(periods) => defmt::info!("the session ends after {=u32} periods", periods),
        }
    }
}
