//! The MMU and cache instructions of the core, one function each. What the assembler does not
//! know by name stands as bytes with fixed registers: `a11` where code
//! is to be short, which no caller needs, else `a2` (and `a3`).

use core::arch::asm;

/// `rsr.prid`.
pub(super) fn processor_number() -> u32 {
    let number;
    // SAFETY: reads a register that never changes.
    unsafe { asm!(".byte 0xb0, 235, 0x03", out("a11") number, options(nomem, pure)) }
    number
}

/// `wsr.rasid`.
pub(super) fn write_rasid(rasid: u32) {
    // SAFETY: changes the ASIDs of rings 1 to 3 only (the hardware keeps ring 0's), and the
    // kernel runs in wired ring 0 entries.
    unsafe { asm!(".byte 0x20, 90, 0x13", in("a2") rasid) }
}

/// `wdtlb`.
pub(super) fn write_data_entry(pte: u32, address_and_way: u32) {
    // SAFETY: ways 7 to 9 hold nothing but the tables' entries, which lie in the table window:
    // no kernel mapping can be hit.
    unsafe { asm!(".byte 0x20, 0xe3, 0x50", in("a2") pte, in("a3") address_and_way) }
}

/// `idtlb` and `iitlb`.
pub(super) fn drop_entry(address_and_way: u32) {
    // SAFETY: ways 0 to 3 hold refilled user entries only, which come back by refill.
    unsafe { asm!(".byte 0x00, 0xc2, 0x50", ".byte 0x00, 0x42, 0x50", in("a2") address_and_way) }
}

/// `idtlb` and `iitlb` at one index of ways 0 to 3. The address must be a page's.
#[inline(always)]
pub(super) fn drop_index(page: u32) {
    // SAFETY: as for an entry; the low bits, which select the way, go from 0 to 3.
    unsafe {
        asm!(
            ".byte 0x00, 0xcb, 0x50",
            ".byte 0x00, 0x4b, 0x50",
            "addi a11, a11, 1",
            ".byte 0x00, 0xcb, 0x50",
            ".byte 0x00, 0x4b, 0x50",
            "addi a11, a11, 1",
            ".byte 0x00, 0xcb, 0x50",
            ".byte 0x00, 0x4b, 0x50",
            "addi a11, a11, 1",
            ".byte 0x00, 0xcb, 0x50",
            ".byte 0x00, 0x4b, 0x50",
            inout("a11") page => _,
        );
    }
}

/// `dhwbi`.
pub(super) fn write_back_and_drop_line(address: u32) {
    // SAFETY: the caller passes addresses of its own direct map; no byte changes.
    unsafe { asm!(".byte 0x52, 0x72, 0x00", in("a2") address) }
}

/// Bytes that [`write_back_and_drop_blocks`] covers at a time.
pub(super) const BLOCK_BYTES: u32 = 1024;

/// `dhwbi` for each 32 bytes of one block or more: for every line, where lines are as long or
/// longer.
#[inline(always)]
pub(super) fn write_back_and_drop_blocks(start: u32, end: u32) {
    // One instruction a line: the compiler takes a line for an instruction when it measures how
    // far a branch goes.
    // SAFETY: as for a line. It ends where `end` is whole blocks behind `start`; no byte changes
    // until then.
    unsafe {
        asm!(
            "1:",
            ".byte 0x52, 0x7b, 0",
            ".byte 0x52, 0x7b, 8",
            ".byte 0x52, 0x7b, 16",
            ".byte 0x52, 0x7b, 24",
            ".byte 0x52, 0x7b, 32",
            ".byte 0x52, 0x7b, 40",
            ".byte 0x52, 0x7b, 48",
            ".byte 0x52, 0x7b, 56",
            ".byte 0x52, 0x7b, 64",
            ".byte 0x52, 0x7b, 72",
            ".byte 0x52, 0x7b, 80",
            ".byte 0x52, 0x7b, 88",
            ".byte 0x52, 0x7b, 96",
            ".byte 0x52, 0x7b, 104",
            ".byte 0x52, 0x7b, 112",
            ".byte 0x52, 0x7b, 120",
            ".byte 0x52, 0x7b, 128",
            ".byte 0x52, 0x7b, 136",
            ".byte 0x52, 0x7b, 144",
            ".byte 0x52, 0x7b, 152",
            ".byte 0x52, 0x7b, 160",
            ".byte 0x52, 0x7b, 168",
            ".byte 0x52, 0x7b, 176",
            ".byte 0x52, 0x7b, 184",
            ".byte 0x52, 0x7b, 192",
            ".byte 0x52, 0x7b, 200",
            ".byte 0x52, 0x7b, 208",
            ".byte 0x52, 0x7b, 216",
            ".byte 0x52, 0x7b, 224",
            ".byte 0x52, 0x7b, 232",
            ".byte 0x52, 0x7b, 240",
            ".byte 0x52, 0x7b, 248",
            "addmi a11, a11, 1024",
            "bne a11, a10, 1b",
            inout("a11") start => _,
            in("a10") end,
        );
    }
}

/// `diwbi`.
pub(super) fn write_back_and_drop_index(address: u32) {
    // SAFETY: goes by index and changes no byte, whatever the address is.
    unsafe { asm!(".byte 0x82, 0x72, 0x05", in("a2") address) }
}

/// `iii`.
pub(super) fn drop_instruction_index(address: u32) {
    // SAFETY: an instruction cache line is never dirty; it is fetched again.
    unsafe { asm!(".byte 0xf2, 0x72, 0x00", in("a2") address) }
}

/// `dsync; isync`.
pub(super) fn synchronize() {
    // SAFETY: waits, and changes nothing.
    unsafe { asm!("dsync", "isync") }
}
