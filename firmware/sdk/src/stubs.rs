//! The system-call stubs, written out from [`Call::ALL`] so that no number is written twice. The
//! build of a module assembles them beside `start.S`.

use std::fmt::Write;

use abi::Call;

/// The name of a call's stub.
#[must_use]
pub fn symbol(call: Call) -> String {
    format!("bulkhead_{}", call.name())
}

/// Assembly of every stub, for windowed code: the arguments of the caller's `a10` to `a15` arrive
/// in `a2` to `a7`, which is where the system call wants them.
#[must_use]
pub fn assembly() -> String {
    let mut text = String::from("# Generated from the ABI's list of calls.\n");
    for call in Call::ALL {
        let name = symbol(call);
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            r#"
    .section .text.{name}, "ax", @progbits
    .p2align 2
    .global {name}
    .type {name}, @function
{name}:
    entry   a1, 32
    movi    a8, {number}
    syscall
    retw
    .size {name}, . - {name}
"#,
            number = call.number(),
        );
    }
    text.push_str("\n    .section .note.GNU-stack, \"\", @progbits\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_has_a_stub_with_its_number() {
        let text = assembly();
        for call in Call::ALL {
            let body = format!(
                "{}:\n    entry   a1, 32\n    movi    a8, {}\n    syscall\n    retw\n",
                symbol(call),
                call.number()
            );
            assert!(text.contains(&body), "{call:?}");
        }
    }
}
