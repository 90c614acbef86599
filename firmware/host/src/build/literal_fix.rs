//! Rewrites LLVM IR around a defect of the Xtensa back end.
//!
//! In `(x << k) + C` with k of 1 to 3 it takes the instruction that scales and adds, which wants
//! a register, but leaves `C` as a constant where `C` is one that `addmi` could add: a multiple
//! of 256 outside 12 bits and within 16. It then stops with "Cannot select". Here each such
//! constant goes through an empty inline assembly, which puts it into a register.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write;

/// The IR with every constant hidden that may meet the defect. In the functions named `strict`
/// more is hidden: whatever takes part in scaling or in adding such constants.
pub fn rewrite(ir: &str, strict: &BTreeSet<String>) -> String {
    let mut output = String::with_capacity(ir.len() + ir.len() / 64);
    let mut hidden = 0;
    let mut lines = ir.lines().peekable();
    while let Some(line) = lines.next() {
        output.push_str(line);
        output.push('\n');
        if !line.starts_with("define ") {
            continue;
        }
        let mut body = Vec::new();
        while let Some(line) = lines.next_if(|line| *line != "}") {
            body.push(line);
        }
        let strict = function_name(line).is_some_and(|name| strict.contains(name));
        Function::new(&body, strict).rewrite(&body, &mut output, &mut hidden);
    }
    output
}

/// The function in which the back end gave up, from its message.
pub fn failed_function(message: &str) -> Option<&str> {
    message.contains("Cannot select").then(|| {
        message
            .lines()
            .find_map(|line| line.trim().strip_prefix("In function: "))
    })?
}

/// The name in a function's first line: `define internal i32 @"a b"(i32 %x) {`.
fn function_name(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once('@')?;
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => rest.split('(').next(),
    }
}

/// What must be known of a function to rewrite it line by line.
struct Function<'a> {
    /// Values that are multiplied by a power of two or may be.
    scaled: HashSet<&'a str>,
    /// Pointers that were plain numbers.
    numbers: HashSet<&'a str>,
    strict: bool,
}

