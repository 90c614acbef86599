//! The special registers that belong to the kernel.

/// How a special register is accessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// `rsr`
    Read,
    /// `wsr`
    Write,
    /// `xsr`
    Exchange,
}

impl Access {
    /// All three.
    pub const ALL: [Access; 3] = [Access::Read, Access::Write, Access::Exchange];
}

/// A special register of the dc233c.
#[derive(Clone, Copy, Debug)]
pub struct Register {
    /// Names of the attacks: read, write, exchange.
    pub names: [&'static str; 3],
    /// The number in the instruction.
    pub number: u8,
    /// Which of the three the core has; another is an illegal instruction, not a privileged one.
    pub has: [bool; 3],
}

macro_rules! registers {
    ($($name:literal $number:literal $has:ident)*) => {
        /// In the order of their numbers.
        pub const REGISTERS: &[Register] = &[$(
            Register {
                names: [concat!("rsr.", $name), concat!("wsr.", $name), concat!("xsr.", $name)],
                number: $number,
                has: $has,
            },
        )*];
    };
}

const ALL: [bool; 3] = [true, true, true];
const READ: [bool; 3] = [true, false, false];
const WRITE: [bool; 3] = [false, true, false];
const READ_WRITE: [bool; 3] = [true, true, false];

registers! {
    "windowbase" 72 ALL
    "windowstart" 73 ALL
    "ptevaddr" 83 ALL
    "rasid" 90 ALL
    "itlbcfg" 91 ALL
    "dtlbcfg" 92 ALL
    "ibreakenable" 96 ALL
    "atomctl" 99 ALL
    "ddr" 104 ALL
    "ibreaka0" 128 ALL
    "ibreaka1" 129 ALL
    "dbreaka0" 144 ALL
    "dbreaka1" 145 ALL
    "dbreakc0" 160 ALL
    "dbreakc1" 161 ALL
    "configid0" 176 READ
    "epc1" 177 ALL
    "epc2" 178 ALL
    "epc3" 179 ALL
    "epc4" 180 ALL
    "epc5" 181 ALL
    "epc6" 182 ALL
    "epc7" 183 ALL
    "depc" 192 ALL
    "eps2" 194 ALL
    "eps3" 195 ALL
    "eps4" 196 ALL
    "eps5" 197 ALL
    "eps6" 198 ALL
    "eps7" 199 ALL
    "configid1" 208 READ
    "excsave1" 209 ALL
    "excsave2" 210 ALL
    "excsave3" 211 ALL
    "excsave4" 212 ALL
    "excsave5" 213 ALL
    "excsave6" 214 ALL
    "excsave7" 215 ALL
    "cpenable" 224 ALL
    "interrupt" 226 READ_WRITE
    "intclear" 227 WRITE
    "intenable" 228 ALL
    "ps" 230 ALL
    "vecbase" 231 ALL
    "exccause" 232 ALL
    "debugcause" 233 READ
    "ccount" 234 ALL
    "prid" 235 READ
    "icount" 236 ALL
    "icountlevel" 237 ALL
    "excvaddr" 238 ALL
    "ccompare0" 240 ALL
    "ccompare1" 241 ALL
    "ccompare2" 242 ALL
    "misc0" 244 ALL
    "misc1" 245 ALL
}
