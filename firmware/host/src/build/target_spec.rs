//! The two targets: the kernel speaks call0, modules speak the windowed ABI of their trade.

/// Options of the core `dc233c` that both ABIs use.
const COMMON: &[&str] = &[
    "density",
    "sext",
    "nsa",
    "clamps",
    "minmax",
    "mul32",
    "div32",
    "s32c1i",
    "threadptr",
    "exception",
    "interrupt",
    "highpriinterrupts",
    "debug",
    "rvector",
    "miscsr",
    "mul16",
    "timers3",
    "prid",
];
/// Options that hold state of a module's, which the kernel therefore leaves alone.
const MODULES_ONLY: &[&str] = &["windowed", "loop", "mac16"];
/// Known to the assembler only.
const ASSEMBLY_ONLY: &[&str] = &["dcache"];

/// How functions call each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Abi {
    /// The kernel's: no register windows.
    Call0,
    /// A module's: register windows.
    Windowed,
}

impl Abi {
    /// Both.
    pub const ALL: [Abi; 2] = [Abi::Call0, Abi::Windowed];

    /// The target's name.
    pub const fn name(self) -> &'static str {
        match self {
            Abi::Call0 => "xtensa-call0",
            Abi::Windowed => "xtensa-windowed",
        }
    }

    /// `opt-level` of its crates, as TOML: the kernel is kept small, since all of it is trusted and has to
    /// fit a budget; modules are kept fast.
    pub const fn opt_level(self) -> &'static str {
        match self {
            Abi::Call0 => "\"z\"",
            Abi::Windowed => "2",
        }
    }

    /// What a panic is. In the kernel it is a trap, which the kernel's own fault vector reports by
    /// its address: texts and their formatting for panics that no input can bring about were a
    /// tenth of it.
    const fn panic_strategy(self) -> &'static str {
        match self {
            Abi::Call0 => "immediate-abort",
            Abi::Windowed => "abort",
        }
    }

    /// What LLVM does with the whole program, after it has dropped what nobody keeps.
    pub const fn passes(self) -> &'static str {
        match self {
            Abi::Call0 => "default<O2>,mergefunc,globaldce",
            Abi::Windowed => "default<O2>",
        }
    }

    /// What of the standard library is built. `alloc` is for an image that measures the allocators
    /// of others, one of which names it; nothing here allocates by it.
    pub const fn library(self) -> &'static str {
        match self {
            Abi::Call0 => "build-std=core,alloc,compiler_builtins",
            Abi::Windowed => "build-std=core,compiler_builtins",
        }
    }

    /// The core's options that its compiler may use.
    pub fn options(self) -> Vec<&'static str> {
        let own = match self {
            Abi::Call0 => &[],
            Abi::Windowed => MODULES_ONLY,
        };
        [COMMON, own].concat()
    }

    /// The options as LLVM's programs take them.
    pub fn attributes(self) -> String {
        switched_on(&self.options())
    }

    /// The target as rustc takes it.
    pub fn specification(self) -> String {
        let features = self.attributes();
        let value = serde_json::json!({
            "arch": "xtensa",
            "cpu": "generic",
            "data-layout": "e-m:e-p:32:32-i8:8:32-i16:16:32-i64:64-n32",
            "emit-debug-gdb-scripts": false,
            "features": features,
            "function-sections": true,
            "llvm-target": "xtensa-none-elf",
            "max-atomic-width": 32,
            "panic-strategy": self.panic_strategy(),
            "relocation-model": "static",
            "target-pointer-width": 32,
        });
        format!("{value:#}\n")
    }
}

/// The options as the assembler takes them: hand-written code knows which state it may touch.
pub fn assembly_attributes() -> String {
    switched_on(&[COMMON, MODULES_ONLY, ASSEMBLY_ONLY].concat())
}

fn switched_on(options: &[&str]) -> String {
    options
        .iter()
        .map(|option| format!("+{option}"))
        .collect::<Vec<_>>()
        .join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_has_no_windows_and_no_state_of_modules() {
        let kernel = Abi::Call0.options();
        assert!(MODULES_ONLY.iter().all(|option| !kernel.contains(option)));
        let modules = Abi::Windowed.options();
        assert!(MODULES_ONLY.iter().all(|option| modules.contains(option)));
    }

    #[test]
    fn no_option_that_the_core_lacks() {
        for abi in Abi::ALL {
            assert!(!abi.options().contains(&"mul32high") && !abi.options().contains(&"bool"));
        }
    }

    #[test]
    fn specifications_are_json_and_differ() {
        let parse =
            |abi: Abi| serde_json::from_str::<serde_json::Value>(&abi.specification()).unwrap();
        let (kernel, module) = (parse(Abi::Call0), parse(Abi::Windowed));
        assert_eq!(kernel["llvm-target"], module["llvm-target"]);
        assert_ne!(kernel["features"], module["features"]);
        assert!(module["features"].as_str().unwrap().contains("+density,"));
    }
}
