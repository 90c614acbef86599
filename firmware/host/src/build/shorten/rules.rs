//! Instructions for shorter ones.

use std::collections::{HashMap, HashSet};

use super::line::{Line, Operation};

/// What `addi` adds.
const ADDI: std::ops::RangeInclusive<i32> = -128..=127;
/// What `addmi` adds, in multiples of 256.
const ADDMI: std::ops::RangeInclusive<i32> = -32_768..=32_512;

/// Makes addresses in the access that needs them, and values in the register that they go to.
pub fn apply(lines: &mut Vec<Line<'_>>) {
    let mut changed = true;
    while changed {
        changed = false;
        let labels = labels(lines);
        for at in 0..lines.len() {
            let Some([first, second, third, fourth]) = following(lines, at) else {
                continue;
            };
            let known = Known {
                lines,
                labels: &labels,
            };
            let new = known
                .nothing(first)
                .or_else(|| known.far_access([first, second, third, fourth]))
                .or_else(|| known.far_address([first, second, third]))
                .or_else(|| known.near_address([first, second]))
                .or_else(|| known.access([first, second]))
                .or_else(|| known.in_place([first, second]));
            let Some((span, new)) = new else { continue };
            let old = &[first, second, third, fourth][..span];
            let (gone, kept) = old.split_at(span - new.len());
            for at in gone {
                lines[*at] = Line::Other("");
            }
            for (at, operation) in kept.iter().zip(new) {
                lines[*at] = Line::Operation(operation);
            }
            changed = true;
        }
    }
    lines.retain(|line| *line != Line::Other(""));
}

/// Takes the instructions of two bytes.
pub fn narrow(lines: &mut [Line<'_>]) {
    for operation in lines.iter_mut().filter_map(Line::operation_mut) {
        let number = operation.number(operation.operands.len().saturating_sub(1));
        let narrow = match (operation.name.as_str(), number) {
            ("l32i", Some(0..=60)) => "l32i.n",
            ("s32i", Some(0..=60)) => "s32i.n",
            ("addi", Some(-1 | 1..=15)) => "addi.n",
            ("movi", Some(-32..=95)) => "movi.n",
            ("add", None) => "add.n",
            ("ret", None) => "ret.n",
            _ if copy(operation).is_some() => {
                operation.operands.pop();
                "mov.n"
            }
            _ => continue,
        };
        operation.name = narrow.to_owned();
    }
}

/// Which line each label is.
fn labels<'a>(lines: &[Line<'a>]) -> HashMap<&'a str, usize> {
    let label = |(at, line): (usize, &Line<'a>)| match line {
        Line::Label(label) => Some((*label, at)),
        _ => None,
    };
    lines.iter().enumerate().filter_map(label).collect()
}

/// An instruction's line and those of the three that follow it, itself where nothing follows
/// for sure.
fn following(lines: &[Line<'_>], at: usize) -> Option<[usize; 4]> {
    lines[at].operation()?;
    let mut found = [at; 4];
    for index in 1..4 {
        let last = found[index - 1];
        let next = lines[last + 1..]
            .iter()
            .position(|line| !matches!(line, Line::Other(_)))
            .map(|ahead| last + 1 + ahead)
            .filter(|next| lines[*next].operation().is_some());
        match next {
            Some(next) => found[index] = next,
            None => break,
        }
    }
    Some(found)
}

/// How many instructions are replaced, and by which.
type New = Option<(usize, Vec<Operation>)>;

struct Known<'l, 'a> {
    lines: &'l [Line<'a>],
    labels: &'l HashMap<&'a str, usize>,
}

impl Known<'_, '_> {
    /// `addi a, a, 0`.
    fn nothing(&self, at: usize) -> New {
        let operation = self.at(at)?;
        let copies = copy(operation)? == operation.operand(0);
        copies.then(|| (1, Vec::new()))
    }

    /// `movi a, low; addmi a, a, high; add a, s, a; l32i b, a, 0`.
    fn far_access(&self, at: [usize; 4]) -> New {
        let (register, base, low, high) = self.far([at[0], at[1], at[2]])?;
        let access = self.at(at[3])?;
        let changed = with_offset(access, register, register, low)?;
        (at[3] != at[2] && self.is_dead_after(at[3], register)).then(|| {
            let address = Operation::new("addmi", &[register, base, &high.to_string()]);
            (4, vec![address, changed])
        })
    }

    /// The same without an access.
    fn far_address(&self, at: [usize; 3]) -> New {
        let (register, base, low, high) = self.far(at)?;
        let sum = low + high;
        let high = (sum + 128) & !255;
        (register != base && ADDMI.contains(&high)).then(|| {
            let first = Operation::new("addmi", &[register, base, &high.to_string()]);
            let low = (sum - high).to_string();
            let second = Operation::new("addi", &[register, register, &low]);
            (3, vec![first, second])
        })
    }

