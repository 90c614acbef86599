//! Every error that the kernel reports comes back from its words as itself.

use std::collections::BTreeSet;
use std::fmt::{Debug, Display};

use kernel::install::InstallError;
use kernel::loader::{DynamicField, FilePart, LoadError};
use kernel::pipeline::request::RequestError;
use kernel::report::words::{InWords, LONGEST, Words};
use kernel::session::Failed;

/// More than any error has variants.
const CODES: u32 = 40;

/// Reads every error that words can say, writes it and reads it again. The errors' sentences.
fn walk<E: InWords + PartialEq + Debug + Display>() -> BTreeSet<String> {
    let mut sentences = BTreeSet::new();
    for_each::<E>(|error| {
        sentences.insert(error.to_string());
    });
    sentences
}

/// The same, with something else to do for each.
fn for_each<E: InWords + PartialEq + Debug>(mut act: impl FnMut(E)) {
    // Three words that may be codes; what follows are values, which an error may not need.
    for number in 0..CODES * CODES * CODES {
        let codes = [
            number / CODES / CODES,
            number / CODES % CODES,
            number % CODES,
        ];
        let words = [codes[0], codes[1], codes[2], 3, 4, 5];
        let Some(error) = Words::from(words).read::<E>() else {
            continue;
        };
        let written = Words::of(&error);
        let back: [u32; LONGEST] = written.into();
        let used = back.iter().rposition(|word| *word != 0).unwrap_or(0) + 1;
        assert_eq!(back[..used], words[..used], "{error:?}");
        assert_eq!(written.read(), Some(error));
        act(written.read::<E>().unwrap());
    }
}

#[test]
fn a_file_that_is_refused_to_a_request_is_refused_for_the_same_reason() {
    let mut count = 0;
    for_each::<LoadError>(|error| {
        let refused = RequestError::from(InstallError::from(error));
        assert_eq!(Words::of(&refused).read(), Some(refused));
        count += 1;
    });
    assert!(count > 27, "{count}");
}

#[test]
fn every_error_survives_its_words() {
    let load = walk::<LoadError>();
    let install = walk::<InstallError>();
    let failed = walk::<Failed>();
    for sentence in [
        "its ELF class is not 32-bit little-endian",
        "the relocation table runs past the end of the file",
        "its dynamic section has DT_PLTRELSZ = 0x3, which is invalid",
        "its entry point free at 0x3 is outside its text",
        "relocation 1 at 0x2 has type 3; R_XTENSA_RELATIVE, _32, _GLOB_DAT and _JMP_SLOT are known",
    ] {
        assert!(load.contains(sentence), "{sentence}");
    }
    for sentence in [
        "it wants 1 pages in all, its quota is 3",
        "all 4 places for modules are taken",
        "its region has an invalid size",
        "it has no loadable segment",
    ] {
        assert!(install.contains(sentence), "{sentence}");
    }
    for sentence in [
        "output.wav",
        "process returned 5",
        "all 3 records are used up by lifetime allocations",
        "not all that was taken came back",
        "its file was refused",
    ] {
        assert!(failed.contains(sentence), "{sentence}");
    }
}

#[test]
fn no_two_errors_have_the_same_code() {
    // Each is one of as many as there are codes that can be read.
    fn count<E: InWords>(second: u32) -> usize {
        let is_one = |first: &u32| {
            Words::from([*first, second, 1, 1, 1, 1])
                .read::<E>()
                .is_some()
        };
        (0..CODES).filter(is_one).count()
    }
    assert_eq!(count::<LoadError>(1), 27);
    assert_eq!(count::<InstallError>(1), 10);
    assert_eq!(count::<Failed>(1), 16);
    assert_eq!(count::<FilePart>(0), 6);
    assert_eq!(count::<DynamicField>(0), 7);
}
