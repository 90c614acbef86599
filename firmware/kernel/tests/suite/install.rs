//! Installing and removing modules: what arrives, and that all of it comes back.

use kernel::config::{FRAMES, INSTANCES, MODULE_PAGES, PLATFORM};
use kernel::estate::{EstateError, Purpose};
use kernel::install::InstallError;
use kernel::loader::LoadError;
use kernel::report::Resources;
use mmu::{Access, PAGE_BYTES};

use crate::builder::{CONSTANTS, DATA, DATA_BYTES, DATA_WORD, File, START_WORD, TEXT, TEXT_BYTES};
use crate::rig::{Rig, twin};

/// As many modules as large as one may be have frames.
const LARGEST_THAT_FIT: usize = FRAMES / MODULE_PAGES.0 as usize;

/// A module as large as one may be.
fn largest() -> Vec<u8> {
    let mut file = File::sound();
    file.header.lifetime_bytes = 0;
    // Five pages of image, two of stack, one for messages.
    file.header.interim_bytes = (MODULE_PAGES.0 - 8) * PAGE_BYTES;
    file.bytes()
}

fn word(bytes: &[u8]) -> u32 {
    u32::from_le_bytes(bytes.try_into().unwrap())
}

fn installed() -> Rig {
    let mut rig = Rig::new();
    rig.system.install(0, &File::sound().bytes()).unwrap();
    rig.switch(0);
    rig
}

#[test]
fn text_arrives_and_its_tail_is_zero() {
    let mut rig = installed();
    let text = rig.start(0, Purpose::Text);
    for start in [text, twin(text)] {
        let seen = rig.see(start, 2 * PAGE_BYTES);
        let (bytes, tail) = seen.split_at(TEXT_BYTES as usize);
        assert_eq!(bytes, File::sound().text.bytes);
        assert!(tail.iter().all(|byte| *byte == 0));
    }
}

#[test]
fn data_arrives_with_its_zeros_and_one_relocated_word() {
    let mut rig = installed();
    let data = rig.start(0, Purpose::Data);
    let seen = rig.see(data, 2 * PAGE_BYTES);
    let (bytes, zeros) = seen.split_at(DATA_BYTES as usize);
    assert!(zeros.iter().all(|byte| *byte == 0), "BSS is not zero");
    let mut expected = File::sound().data.bytes;
    let at = (DATA_WORD - DATA) as usize;
    let linked = word(&expected[at..at + 4]);
    let moved = linked.wrapping_add(data.wrapping_sub(DATA));
    expected[at..at + 4].copy_from_slice(&moved.to_le_bytes());
    assert_eq!(bytes, expected);
}

#[test]
fn an_addend_is_added_or_refused_but_never_left_out() {
    let mut file = File::sound();
    file.relocations[2][2] = 0x10;
    let at = (DATA_WORD - DATA) as usize;
    let linked = word(&file.data.bytes[at..at + 4]);
    let mut rig = Rig::new();
    if rig.system.install(0, &file.bytes()).is_ok() {
        rig.switch(0);
        let data = rig.start(0, Purpose::Data);
        let bias = data.wrapping_sub(DATA);
        let seen = word(&rig.see(data + at as u32, 4));
        assert_eq!(seen, linked.wrapping_add(bias).wrapping_add(0x10));
    }
}

#[test]
fn constants_are_relocated_where_the_table_says_and_nowhere_else() {
    let mut rig = installed();
    let page = rig.start(0, Purpose::ReadOnly);
    let bias = page.wrapping_sub(CONSTANTS & !0xfff);
    let seen = rig.see(page + 0x10, 128);
    let at = (START_WORD - CONSTANTS) as usize;
    let header = File::sound().header;
    assert_eq!(word(&seen[at..at + 4]), header.start.wrapping_add(bias));
    assert_eq!(
        word(&seen[at + 4..at + 8]),
        header.entry[0].wrapping_add(bias)
    );
    assert_eq!(word(&seen[at + 8..at + 12]), header.entry[1]);
    assert_eq!(rig.see(page, 0x10), [0; 0x10]);
}

#[test]
fn the_entry_points_are_where_the_text_lies() {
    let rig = installed();
    let text = rig.start(0, Purpose::Text);
    let module = rig.system.instance(0).unwrap();
    assert_eq!(module.header.start, text);
    let linked = File::sound().header.entry;
    let moved = linked.map(|at| if at == 0 { 0 } else { at - TEXT + text });
    assert_eq!(module.header.entry, moved, "what it does not have stays 0");
    let stack = rig.start(0, Purpose::Stack);
    assert_eq!(module.stack_top(), stack + 2 * PAGE_BYTES);
}

