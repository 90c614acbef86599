//! Every special register and every user register there can be.

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

/// A register, by the number in the instruction.
#[derive(Clone, Copy, Debug)]
pub struct Register {
    /// Names of the attacks: read, write, exchange.
    pub names: [&'static str; 3],
    /// The number.
    pub number: u8,
    /// Whose it is.
    pub owner: Owner,
    /// Which of the three the core has; another is an illegal instruction, not a privileged one.
    pub has: [bool; 3],
}

/// Whose a register is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The kernel's.
    Kernel,
    /// The module's own: it may do with it what it likes.
    Module,
    /// Nobody's: the core has none of this number.
    Nobody,
}

macro_rules! registers {
    ($owner:ident: $($name:literal $number:literal $has:ident)*) => {
        [$(
            Register {
                names: [concat!("rsr.", $name), concat!("wsr.", $name), concat!("xsr.", $name)],
                number: $number,
                owner: Owner::$owner,
                has: $has,
            },
        )*]
    };
}

macro_rules! absent {
    ($($number:literal)*) => {
        registers! { Nobody: $($number $number NONE)* }
    };
}

const ALL: [bool; 3] = [true, true, true];
const READ: [bool; 3] = [true, false, false];
const WRITE: [bool; 3] = [false, true, false];
const READ_WRITE: [bool; 3] = [true, true, false];
const NONE: [bool; 3] = [false; 3];

/// The special registers of the dc233c that are the kernel's, in the order of their numbers.
pub const KERNELS: [Register; 56] = registers! { Kernel:
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
};

/// Those that a module may use.
pub const OWN: [Register; 12] = registers! { Module:
    "lbeg" 0 ALL
    "lend" 1 ALL
    "lcount" 2 ALL
    "sar" 3 ALL
    "litbase" 5 ALL
    "scompare1" 12 ALL
    "acclo" 16 ALL
    "acchi" 17 ALL
    "m0" 32 ALL
    "m1" 33 ALL
    "m2" 34 ALL
    "m3" 35 ALL
};

/// All other numbers of special registers.
pub const ABSENT: [Register; 188] = absent! {
    4 6 7 8 9 10 11 13 14 15 18 19 20 21 22 23 24 25 26 27 28 29 30 31 36 37 38 39 40 41 42 43
    44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 68 69 70 71 74 75 76
    77 78 79 80 81 82 84 85 86 87 88 89 93 94 95 97 98 100 101 102 103 105 106 107 108 109 110
    111 112 113 114 115 116 117 118 119 120 121 122 123 124 125 126 127 130 131 132 133 134 135
    136 137 138 139 140 141 142 143 146 147 148 149 150 151 152 153 154 155 156 157 158 159 162
    163 164 165 166 167 168 169 170 171 172 173 174 175 184 185 186 187 188 189 190 191 193 200
    201 202 203 204 205 206 207 216 217 218 219 220 221 222 223 225 229 239 243 246 247 248 249
    250 251 252 253 254 255
};

/// A user register, by the number in the instruction.
#[derive(Clone, Copy, Debug)]
pub struct UserRegister {
    /// Names of the attacks: read, write.
    pub names: [&'static str; 2],
    /// The number.
    pub number: u8,
}

/// The user registers that the core has: `EXPSTATE`, which drives its output wires, and `THREADPTR`.
pub const USER_HAS: [u8; 2] = [230, 231];

macro_rules! user_registers {
    ($($number:literal)*) => {
        [$(
            UserRegister {
                names: [concat!("rur.", $number), concat!("wur.", $number)],
                number: $number,
            },
        )*]
    };
}

/// All user registers there can be.
pub const USER_REGISTERS: [UserRegister; 256] = user_registers! {
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33
    34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64
    65 66 67 68 69 70 71 72 73 74 75 76 77 78 79 80 81 82 83 84 85 86 87 88 89 90 91 92 93 94 95
    96 97 98 99 100 101 102 103 104 105 106 107 108 109 110 111 112 113 114 115 116 117 118 119
    120 121 122 123 124 125 126 127 128 129 130 131 132 133 134 135 136 137 138 139 140 141 142
    143 144 145 146 147 148 149 150 151 152 153 154 155 156 157 158 159 160 161 162 163 164 165
    166 167 168 169 170 171 172 173 174 175 176 177 178 179 180 181 182 183 184 185 186 187 188
    189 190 191 192 193 194 195 196 197 198 199 200 201 202 203 204 205 206 207 208 209 210 211
    212 213 214 215 216 217 218 219 220 221 222 223 224 225 226 227 228 229 230 231 232 233 234
    235 236 237 238 239 240 241 242 243 244 245 246 247 248 249 250 251 252 253 254 255
};
