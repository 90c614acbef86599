//! Numbers of the machine as people want them.

/// QEMU counts one instruction as 128 ns of its clock (`-icount shift=7`), and a cycle of the
/// core's counter is 100 ns.
const CYCLES_PER_100_INSTRUCTIONS: u32 = 128;

/// Instructions in so many cycles, for sums and averages.
pub fn instructions(cycles: f64) -> f64 {
    cycles * 100.0 / f64::from(CYCLES_PER_100_INSTRUCTIONS)
}

/// Cycles of so many instructions, for budgets.
pub fn cycles(instructions: u32) -> u32 {
    let cycles = u64::from(instructions) * u64::from(CYCLES_PER_100_INSTRUCTIONS) / 100;
    u32::try_from(cycles).unwrap_or(u32::MAX)
}

/// How much more `with` is than `without`, in percent.
pub fn overhead_percent(with: f64, without: f64) -> f64 {
    (with - without) * 100.0 / without
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_and_cycles() {
        assert!((instructions(128.0) - 100.0).abs() < 1e-9);
        assert_eq!(cycles(100), 128);
        assert_eq!(cycles(u32::MAX), u32::MAX);
        assert!((overhead_percent(103.0, 100.0) - 3.0).abs() < 1e-9);
    }
}