impl<'a> Function<'a> {
    fn new(body: &[&'a str], strict: bool) -> Function<'a> {
        let mut function = Function {
            scaled: HashSet::new(),
            numbers: HashSet::new(),
            strict,
        };
        // Backwards: what is converted and then scaled is scaled.
        for line in body.iter().rev() {
            let Some((result, operation)) = assignment(line) else {
                continue;
            };
            if let Some(parts) = Arithmetic::parse(operation)
                && matches!(parts.name, "shl" | "mul")
            {
                function.scaled.insert(parts.left);
            } else if function.scaled.contains(result)
                && let Some(source) = converted(operation)
            {
                function.scaled.insert(source);
            }
        }
        for line in body {
            let Some((result, operation)) = assignment(line) else {
                continue;
            };
            let is_number = operation.starts_with("inttoptr ")
                || Pointer::parse(operation).is_some_and(|pointer| {
                    pointer.base == "null"
                        || pointer.base.starts_with("inttoptr (")
                        || function.numbers.contains(pointer.base)
                });
            if is_number {
                function.numbers.insert(result);
            }
        }
        function
    }

    fn rewrite(&self, body: &[&str], output: &mut String, hidden: &mut usize) {
        for line in body {
            let rewritten = assignment(line)
                .and_then(|(result, operation)| self.rewrite_line(line, result, operation, hidden));
            output.push_str(rewritten.as_deref().unwrap_or(line));
            output.push('\n');
        }
    }

    /// The lines that take the place of one, or `None` where it may stay.
    fn rewrite_line(
        &self,
        line: &str,
        result: &str,
        operation: &str,
        hidden: &mut usize,
    ) -> Option<String> {
        if let Some(parts) = Arithmetic::parse(operation) {
            return match parts.name {
                "add" | "sub" => self.hide_term(line, result, &parts, hidden),
                _ if self.strict && parts.width == 32 && parts.right_constant().is_some() => {
                    Some(hide_scaling(line, result, &parts, hidden))
                }
                _ => None,
            };
        }
        let pointer = Pointer::parse(operation)?;
        if pointer.base.starts_with("inttoptr (") && pointer.index.starts_with('%') {
            let (name, setup) = hide("ptr", pointer.base, hidden);
            return Some(setup + &line.replacen(pointer.base, &name, 1));
        }
        let offset: i64 = pointer.index.parse().ok()?;
        let meets = is_addmi(offset) && pointer.element == "i8";
        if !meets || !(self.strict || self.numbers.contains(pointer.base)) {
            return None;
        }
        let (name, setup) = hide("i32", &(offset as i32).to_string(), hidden);
        let (before, after) = line.rsplit_once(&format!("{} {}", pointer.index_type, offset))?;
        Some(format!("{setup}{before}i32 {name}{after}"))
    }

    /// Hides the constant of an addition.
    fn hide_term(
        &self,
        line: &str,
        result: &str,
        parts: &Arithmetic<'_>,
        hidden: &mut usize,
    ) -> Option<String> {
        let (constant, is_right) = match (parts.left_constant(), parts.right_constant()) {
            (_, Some(constant)) => (constant, true),
            (Some(constant), None) if parts.name == "add" => (constant, false),
            _ => return None,
        };
        let added = if parts.name == "sub" {
            constant.wrapping_neg()
        } else {
            constant
        };
        let shifts = if self.strict || self.scaled.contains(result) {
            0..=3
        } else {
            0..=0
        };
        if !shifts
            .into_iter()
            .any(|shift| meets_addmi(added, shift, parts.width))
        {
            return None;
        }
        let (name, setup) = hide_integer(constant, parts.width, hidden);
        let text = constant.to_string();
        let (old, new) = if is_right {
            (
                format!("{}, {text}", parts.left),
                format!("{}, {name}", parts.left),
            )
        } else {
            (
                format!("{text}, {}", parts.right),
                format!("{name}, {}", parts.right),
            )
        };
        Some(setup + &line.replacen(&old, &new, 1))
    }
}

/// Sets a scaling apart from what comes before and after it.
fn hide_scaling(line: &str, result: &str, parts: &Arithmetic<'_>, hidden: &mut usize) -> String {
    let (operand, mut text) = hide("i32", parts.left, hidden);
    *hidden += 1;
    let alone = format!("%alone.{hidden}");
    let scaling = line
        .replacen(&format!("{result} ="), &format!("{alone} ="), 1)
        .replacen(&format!("{},", parts.left), &format!("{operand},"), 1);
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "{scaling}\n  {result} = {}",
        through_register("i32", &alone)
    );
    text
}

/// A value that went through a register: its new name, and the line that sets it.
fn hide(kind: &str, value: &str, hidden: &mut usize) -> (String, String) {
    *hidden += 1;
    let name = format!("%hidden.{hidden}");
    let line = format!("  {name} = {}\n", through_register(kind, value));
    (name, line)
}

fn through_register(kind: &str, value: &str) -> String {
    format!("call {kind} asm \"\", \"=r,0\"({kind} {value})")
}

/// A constant of any width of which the lower word goes through a register.
fn hide_integer(constant: i64, width: u32, hidden: &mut usize) -> (String, String) {
    let (name, mut setup) = hide("i32", &(constant as i32).to_string(), hidden);
    if width == 32 {
        return (name, setup);
    }
    let wide = format!("{name}.wide");
    let operation = if width < 32 { "trunc" } else { "zext" };
    let _ = writeln!(setup, "  {wide} = {operation} i32 {name} to i{width}");
    let upper = constant & !0xffff_ffff;
    if width < 32 || upper == 0 {
        return (wide, setup);
    }
    let whole = format!("{name}.whole");
    let _ = writeln!(setup, "  {whole} = or i{width} {wide}, {upper}");
    (whole, setup)
}

/// Whether a constant, scaled, is one that the back end leaves in place.
fn meets_addmi(constant: i64, shift: u32, width: u32) -> bool {
    let scaled = constant.wrapping_shl(shift);
    // Narrow values may be widened either way.
    let unsigned = if width < 32 {
        scaled & ((1 << width) - 1)
    } else {
        scaled
    };
    is_addmi(scaled) || is_addmi(unsigned)
}

fn is_addmi(constant: i64) -> bool {
    let word = constant as i32;
    word % 256 == 0 && !(-2048..=2047).contains(&word) && (-32768..=32512).contains(&word)
}

/// `%name = operation` of a line.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let (result, operation) = line.trim_start().split_once(" = ")?;
    result.starts_with('%').then_some((result, operation))
}