    fn far(&self, at: [usize; 3]) -> Option<(&str, &str, i32, i32)> {
        let (first, second, third) = (self.at(at[0])?, self.at(at[1])?, self.at(at[2])?);
        let register = first.operand(0);
        let fits = first.is("movi")
            && second.is("addmi")
            && second.operand(0) == register
            && second.operand(1) == register
            && third.is("add")
            && third.operand(0) == register;
        let base = other(third, register).filter(|_| fits)?;
        Some((register, base, first.number(1)?, second.number(2)?))
            .filter(|(_, _, _, high)| ADDMI.contains(high))
    }

    /// `movi a, offset; add a, s, a`.
    fn near_address(&self, at: [usize; 2]) -> New {
        let (first, second) = (self.at(at[0])?, self.at(at[1])?);
        let register = first.operand(0);
        if !first.is("movi") || !second.is("add") || second.operand(0) != register {
            return None;
        }
        let base = other(second, register)?;
        let number = first.number(1)?;
        let name = match number {
            number if ADDI.contains(&number) => "addi",
            number if number % 256 == 0 && ADDMI.contains(&number) => "addmi",
            _ => return None,
        };
        let new = Operation::new(name, &[register, base, &number.to_string()]);
        Some((2, vec![new]))
    }

    /// `addi a, s, number; l32i b, a, offset`.
    fn access(&self, at: [usize; 2]) -> New {
        let (first, second) = (self.at(at[0])?, self.at(at[1])?);
        let register = first.operand(0);
        let (base, number) = match copy(first) {
            Some(base) => (base, 0),
            None if first.is("addi") => (first.operand(1), first.number(2)?),
            None => return None,
        };
        let changed = with_offset(second, register, base, number)?;
        (at[0] != at[1] && self.is_dead_after(at[1], register)).then(|| (2, vec![changed]))
    }

    /// An operation, and a copy of what it sets, which nothing else reads.
    fn in_place(&self, at: [usize; 2]) -> New {
        let (first, second) = (self.at(at[0])?, self.at(at[1])?);
        let register = first.sets()?;
        let copies = at[0] != at[1] && copy(second)? == register;
        (copies && self.is_dead_after(at[1], register)).then(|| {
            let mut new = first.clone();
            new.operands[0] = second.operand(0).to_owned();
            (2, vec![new])
        })
    }

    fn at(&self, at: usize) -> Option<&Operation> {
        self.lines.get(at)?.operation()
    }

    /// Whether nothing reads a register any more behind a line, itself already done.
    fn is_dead_after(&self, at: usize, register: &str) -> bool {
        if self.at(at).is_some_and(|o| o.sets() == Some(register)) {
            return true;
        }
        let mut seen = HashSet::new();
        let mut open = vec![at + 1];
        while let Some(mut at) = open.pop() {
            loop {
                if !seen.insert(at) {
                    break;
                }
                match self.lines.get(at) {
                    None | Some(Line::Assembly(_)) => return false,
                    Some(Line::Label(_) | Line::Other(_)) => {}
                    Some(Line::Operation(operation)) => {
                        if operation.reads(register) || operation.is("jx") {
                            return false;
                        }
                        if operation.sets() == Some(register) || operation.name.starts_with("ill") {
                            break;
                        }
                        if operation.is_call() || operation.name.starts_with("ret") {
                            // The registers that a function need not keep, and that are no
                            // argument or result.
                            if !matches!(register, "a8" | "a9" | "a10" | "a11") {
                                return false;
                            }
                            break;
                        }
                        if operation.is_branch() || operation.is("j") {
                            let to = operation.operands.last().map_or("", String::as_str);
                            match self.labels.get(to) {
                                Some(label) => open.push(*label),
                                None => return false,
                            }
                        }
                        if operation.never_goes_on() {
                            break;
                        }
                    }
                }
                at += 1;
            }
        }
        true
    }
}

/// What an operation copies, where it does nothing else.
fn copy(operation: &Operation) -> Option<&str> {
    let copies = match operation.name.as_str() {
        "or" => operation.operand(1) == operation.operand(2),
        "addi" => operation.number(2) == Some(0),
        _ => false,
    };
    copies.then(|| operation.operand(1))
}

/// The operand of a sum that is not that register.
fn other<'o>(sum: &'o Operation, register: &str) -> Option<&'o str> {
    match (sum.operand(1), sum.operand(2)) {
        (base, added) | (added, base) if added == register && base != register => Some(base),
        _ => None,
    }
}

/// An access at `register` as one at `base`, `more` bytes on; where that exists.
fn with_offset(access: &Operation, register: &str, base: &str, more: i32) -> Option<Operation> {
    let size = match access.name.as_str() {
        "l32i" | "s32i" => 4,
        "l16ui" | "l16si" | "s16i" => 2,
        "l8ui" | "s8i" => 1,
        _ => return None,
    };
    let offset = access.number(2)?.checked_add(more)?;
    let stores_it = access.is_store() && access.operand(0) == register;
    let fits = (0..=255 * size).contains(&offset) && offset % size == 0;
    (fits && !stores_it && access.operand(1) == register).then(|| {
        let offset = offset.to_string();
        Operation::new(&access.name, &[access.operand(0), base, &offset])
    })
}
