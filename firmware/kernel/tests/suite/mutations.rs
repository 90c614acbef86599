//! Files with anything in them: refused, or sound.

use kernel::estate::Estate;
use mmu::PageCount;
use proptest::prelude::*;

use crate::builder::{FILE_HEADER, File, PROGRAM_HEADER, with_half, with_word};
use crate::rig::Rig;
use crate::soundness::{assert_estate_sound, parse};

/// Takes the file and installs it, or refuses; nothing stays behind in either case.
fn try_everything(bytes: &[u8], rig: &mut Rig) {
    let before = rig.system.resources();
    if let Ok(image) = parse(bytes)
        && let Ok(estate) = Estate::plan(&image, PageCount(512))
    {
        assert_estate_sound(&estate, &image, PageCount(512));
        rig.system.install(0, bytes).unwrap();
        assert!(rig.system.is_sound());
        rig.system.remove(0);
    }
    assert_eq!(rig.system.resources(), before);
}

/// Offsets of everything but text and data.
fn fields() -> Vec<usize> {
    let file = File::sound();
    let headers = FILE_HEADER + 5 * PROGRAM_HEADER;
    let constants = file.constants_offset();
    let end = constants + size_of::<abi::ModuleHeader>() + 5 * 8 + 4 * 12;
    (0..headers).chain(constants..end).collect()
}

#[test]
fn no_single_bit_makes_a_file_dangerous() {
    let sound = File::sound().bytes();
    for at in fields() {
        for bit in 0..8 {
            let mut bytes = sound.clone();
            bytes[at] ^= 1 << bit;
            if let Ok(image) = parse(&bytes)
                && let Ok(estate) = Estate::plan(&image, PageCount(512))
            {
                assert_estate_sound(&estate, &image, PageCount(512));
            }
        }
    }
}

#[test]
fn no_single_word_makes_a_file_dangerous() {
    let sound = File::sound().bytes();
    for at in fields().into_iter().filter(|at| at % 2 == 0) {
        for half in [0, 1, 0x7fff, 0x8000, 0xf000, 0xffff] {
            let _ = parse(&with_half(sound.clone(), at, half));
        }
        for word in [0, 1, 4, 0x7fff_ffff, 0x8000_0000, 0xffff_f000, u32::MAX] {
            let _ = parse(&with_word(sound.clone(), at, word));
        }
    }
}

fn any_word() -> impl Strategy<Value = u32> {
    prop_oneof![
        4 => 0..0x9000u32,
        2 => prop::sample::select(vec![0, 1, u32::MAX, 0x8000_0000, 0xffff_f000]),
        1 => any::<u32>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4096,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_few_words_make_a_file_dangerous(
        words in prop::collection::vec((prop::sample::select(fields()), any_word()), 1..5),
    ) {
        let mut bytes = File::sound().bytes();
        for (at, word) in words {
            bytes = with_word(bytes, at & !3, word);
        }
        if let Ok(image) = parse(&bytes)
            && let Ok(estate) = Estate::plan(&image, PageCount(512))
        {
            assert_estate_sound(&estate, &image, PageCount(512));
        }
    }

    #[test]
    fn no_bytes_make_the_loader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&bytes);
        let mut framed = File::sound().bytes()[..52].to_vec();
        framed.extend(&bytes);
        let _ = parse(&framed);
    }
}

#[test]
fn whatever_is_taken_can_be_installed_and_removed() {
    let sound = File::sound().bytes();
    let mut rig = Rig::new();
    let mut seed = 1u32;
    for at in fields() {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let mut bytes = sound.clone();
        bytes[at] ^= 1 << (seed >> 29);
        try_everything(&bytes, &mut rig);
    }
}