/// The value that a conversion takes.
fn converted(operation: &str) -> Option<&str> {
    let mut words = operation.split_whitespace();
    let conversion = words.next()?;
    if !matches!(conversion, "zext" | "sext" | "trunc" | "freeze") {
        return None;
    }
    words
        .find(|word| word.starts_with('%'))
        .map(|word| word.trim_end_matches(','))
}

/// An operation on two integers.
struct Arithmetic<'a> {
    name: &'a str,
    width: u32,
    left: &'a str,
    right: &'a str,
}

impl<'a> Arithmetic<'a> {
    /// Reads `add nuw i32 %x, 2048, !dbg !7`.
    fn parse(operation: &'a str) -> Option<Arithmetic<'a>> {
        let (name, mut rest) = operation.split_once(' ')?;
        if !matches!(name, "add" | "sub" | "shl" | "mul") {
            return None;
        }
        loop {
            let (word, after) = rest.split_once(' ')?;
            rest = after;
            if matches!(word, "nuw" | "nsw") {
                continue;
            }
            let width: u32 = word.strip_prefix('i')?.parse().ok()?;
            let mut operands = rest.split(", ");
            let (left, right) = (operands.next()?, operands.next()?);
            return (width <= 64).then_some(Arithmetic {
                name,
                width,
                left,
                right,
            });
        }
    }

    fn left_constant(&self) -> Option<i64> {
        self.left.parse().ok()
    }

    fn right_constant(&self) -> Option<i64> {
        self.right.parse().ok()
    }
}

/// A pointer moved by one index.
struct Pointer<'a> {
    element: &'a str,
    base: &'a str,
    index_type: &'a str,
    index: &'a str,
}

