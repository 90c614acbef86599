use std::collections::HashSet;

use super::*;
use crate::build;
use crate::module_file::{parse, plan};
use crate::setup;
use crate::workspace::Workspace;

/// The smallest module of this repository.
fn limiter() -> Vec<u8> {
    module("limiter")
}

fn module(name: &str) -> Vec<u8> {
    let workspace = Workspace::find().unwrap();
    let toolchain = setup::ensure(&workspace).unwrap();
    let folder = workspace.firmware("modules").join(name);
    let file = tempfile::tempdir().unwrap();
    let path = file.path().join("module.elf");
    let path = build::module(&toolchain, &workspace, &folder, Some(&path)).unwrap();
    std::fs::read(path).unwrap()
}

/// What the real loader makes of a file.
fn loaded(bytes: &[u8]) -> Result<(), String> {
    plan(&parse(bytes)?).map(drop)
}

/// The files that the loader treats otherwise than it must.
fn mistreated(corpus: &[Malformed]) -> Vec<String> {
    let mut wrong = Vec::new();
    for Malformed {
        name, bytes, must, ..
    } in corpus
    {
        let is = loaded(bytes);
        let right = match (must, &is) {
            (Must::Refuse(words), Err(sentence)) => sentence.contains(words.as_str()),
            (Must::Load, Ok(())) | (Must::Contain, _) => true,
            _ => false,
        };
        if !right {
            wrong.push(format!("{name}: must {must:?}, is {is:?}"));
        }
    }
    wrong
}

#[test]
fn the_loader_treats_every_file_as_it_must() {
    let good = limiter();
    assert_eq!(loaded(&good), Ok(()));
    let corpus = corpus(&good);
    assert!((200..=800).contains(&corpus.len()), "{}", corpus.len());
    assert_eq!(mistreated(&corpus), [""; 0]);
}

/// What is said of a file holds for whatever it was made from.
#[test]
fn it_does_so_with_files_of_other_modules() {
    for name in ["equaliser", "probe"] {
        let good = module(name);
        let corpus = corpus(&good);
        assert!(corpus.len() > 500, "{name}: {}", corpus.len());
        assert_eq!(mistreated(&corpus), [""; 0], "{name}");
    }
}

#[test]
fn every_file_is_another_and_has_a_name_of_its_own() {
    let corpus = corpus(&limiter());
    let names: HashSet<&str> = corpus.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names.len(), corpus.len());
    for file in &corpus {
        assert!(
            file.name.len() <= 60 && !file.what.contains('\n'),
            "{}",
            file.name
        );
    }
    for needed in [
        "e_machine = 0",
        "segment 1 one byte past the end of the file",
        "relocation 17 r_offset = 0x3000",
        "cut one byte behind the end of program header 2",
    ] {
        assert!(names.contains(needed), "{needed}");
    }
    // Most say what must become of them.
    let open = corpus
        .iter()
        .filter(|file| file.must == Must::Contain)
        .count();
    assert!(4 * open < corpus.len(), "{open} of {}", corpus.len());
}

#[test]
fn of_what_is_no_module_nothing_is_made() {
    let good = limiter();
    for bytes in [&[][..], b"\x7fELF", &good[..52], &good[..300]] {
        assert!(corpus(bytes).is_empty(), "{}", bytes.len());
    }
}
