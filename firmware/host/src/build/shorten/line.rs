//! Lines of assembly as LLVM prints it.

use std::fmt::Write;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// An instruction of the compiler's.
    Operation(Operation),
    /// An instruction or a directive of inline assembly.
    Assembly(&'a str),
    /// A label that somebody may jump to.
    Label(&'a str),
    /// Anything else.
    Other(&'a str),
}

/// An instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its name.
    pub name: String,
    /// What it is done to.
    pub operands: Vec<String>,
}

impl Operation {
    pub fn new(name: &str, operands: &[&str]) -> Operation {
        Operation {
            name: name.to_owned(),
            operands: operands.iter().map(|&o| o.to_owned()).collect(),
        }
    }

    pub fn is(&self, name: &str) -> bool {
        self.name == name
    }

    /// An operand; empty where there is none.
    pub fn operand(&self, index: usize) -> &str {
        self.operands.get(index).map_or("", String::as_str)
    }

    /// An operand that is a number.
    pub fn number(&self, index: usize) -> Option<i32> {
        self.operand(index).parse().ok()
    }

    /// Whether an operand is that register.
    pub fn names(&self, register: &str) -> bool {
        self.operands.iter().any(|operand| operand == register)
    }

    /// Whether something else may follow than the next line.
    pub fn leaves_the_line(&self) -> bool {
        self.is_branch() || self.is_call() || self.never_goes_on()
    }

    /// Whether what follows is never the next line.
    pub fn never_goes_on(&self) -> bool {
        matches!(
            self.name.as_str(),
            "j" | "jx" | "ret" | "ret.n" | "ill.n" | "ill"
        )
    }

    pub fn is_call(&self) -> bool {
        self.name.starts_with("call")
    }

    /// Whether it goes to its last operand or to the next line.
    pub fn is_branch(&self) -> bool {
        self.name.starts_with('b')
    }

    pub fn is_load(&self) -> bool {
        matches!(self.name.as_str(), "l32i" | "l16ui" | "l16si" | "l8ui")
    }

    pub fn is_store(&self) -> bool {
        matches!(self.name.as_str(), "s32i" | "s16i" | "s8i")
    }

    /// The register that it sets without having read it, for the instructions that are known.
    pub fn sets(&self) -> Option<&str> {
        const KNOWN: &[&str] = &[
            "add", "addi", "addmi", "addx2", "addx4", "addx8", "and", "extui", "l32r", "movi",
            "mull", "neg", "or", "sll", "slli", "sra", "srai", "src", "srl", "srli", "sub",
            "subx2", "subx4", "subx8", "xor", "minu", "maxu", "min", "max", "nsau", "sext", "quou",
            "remu", "quos", "rems",
        ];
        let known = KNOWN.contains(&self.name.as_str()) || self.is_load();
        known.then(|| self.operand(0))
    }

    /// Whether it may read a register. What is not known reads all that it names.
    pub fn reads(&self, register: &str) -> bool {
        let skipped = usize::from(self.sets().is_some());
        self.operands.iter().skip(skipped).any(|o| o == register)
    }

    /// Its bytes.
    pub fn bytes(&self) -> i32 {
        if self.name.ends_with(".n") { 2 } else { 3 }
    }
}

impl<'a> Line<'a> {
    pub fn operation(&self) -> Option<&Operation> {
        match self {
            Line::Operation(operation) => Some(operation),
            _ => None,
        }
    }

    pub fn operation_mut(&mut self) -> Option<&mut Operation> {
        match self {
            Line::Operation(operation) => Some(operation),
            _ => None,
        }
    }
}

/// The lines of a file. Comments and what is said of the call frame are left out: images have no
/// unwinding.
pub fn parse(assembly: &str) -> Vec<Line<'_>> {
    let mut by_hand = false;
    let mut lines = Vec::new();
    for line in assembly.lines() {
        match line.trim() {
            "#APP" => by_hand = true,
            "#NO_APP" => by_hand = false,
            trimmed if trimmed.starts_with(".cfi_") => {}
            trimmed if by_hand && !trimmed.starts_with(".loc") => lines.push(Line::Assembly(line)),
            _ => lines.push(one(line)),
        }
    }
    lines
}

fn one(line: &str) -> Line<'_> {
    // The name of a constant, which may hold anything.
    if line.starts_with('"') {
        return Line::Other(line);
    }
    let code = line.split('#').next().unwrap_or_default().trim_end();
    if let Some(label) = code.strip_suffix(':')
        && !label.starts_with(['\t', ' '])
    {
        // These are for the debugger.
        return if label.starts_with(".Ltmp") {
            Line::Other(line)
        } else {
            Line::Label(label)
        };
    }
    match code.strip_prefix('\t') {
        Some(code) if code.starts_with(|c: char| c.is_ascii_lowercase()) => {
            let (name, operands) = code.split_once('\t').unwrap_or((code, ""));
            let operands = operands.split(',').map(str::trim);
            let operands = operands.filter(|operand| !operand.is_empty());
            Line::Operation(Operation::new(name, &operands.collect::<Vec<_>>()))
        }
        _ => Line::Other(line),
    }
}

/// The file of these lines.
pub fn print(lines: &[Line<'_>]) -> String {
    let mut output = String::new();
    for line in lines {
        // Writing to a string cannot fail.
        let _ = match line {
            Line::Operation(operation) => {
                writeln!(
                    output,
                    "\t{}\t{}",
                    operation.name,
                    operation.operands.join(", ")
                )
            }
            Line::Label(label) => writeln!(output, "{label}:"),
            Line::Assembly(line) | Line::Other(line) => writeln!(output, "{line}"),
        };
    }
    output
}
