use super::shorten;

/// The instructions and labels that come out, without the tab in front.
fn short(lines: &[&str]) -> Vec<String> {
    let input: String = lines
        .iter()
        .map(|line| match line.ends_with(':') || line.starts_with('#') {
            true => format!("{line}\n"),
            false => format!("\t{}\n", line.replacen(' ', "\t", 1)),
        })
        .collect();
    let output = shorten(&input.replace(".literal\t", ".literal "));
    let (code, _) = output.split_once("\t.section\t.literal").unwrap();
    let lines = code.lines().map(|line| line.trim().replace('\t', " "));
    lines.filter(|line| !line.starts_with('#')).collect()
}

/// The section of literals.
fn literals(input: &str) -> Vec<String> {
    let output = shorten(input);
    let (_, literals) = output.split_once(".p2align\t2\n").unwrap();
    literals
        .lines()
        .map(|line| line.trim().replace('\t', " "))
        .collect()
}

#[test]
fn functions_are_called_by_name() {
    let call = [
        ".literal .L0, f",
        "l32r a8, .L0",
        "l32r a2, .L0",
        "callx0 a8",
        "ret",
    ];
    assert_eq!(short(&call), ["l32r a2, .L0", "call0 f", "ret.n"]);
}

#[test]
fn an_address_that_something_else_may_read_stays() {
    for between in [
        "s32i a8, a1, 0",
        ".LBB0:",
        "callx0 a9",
        "j .LBB1",
        "#APP\n\tnop\n#NO_APP",
    ] {
        let call = [
            ".literal .L0, f",
            "l32r a8, .L0",
            between,
            "callx0 a8",
            "ret",
        ];
        assert!(
            short(&call).contains(&String::from("callx0 a8")),
            "{between}"
        );
    }
    let kept = [".literal .L0, f", "l32r a12, .L0", "callx0 a12", "ret"];
    assert_eq!(short(&kept), ["l32r a12, .L0", "callx0 a12", "ret.n"]);
}

#[test]
fn equal_literals_are_one_and_unread_ones_none() {
    let input = "\t.literal .L0, 70000\n\t.literal .L1, 70000\n\t.literal .L2, {\"a b\"}\n\
                 \t.literal .L3, 5\n\tl32r\ta2, .L1\n\tl32r\ta3, .L0\n\tl32r\ta4, .L2\n";
    assert_eq!(
        literals(input),
        [".L0:", ".long 70000", ".L2:", ".long \"{\\\"a b\\\"}\""]
    );
}

#[test]
fn what_two_bytes_can_say_has_two_bytes() {
    let pairs = [
        ("l32i a2, a3, 60", "l32i.n a2, a3, 60"),
        ("l32i a2, a3, 64", "l32i a2, a3, 64"),
        ("s32i a2, a3, 0", "s32i.n a2, a3, 0"),
        ("addi a2, a3, 15", "addi.n a2, a3, 15"),
        ("addi a2, a3, -1", "addi.n a2, a3, -1"),
        ("addi a2, a3, -2", "addi a2, a3, -2"),
        ("addi a2, a3, 0", "mov.n a2, a3"),
        ("movi a2, 95", "movi.n a2, 95"),
        ("movi a2, -33", "movi a2, -33"),
        ("add a2, a3, a4", "add.n a2, a3, a4"),
        ("or a2, a3, a3", "mov.n a2, a3"),
        ("or a2, a3, a4", "or a2, a3, a4"),
    ];
    for (long, narrow) in pairs {
        assert_eq!(short(&[long]), [narrow]);
    }
}

#[test]
fn a_far_place_of_the_stack_is_reached_in_two_instructions() {
    let address = ["movi a8, 244", "addmi a8, a8, 10496", "add a8, a1, a8"];
    let load = [&address[..], &["s32i a2, a8, 0", "ret"]].concat();
    assert_eq!(
        short(&load),
        ["addmi a8, a1, 10496", "s32i a2, a8, 244", "ret.n"]
    );
    // The address is read again.
    let twice = [&address[..], &["s32i a2, a8, 0", "s32i a3, a8, 4", "ret"]].concat();
    assert_eq!(
        short(&twice)[..2],
        ["addmi a8, a1, 10752", "addi a8, a8, -12"]
    );
    // The address is what is stored.
    let itself = [&address[..], &["s32i a8, a8, 0", "ret"]].concat();
    assert_eq!(short(&itself)[2], "s32i.n a8, a8, 0");
}

