//! The machines of QEMU that images run on.

use clap::ValueEnum;

/// A machine with a dc233c: the same core and the same RAM, everything else differs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Board {
    /// QEMU's simulator: a core, RAM, and nothing else.
    #[default]
    Sim,
    /// A Xilinx KC705 board: flash, Ethernet, a serial port, and its own way to start.
    Kc705,
}

impl Board {
    /// QEMU's options for it.
    pub const fn options(self) -> [&'static str; 6] {
        ["-M", self.name(), "-cpu", "dc233c", "-m", "128M"]
    }

    /// How many of its cores an image can start. QEMU keeps the KC705's second one stopped until that
    /// board's own distributor of interrupts lets it go, which no image here knows.
    pub const fn cores(self) -> u8 {
        match self {
            Board::Sim => 2,
            Board::Kc705 => 1,
        }
    }

    /// Its name, as QEMU knows it.
    pub const fn name(self) -> &'static str {
        match self {
            Board::Sim => "sim",
            Board::Kc705 => "kc705",
        }
    }
}
