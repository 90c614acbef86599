//! Instructions that a module must not have, as bytes: the assembler does not know them all, and
//! a module cannot write its own text.

/// One of them.
#[derive(Clone, Copy, Debug)]
pub struct Instruction {
    /// As the manual calls it.
    pub name: &'static str,
    /// How it must end: 8 privileged, 0 illegal, 63 `break`.
    pub causes: &'static [u32],
}

macro_rules! instructions {
    ($($name:literal [$($byte:literal)*] $cause:literal)*) => {
        /// All of them.
        pub const INSTRUCTIONS: &[Instruction] =
            &[$(Instruction { name: $name, causes: &[$cause] },)*];

        /// Executes the one with that index.
        #[cfg(target_arch = "xtensa")]
        pub fn execute(index: usize) {
            let mut this = 0;
            $(
                if index == this {
                    // SAFETY: the kernel stops the module at this instruction; that it does is
                    // what is being tested.
                    unsafe {
                        core::arch::asm!(
                            $(concat!(".byte ", $byte),)*
                            inout("a2") 0 => _,
                            inout("a3") core::ptr::from_ref(&this) => _,
                        );
                    }
                }
                this += 1;
            )*
            let _ = this;
        }
    };
}

// Operands are a2 (a value) and a3 (an address of the module's own).
instructions! {
    "witlb" [0x20 0x63 0x50] 8
    "wdtlb" [0x20 0xe3 0x50] 8
    "iitlb" [0x00 0x43 0x50] 8
    "idtlb" [0x00 0xc3 0x50] 8
    "pitlb" [0x20 0x53 0x50] 8
    "pdtlb" [0x20 0xd3 0x50] 8
    "ritlb0" [0x20 0x33 0x50] 8
    "ritlb1" [0x20 0x73 0x50] 8
    "rdtlb0" [0x20 0xb3 0x50] 8
    "rdtlb1" [0x20 0xf3 0x50] 8
    "rfe" [0x00 0x30 0x00] 8
    "rfde" [0x00 0x32 0x00] 8
    "rfwo" [0x00 0x34 0x00] 8
    "rfwu" [0x00 0x35 0x00] 8
    "rfi 1" [0x10 0x31 0x00] 8
    "rfi 2" [0x10 0x32 0x00] 8
    "rfi 6" [0x10 0x36 0x00] 8
    "rsil 0" [0x20 0x60 0x00] 8
    "rsil 15" [0x20 0x6f 0x00] 8
    "waiti 0" [0x00 0x70 0x00] 8
    "waiti 15" [0x00 0x7f 0x00] 8
    "rotw 1" [0x10 0x80 0x40] 8
    "rotw -1" [0xf0 0x80 0x40] 8
    "s32e" [0x20 0xc3 0x49] 8
    "l32e" [0x20 0xc3 0x09] 8
    "dhi" [0x62 0x73 0x00] 8
    "dii" [0x72 0x73 0x00] 8
    "iii" [0xf2 0x73 0x00] 8
    "ldct" [0x20 0x83 0xf1] 8
    "sdct" [0x20 0x93 0xf1] 8
    "lict" [0x20 0x03 0xf1] 8
    "sict" [0x20 0x13 0xf1] 8
    "licw" [0x20 0x23 0xf1] 8
    "sicw" [0x20 0x33 0xf1] 8
    "rfue" [0x00 0x31 0x00] 0
    "rfme" [0x20 0x30 0x00] 0
    "rfdo" [0x00 0xe1 0xf1] 0
    "rfdd" [0x10 0xe0 0xf1] 0
    "simcall" [0x00 0x51 0x00] 0
    "halt" [0x00 0x52 0x00] 0
    "ill" [0x00 0x00 0x00] 0
    "ill.n" [0x6d 0xf0] 0
    "muluh" [0x30 0x22 0xa2] 0
    "mulsh" [0x30 0x22 0xb2] 0
    "break 1, 15" [0xf0 0x41 0x00] 63
    "break.n 0" [0x2d 0xf0] 63
}