#[test]
fn every_page_of_the_slot_has_exactly_its_rights() {
    let mut rig = installed();
    let module = rig.system.instance(0).unwrap();
    let (base, estate) = (module.base(), module.estate.clone());
    for page in 0..mmu::SLOT_PAGES {
        let part = (estate.parts().iter())
            .find(|part| page >= part.first && page < part.first + part.pages.0);
        for start in [base, twin(base)] {
            for (access, cause) in [
                (Access::Read, 28),
                (Access::Write, 29),
                (Access::Execute, 20),
            ] {
                let may = part.is_some_and(|part| part.rights.contains(access.needs()));
                let done = rig.access(access, start + page * PAGE_BYTES + 17);
                let expected = if may { None } else { Some(cause) };
                assert_eq!(done.err(), expected, "{access:?} of page {page}");
            }
        }
    }
}

#[test]
fn the_whole_estate_is_zero_but_for_the_image() {
    let mut rig = installed();
    for (purpose, pages) in [(Purpose::Stack, 2), (Purpose::Region, 3)] {
        let start = rig.start(0, purpose);
        let seen = rig.see(start, pages * PAGE_BYTES);
        assert!(seen.iter().all(|byte| *byte == 0), "{purpose:?}");
    }
}

#[test]
fn the_next_module_sees_nothing_of_the_last() {
    let mut rig = Rig::new();
    let file = largest();
    rig.system.install(0, &file).unwrap();
    rig.switch(0);
    for purpose in [Purpose::Stack, Purpose::Region] {
        let part = *rig
            .system
            .instance(0)
            .unwrap()
            .estate
            .part(purpose)
            .unwrap();
        let start = rig.start(0, purpose);
        for address in (start..start + part.pages.0 * PAGE_BYTES).step_by(64) {
            rig.access(Access::Write, address).unwrap();
        }
    }
    rig.system.remove(0);
    for place in 0..LARGEST_THAT_FIT {
        rig.system.install(place, &file).unwrap();
        rig.switch(place);
        for purpose in [Purpose::Stack, Purpose::Region] {
            let module = rig.system.instance(place).unwrap();
            let pages = module.estate.part(purpose).unwrap().pages.0;
            let start = rig.start(place, purpose);
            for address in (start..start + pages * PAGE_BYTES).step_by(64) {
                assert_eq!(rig.access(Access::Read, address), Ok(0));
            }
        }
    }
}

#[test]
fn nothing_of_a_module_is_left_in_any_frame() {
    let mut rig = installed();
    let region = rig.start(0, Purpose::Region);
    for address in region..region + 3 * PAGE_BYTES {
        rig.access(Access::Write, address).unwrap();
    }
    assert!(rig.frames_with([0x5a; 16]) > 0);
    assert!(
        rig.frames_with([7; 16]) > 0,
        "the UUID stands in the constants"
    );
    rig.system.remove(0);
    assert_eq!(rig.frames_with([0x5a; 16]), 0);
    assert_eq!(rig.frames_with([7; 16]), 0);
}

#[test]
fn removal_returns_everything_exactly() {
    let mut rig = Rig::new();
    let before = rig.system.resources();
    for place in [0, 3, 1] {
        rig.system.install(place, &largest()).unwrap();
        assert!(rig.system.is_sound());
    }
    let between = Resources {
        frames: before.frames - 3 * MODULE_PAGES.0,
        tables: before.tables - 6,
        asids: before.asids - 3,
        places: before.places - 3,
        slots: before.slots - 3,
        buffers: before.buffers,
    };
    assert_eq!(rig.system.resources(), between);
    rig.switch(3);
    let stack = rig.start(3, Purpose::Stack);
    rig.access(Access::Write, stack).unwrap();
    let asid = rig.system.asid(3) as u8;
    for place in [3, 0, 1, 2, 3, usize::MAX] {
        rig.system.remove(place);
        assert!(rig.system.is_sound());
    }
    assert!(!rig.asids_remembered().contains(&asid));
    assert_eq!(rig.access(Access::Read, stack), Err(28));
    assert_eq!(rig.system.resources(), before);
    assert!(rig.system.instance(3).is_none());
}