impl<'a> Pointer<'a> {
    /// Reads `getelementptr inbounds i8, ptr %p, i32 2048, !dbg !7`.
    fn parse(operation: &'a str) -> Option<Pointer<'a>> {
        let rest = operation.strip_prefix("getelementptr ")?;
        let (head, rest) = rest.split_once(", ptr ")?;
        let element = head.rsplit(' ').next()?;
        let end = if rest.starts_with("inttoptr (") {
            rest.find(')')? + 1
        } else {
            rest.find(',')?
        };
        let (base, rest) = (&rest[..end], rest[end..].strip_prefix(", ")?);
        let (index_type, index) = rest.split(", ").next()?.split_once(' ')?;
        Some(Pointer {
            element,
            base,
            index_type,
            index,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(body: &str) -> String {
        format!("define i32 @f(i32 %x, ptr %p) {{\n{body}\n}}\n")
    }

    fn plain(body: &str) -> String {
        rewrite(&function(body), &BTreeSet::new())
    }

    fn strict(body: &str) -> String {
        rewrite(&function(body), &BTreeSet::from([String::from("f")]))
    }

    #[test]
    fn hides_constants_that_addmi_would_take() {
        let text = plain("  %s = shl i32 %x, 3\n  %r = add nuw nsw i32 %s, 2048, !dbg !7");
        assert!(
            text.contains("  %hidden.1 = call i32 asm \"\", \"=r,0\"(i32 2048)\n"),
            "{text}"
        );
        assert!(
            text.contains("  %r = add nuw nsw i32 %s, %hidden.1, !dbg !7\n"),
            "{text}"
        );
        let text = plain("  %r = sub i32 %x, 4096");
        assert!(text.contains("%r = sub i32 %x, %hidden.1"), "{text}");
        let text = plain("  %r = add i32 2048, %x");
        assert!(text.contains("%r = add i32 %hidden.1, %x"), "{text}");
    }

    #[test]
    fn leaves_everything_else_alone() {
        for line in [
            "  %r = add i32 %x, 2047",
            "  %r = add i32 %x, 1024",
            "  %r = add i32 %x, 2049",
            "  %r = add i32 %x, 65536",
            "  %r = add i32 %x, %x",
            "  %r = sub i32 2048, %x",
            "  %r = mul i32 %x, 2048",
            "  %r = or i32 %x, 2048",
            "  %r = add <2 x i32> %v, splat (i32 2048)",
            "  %r = getelementptr i8, ptr %p, i32 2048",
            "  store i32 2048, ptr %p",
            "  ; %r = a comment",
        ] {
            assert_eq!(plain(line), function(line), "{line}");
        }
        assert_eq!(
            rewrite("  %r = add i32 %x, 2048\n", &BTreeSet::new()),
            "  %r = add i32 %x, 2048\n"
        );
    }

    #[test]
    fn hides_what_becomes_such_a_constant_by_scaling() {
        let text = plain("  %a = add i32 %x, 256\n  %r = shl i32 %a, 3");
        assert!(text.contains("%a = add i32 %x, %hidden.1"), "{text}");
        let text = plain("  %a = add i16 %h, 256\n  %z = zext i16 %a to i32\n  %r = mul i32 %z, 8");
        assert!(
            text.contains("%hidden.1.wide = trunc i32 %hidden.1 to i16"),
            "{text}"
        );
        assert!(text.contains("%a = add i16 %h, %hidden.1.wide"), "{text}");
        let unscaled = "  %a = add i32 %x, 256";
        assert_eq!(plain(unscaled), function(unscaled));
    }

    #[test]
    fn wide_constants_keep_their_upper_word() {
        let text = plain("  %r = add i64 %l, -2304");
        assert!(text.contains("asm \"\", \"=r,0\"(i32 -2304)"), "{text}");
        assert!(
            text.contains("%hidden.1.wide = zext i32 %hidden.1 to i64"),
            "{text}"
        );
        assert!(
            text.contains("%hidden.1.whole = or i64 %hidden.1.wide, -4294967296"),
            "{text}"
        );
        assert!(text.contains("%r = add i64 %l, %hidden.1.whole"), "{text}");
    }

    #[test]
    fn pointers_made_of_numbers_are_sums_too() {
        let text = plain(
            "  %q = inttoptr i32 %x to ptr\n  %r = getelementptr inbounds i8, ptr %q, i32 2048",
        );
        assert!(
            text.contains("%r = getelementptr inbounds i8, ptr %q, i32 %hidden.1"),
            "{text}"
        );
        let text = plain("  %r = getelementptr i64, ptr inttoptr (i32 2048 to ptr), i32 %x");
        assert!(
            text.contains("call ptr asm \"\", \"=r,0\"(ptr inttoptr (i32 2048 to ptr))"),
            "{text}"
        );
        assert!(
            text.contains("%r = getelementptr i64, ptr %hidden.1, i32 %x"),
            "{text}"
        );
    }

    #[test]
    fn where_the_back_end_gave_up_more_is_hidden() {
        let message = "LLVM ERROR: Cannot select: 0x5: i32 = Constant<2048>\nIn function: f\n";
        assert_eq!(failed_function(message), Some("f"));
        assert_eq!(failed_function("In function: f"), None);
        let text = strict("  %r = getelementptr i8, ptr %p, i32 2048");
        assert!(text.contains("ptr %p, i32 %hidden.1"), "{text}");
        let text = strict("  %s = shl nuw i32 %x, 3, !dbg !1");
        assert!(
            text.contains("  %alone.2 = shl nuw i32 %hidden.1, 3, !dbg !1\n"),
            "{text}"
        );
        assert!(
            text.contains("  %s = call i32 asm \"\", \"=r,0\"(i32 %alone.2)\n"),
            "{text}"
        );
        assert_eq!(function_name("define void @\"a b\"(i32 %x) {"), Some("a b"));
    }
}
