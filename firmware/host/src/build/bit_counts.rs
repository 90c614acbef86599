//! Rewrites LLVM IR so that bits are counted by the core's own instruction.
//!
//! The back end expands `llvm.ctlz` to 28 instructions and `llvm.cttz` to 20, though both ABIs have
//! `nsau`, which counts the zeros above the highest bit (32 if there is none): 1 and 5 to 7
//! instructions with it.

use std::borrow::Cow;

/// The text with every count of 32 bits replaced.
pub fn rewrite(ir: &str) -> Cow<'_, str> {
    if !ir.contains("@llvm.ctlz.i32") && !ir.contains("@llvm.cttz.i32") {
        return Cow::Borrowed(ir);
    }
    let mut text = String::with_capacity(ir.len());
    for line in ir.split_inclusive('\n') {
        match Count::read(line) {
            Some(count) => count.write(&mut text),
            None => text.push_str(line),
        }
    }
    Cow::Owned(text)
}

/// One call.
struct Count<'l> {
    result: &'l str,
    of: &'l str,
    /// Zeros below the lowest bit rather than above the highest.
    trailing: bool,
    /// The count of nothing is 32 rather than anything.
    of_nothing: bool,
}

impl<'l> Count<'l> {
    /// `  %3 = tail call range(i32 0, 33) i32 @llvm.ctlz.i32(i32 %2, i1 true), !dbg !4`
    fn read(line: &'l str) -> Option<Self> {
        let (result, call) = line.trim_start().split_once(" = ")?;
        let (before, arguments) = call.split_once(" i32 @llvm.ct")?;
        if !before.contains("call") || !result.starts_with('%') {
            return None;
        }
        let (trailing, arguments) = match arguments.split_once("z.i32(i32 ")? {
            ("t", arguments) => (true, arguments),
            ("l", arguments) => (false, arguments),
            _ => return None,
        };
        let (of, rest) = arguments.split_once(", i1 ")?;
        // What stands before the value says something about it: `range(i32 8, 0) %2`.
        let value = of.find(['%', '@']).or(of.rfind(' ').map(|space| space + 1));
        let of = &of[value.unwrap_or(0)..];
        Some(Count {
            result,
            of,
            trailing,
            of_nothing: rest.starts_with("false"),
        })
    }

    fn write(&self, text: &mut String) {
        let Count { result, of, .. } = self;
        // Names of its own: numbers must stay without gaps.
        let name = format!(
            "%count.{}",
            result.trim_start_matches('%').trim_matches('"')
        );
        let nsau = |of: &str| format!("call i32 asm \"nsau $0, $1\", \"=r,r\"(i32 {of})");
        let lines = match (self.trailing, self.of_nothing) {
            (false, _) => vec![format!("{result} = {}", nsau(of))],
            // The lowest bit alone.
            (true, false) => vec![
                format!("{name}.a = sub i32 0, {of}"),
                format!("{name}.b = and i32 {name}.a, {of}"),
                format!("{name}.c = {}", nsau(&format!("{name}.b"))),
                format!("{result} = sub i32 31, {name}.c"),
            ],
            // All bits below the lowest one.
            (true, true) => vec![
                format!("{name}.a = add i32 {of}, -1"),
                format!("{name}.n = xor i32 {of}, -1"),
                format!("{name}.b = and i32 {name}.a, {name}.n"),
                format!("{name}.c = {}", nsau(&format!("{name}.b"))),
                format!("{result} = sub i32 32, {name}.c"),
            ],
        };
        for line in lines {
            text.push_str("  ");
            text.push_str(&line);
            text.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_replaced() {
        let line =
            "  %3 = tail call range(i32 0, 33) i32 @llvm.ctlz.i32(i32 %2, i1 false), !dbg !4\n";
        assert_eq!(
            rewrite(line),
            "  %3 = call i32 asm \"nsau $0, $1\", \"=r,r\"(i32 %2)\n"
        );
        let line = "  %x = call i32 @llvm.cttz.i32(i32 %y, i1 true)\n";
        let text = rewrite(line);
        assert!(
            text.contains("%count.x.b = and i32 %count.x.a, %y\n"),
            "{text}"
        );
        assert!(text.ends_with("%x = sub i32 31, %count.x.c\n"), "{text}");
        let known = line.replace("%y", "range(i32 8, 0) %y");
        assert_eq!(rewrite(&known), text);
        let nothing = line.replace("true", "false");
        assert!(rewrite(&nothing).contains("%x = sub i32 32"));
    }

    #[test]
    fn all_else_stays() {
        for line in [
            "declare i32 @llvm.ctlz.i32(i32, i1 immarg) #1\n",
            "  %3 = call i64 @llvm.ctlz.i64(i64 %2, i1 false)\n",
            "  ret i32 %3\n",
        ] {
            assert_eq!(rewrite(line), line);
        }
    }
}
