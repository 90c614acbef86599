//! Makes the assembly of an image shorter where the Xtensa back end leaves it long.
//!
//! The back end reaches every function through an address in a literal, keeps a literal for each
//! use, never takes the instructions of two bytes, jumps around a jump where a branch reaches by
//! itself, and makes an address in a register that the access could make. What is done here is
//! the same instructions, or fewer that leave the same values in all registers that are read
//! again. Inline assembly stays as it stands.

mod line;
mod reach;
mod rules;

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use line::{Line, Operation};

/// The assembly, shorter.
pub fn shorten(assembly: &str) -> String {
    let mut lines = line::parse(assembly);
    let values = take_literals(&mut lines);
    call_by_name(&mut lines, &values);
    rules::apply(&mut lines);
    rules::narrow(&mut lines);
    reach::shorten_branches(&mut lines);
    let mut output = line::print(&lines);
    keep_one_of_each(&lines, &values, &mut output);
    output
}

/// Takes the literals out: what each label holds. Equal ones get one label.
fn take_literals<'a>(lines: &mut Vec<Line<'a>>) -> HashMap<&'a str, &'a str> {
    let mut values = HashMap::new();
    let mut first_of = HashMap::new();
    let mut instead = HashMap::new();
    lines.retain(|line| {
        let Line::Other(text) = line else { return true };
        if let Some(literal) = text.strip_prefix("\t.literal ")
            && let Some((label, value)) = literal.split_once(", ")
        {
            let first = *first_of.entry(value).or_insert(label);
            values.insert(first, value);
            instead.insert(label, first);
            return false;
        }
        text.trim() != ".literal_position"
    });
    for operation in lines.iter_mut().filter_map(Line::operation_mut) {
        if operation.is("l32r")
            && let Some(label) = instead.get(operation.operand(1))
        {
            operation.operands[1] = (*label).to_owned();
        }
    }
    values
}

/// `l32r a8, LITERAL` and `callx0 a8` become `call0 FUNCTION`. A function may change a8 to a11, so
/// nobody reads the address after the call.
fn call_by_name(lines: &mut Vec<Line<'_>>, values: &HashMap<&str, &str>) {
    let mut unused = HashSet::new();
    for at in 0..lines.len() {
        let Some(load) = lines[at].operation() else {
            continue;
        };
        let register = load.operand(0).to_owned();
        if !load.is("l32r") || !matches!(register.as_str(), "a8" | "a9" | "a10" | "a11") {
            continue;
        }
        let Some(name) = values.get(load.operand(1)).copied() else {
            continue;
        };
        if let Some(call) = only_use(lines, at, &register)
            && lines[call].operation().is_some_and(|o| o.is("callx0"))
        {
            lines[call] = Line::Operation(Operation::new("call0", &[name]));
            unused.insert(at);
        }
    }
    let mut at = 0..;
    lines.retain(|_| at.next().is_none_or(|at| !unused.contains(&at)));
}

/// The next operation that names a register, if nothing jumps or is jumped to before it.
fn only_use(lines: &[Line<'_>], after: usize, register: &str) -> Option<usize> {
    for (at, line) in lines.iter().enumerate().skip(after + 1) {
        match line {
            Line::Operation(operation) if operation.names(register) => return Some(at),
            Line::Operation(operation) if operation.leaves_the_line() => return None,
            Line::Assembly(_) | Line::Label(_) => return None,
            Line::Operation(_) | Line::Other(_) => {}
        }
    }
    None
}

/// Adds the literals that are still read.
fn keep_one_of_each(lines: &[Line<'_>], values: &HashMap<&str, &str>, output: &mut String) {
    let mut kept = HashSet::new();
    output.push_str("\t.section\t.literal,\"ax\",@progbits\n\t.p2align\t2\n");
    for operation in lines.iter().filter_map(Line::operation) {
        if operation.is("l32r")
            && let Some((label, value)) = values.get_key_value(operation.operand(1))
            && kept.insert(*label)
        {
            // Writing to a string cannot fail.
            let _ = writeln!(output, "{label}:\n\t.long\t{}", quoted(value));
        }
    }
}

/// A literal's value as `.long` takes it: a number, a sum, or a name that may hold anything.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_.$+-".contains(c);
    if value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

#[cfg(test)]
mod tests;