#[test]
fn an_offset_goes_into_the_access_only_if_the_address_is_not_read_again() {
    let once = ["addi a8, a3, 100", "l32i a2, a8, 4", "ret"];
    assert_eq!(short(&once), ["l32i a2, a3, 104", "ret.n"]);
    let itself = ["addi a8, a3, 100", "l32i a8, a8, 4", "mov a2, a8"];
    assert_eq!(short(&itself)[0], "l32i a8, a3, 104");
    let unaligned = ["addi a8, a3, 2", "l32i a2, a8, 4", "ret"];
    assert_eq!(short(&unaligned)[0], "addi.n a8, a3, 2");
    for reader in [
        "s32i a8, a1, 0",
        "callx0 a8",
        "jx a9",
        "moveqz a8, a2, a3",
        "#APP\n\tnop\n#NO_APP",
    ] {
        let again = ["addi a8, a3, 100", "l32i a2, a8, 4", reader, "ret"];
        assert_eq!(short(&again)[0], "addi a8, a3, 100", "{reader}");
    }
}

#[test]
fn a_branch_is_followed_to_find_who_reads() {
    let code = |there: &'static str| {
        short(&[
            "addi a8, a3, 100",
            "l32i a2, a8, 4",
            "beq a2, a3, .LBB0",
            "ret",
            ".LBB0:",
            there,
            "ret",
        ])
    };
    assert_eq!(code("add a2, a8, a2")[0], "addi a8, a3, 100");
    assert_eq!(code("movi a8, 1")[0], "l32i a2, a3, 104");
    // Registers that the caller wants back, and results, are read after the end.
    let kept = ["addi a12, a3, 100", "l32i a2, a12, 4", "ret"];
    assert_eq!(short(&kept)[0], "addi a12, a3, 100");
}

#[test]
fn a_value_is_made_where_it_goes() {
    let copied = ["sub a8, a3, a4", "or a2, a8, a8", "ret"];
    assert_eq!(short(&copied), ["sub a2, a3, a4", "ret.n"]);
    let read = ["sub a8, a3, a4", "or a2, a8, a8", "s32i a8, a1, 0", "ret"];
    assert_eq!(short(&read)[0], "sub a8, a3, a4");
}

/// A branch around a jump to a place so many instructions of three bytes away.
fn around(instructions: usize, backwards: bool) -> Vec<String> {
    let filling = vec!["xor a5, a6, a7"; instructions];
    let branch = ["bltu a2, a3, .LBB1", "j .LBB2", ".LBB1:"];
    let parts = if backwards {
        [&[".LBB2:"][..], &filling, &branch, &[], &["ret"]].concat()
    } else {
        [&branch[..], &filling, &[".LBB2:"], &[], &["ret"]].concat()
    };
    short(&parts)
}

#[test]
fn a_branch_goes_where_it_reaches() {
    for (instructions, backwards, reaches) in [
        (40, false, true),
        (41, false, true),
        (43, false, false),
        (41, true, true),
        (42, true, false),
    ] {
        let code = around(instructions, backwards);
        let direct = code.contains(&String::from("bgeu a2, a3, .LBB2"));
        assert_eq!(direct, reaches, "{instructions}, {backwards}");
        assert_eq!(code.contains(&String::from("j .LBB2")), !reaches);
    }
}

#[test]
fn a_jump_that_somebody_else_uses_stays() {
    let used = [
        "beqz a2, .LBB1",
        ".LBB0:",
        "j .LBB2",
        ".LBB1:",
        "xor a5, a6, a7",
        ".LBB2:",
        "j .LBB0",
    ];
    assert!(short(&used).contains(&String::from("j .LBB2")));
}

#[test]
fn a_jump_to_the_next_line_goes() {
    assert_eq!(short(&["j .LBB0", ".LBB0:", "ret"]), [".LBB0:", "ret.n"]);
}

#[test]
fn inline_assembly_stays_as_it_stands() {
    let by_hand = ["#APP\n\tor\ta2, a3, a3\n\tret\n#NO_APP", "or a2, a3, a3"];
    assert_eq!(short(&by_hand), ["or a2, a3, a3", "ret", "mov.n a2, a3"]);
}

#[test]
fn names_of_constants_may_hold_anything() {
    let line = "\"{a # b:\\\"}\":\n\t.size\t\"{a # b:\\\"}\", 1\n";
    assert!(shorten(line).starts_with(line));
}
