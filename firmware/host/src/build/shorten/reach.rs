//! Branches, by how far they reach.

use std::collections::HashMap;

use super::line::{Line, Operation};

/// How far a branch reaches from its first byte.
const NEAR: std::ops::RangeInclusive<i32> = -124..=131;
/// One that compares with zero.
const FAR: std::ops::RangeInclusive<i32> = -2044..=2051;
/// One of two bytes.
const NARROW: std::ops::RangeInclusive<i32> = 4..=67;

/// Leaves out jumps where the branch around them reaches as far, and takes the branches of two
/// bytes. Instructions only become shorter, so that what reaches goes on to reach.
pub fn shorten_branches(lines: &mut Vec<Line<'_>>) {
    loop {
        let places = places(lines);
        let mut kept = vec![true; lines.len()];
        for at in 0..lines.len() {
            let Some(new) = without_jump(lines, &places, at) else {
                continue;
            };
            let (jump, branch) = new;
            if kept[jump] {
                kept[jump] = false;
                if let Some(branch) = branch {
                    lines[at] = Line::Operation(branch);
                }
            }
        }
        if kept.iter().all(|kept| *kept) {
            break;
        }
        let mut kept = kept.into_iter();
        lines.retain(|_| kept.next().unwrap_or(true));
    }
    let places = places(lines);
    for (at, line) in lines.iter_mut().enumerate() {
        let Some(operation) = line.operation_mut() else {
            continue;
        };
        if matches!(operation.name.as_str(), "beqz" | "bnez")
            && let Some(to) = places.labels.get(operation.operand(1))
            && NARROW.contains(&(to - places.lines[at]))
        {
            operation.name.push_str(".n");
        }
    }
}

/// Where everything is, in bytes from the start of the file.
struct Places {
    lines: Vec<i32>,
    labels: HashMap<String, i32>,
}

fn places(lines: &[Line<'_>]) -> Places {
    let mut place = 0;
    let mut places = Places {
        lines: Vec::with_capacity(lines.len()),
        labels: HashMap::new(),
    };
    for line in lines {
        places.lines.push(place);
        place += match line {
            Line::Operation(operation) => operation.bytes(),
            Line::Assembly(text) | Line::Other(text) => bytes_of(text),
            Line::Label(label) => {
                places.labels.insert((*label).to_owned(), place);
                0
            }
        };
    }
    places
}

/// The most bytes that a line of inline assembly or a directive makes.
fn bytes_of(text: &str) -> i32 {
    let mut words = text.split_whitespace();
    let count = text.split(',').count() as i32;
    match words.next() {
        None => 0,
        Some(".byte") => count,
        Some(".short") => 2 * count,
        Some(".long" | ".word") => 4 * count,
        Some(".p2align") => 4,
        Some(first) if first.starts_with(['.', '#']) || first.ends_with(':') => 0,
        Some(_) => 3,
    }
}

/// The jump behind a line that can go, and what the branch on that line becomes: a jump to the next
/// line, or a branch around a jump.
fn without_jump(
    lines: &[Line<'_>],
    places: &Places,
    at: usize,
) -> Option<(usize, Option<Operation>)> {
    let branch = lines[at].operation()?;
    let is_code = |line: &&Line<'_>| !matches!(line, Line::Other(_));
    let next = |at: usize| {
        let ahead = lines[at + 1..].iter().position(|line| is_code(&line))?;
        Some(at + 1 + ahead)
    };
    let is_label = |at: usize, label: &str| matches!(lines[at], Line::Label(l) if l == label);
    if branch.is("j") {
        return is_label(next(at)?, branch.operand(0)).then_some((at, None));
    }
    let around = branch.is_branch().then(|| branch.operands.last())??;
    let jump_at = next(at)?;
    let jump = lines[jump_at].operation().filter(|o| o.is("j"))?;
    if !is_label(next(jump_at)?, around) {
        return None;
    }
    let to = jump.operand(0);
    let distance = places.labels.get(to)? - places.lines[at];
    let opposite = opposite(&branch.name)?;
    let reach = if branch.operands.len() == 2 {
        FAR
    } else {
        NEAR
    };
    reach.contains(&distance).then(|| {
        let mut operands = branch.operands.clone();
        operands.pop();
        operands.push(to.to_owned());
        let name = opposite.to_owned();
        (jump_at, Some(Operation { name, operands }))
    })
}

/// The branch that is taken where the other is not.
fn opposite(branch: &str) -> Option<&'static str> {
    const PAIRS: &[(&str, &str)] = &[
        ("beq", "bne"),
        ("beqi", "bnei"),
        ("beqz", "bnez"),
        ("bge", "blt"),
        ("bgei", "blti"),
        ("bgeu", "bltu"),
        ("bgeui", "bltui"),
        ("bgez", "bltz"),
        ("ball", "bnall"),
        ("bany", "bnone"),
        ("bbc", "bbs"),
        ("bbci", "bbsi"),
    ];
    PAIRS.iter().find_map(|(one, other)| match branch {
        _ if branch == *one => Some(*other),
        _ if branch == *other => Some(*one),
        _ => None,
    })
}