#[test]
fn as_many_as_there_are_places_fit_and_the_next_is_refused() {
    let mut rig = Rig::new();
    let before = rig.system.resources();
    for place in 0..INSTANCES {
        let file = File::sound().bytes();
        rig.system.install(place, &file).unwrap();
    }
    let full = rig.system.resources();
    for place in (0..=INSTANCES).chain([usize::MAX]) {
        let refused = rig.system.install(place, &File::sound().bytes());
        assert_eq!(refused.err(), Some(InstallError::NoPlace(INSTANCES)));
        assert_eq!(rig.system.resources(), full);
    }
    (0..INSTANCES).for_each(|place| rig.system.remove(place));
    assert_eq!(rig.system.resources(), before);
    assert!(rig.system.is_sound());
}

#[test]
fn as_many_of_the_largest_fit_as_there_are_frames_and_the_next_is_refused() {
    let mut rig = Rig::new();
    let before = rig.system.resources();
    for place in 0..LARGEST_THAT_FIT {
        rig.system.install(place, &largest()).unwrap();
    }
    let full = rig.system.resources();
    let quota = LARGEST_THAT_FIT as u32 * MODULE_PAGES.0;
    assert_eq!(full.frames, FRAMES as u32 - quota);
    let refused = rig.system.install(LARGEST_THAT_FIT, &largest());
    assert_eq!(refused.err(), Some(InstallError::Pages));
    assert_eq!(rig.system.resources(), full);
    (0..LARGEST_THAT_FIT).for_each(|place| rig.system.remove(place));
    assert_eq!(rig.system.resources(), before);
    assert!(rig.system.is_sound());
}

#[test]
fn more_than_the_quota_is_refused_and_takes_nothing() {
    let mut rig = Rig::new();
    let before = rig.system.resources();
    let mut file = File::sound();
    file.header.lifetime_bytes = 0;
    for (bytes, wanted) in [
        ((MODULE_PAGES.0 - 8) * PAGE_BYTES + 1, MODULE_PAGES.0 + 1),
        (u32::MAX, 8 + 0x10_0000),
    ] {
        file.header.interim_bytes = bytes;
        let refused = rig.system.install(0, &file.bytes());
        let quota = MODULE_PAGES.0;
        let error = EstateError::OverQuota { wanted, quota };
        assert_eq!(refused.err(), Some(InstallError::Estate(error)));
        assert_eq!(rig.system.resources(), before);
    }
    rig.system.install(0, &largest()).unwrap();
}

#[test]
fn a_wrong_file_is_refused_and_takes_nothing() {
    let mut rig = Rig::new();
    let before = rig.system.resources();
    let bytes = File::sound().bytes();
    for length in (0..bytes.len()).step_by(97) {
        let refused = rig.system.install(0, &bytes[..length]);
        assert!(matches!(refused.err(), Some(InstallError::File(_))));
        assert_eq!(rig.system.resources(), before);
    }
    let refused = rig.system.install(0, &[]).err();
    assert_eq!(refused, Some(InstallError::File(LoadError::NotElf)));
    assert!(rig.system.is_sound());
}

#[test]
fn a_module_comes_and_goes_more_often_than_there_are_asids() {
    let mut rig = Rig::new();
    let before = rig.system.resources();
    rig.system.install(1, &File::sound().bytes()).unwrap();
    for _ in 0..300 {
        rig.system.install(0, &File::sound().bytes()).unwrap();
        rig.switch(0);
        let data = rig.start(0, Purpose::Data);
        assert_eq!(rig.access(Access::Read, data), Ok(1));
        rig.system.remove(0);
    }
    rig.system.remove(1);
    assert_eq!(rig.system.resources(), before);
    assert!(rig.system.is_sound());
}

#[test]
fn the_region_is_the_tenants() {
    let mut rig = installed();
    let region = rig.start(0, Purpose::Region);
    let tenant = rig.system.tenant(0).unwrap();
    assert_eq!(tenant.region_base.0, region);
    assert_eq!(tenant.region.stats().bytes, 3 * PAGE_BYTES);
    let alloc = abi::Call::Alloc.number();
    let got = rig.system.call(0, alloc, [3 * PAGE_BYTES, 0, 0, 0, 0], 0);
    assert_eq!(got, Some(region));
    assert_eq!(
        rig.access(Access::Write, region + 3 * PAGE_BYTES - 1),
        Ok(0x5a)
    );
    assert_eq!(rig.access(Access::Write, region + 3 * PAGE_BYTES), Err(29));
    assert_eq!(PLATFORM.cache_line, 32);
}
