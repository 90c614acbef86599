//! Several instances of one module: what they have together and what each has alone.

use kernel::config::{INSTANCES, MODULES};
use kernel::estate::{EstateError, Purpose, RegionPages};
use kernel::install::InstallError;
use mmu::{Access, Frames, PAGE_BYTES, PhysAddr};

use crate::builder::File;
use crate::rig::Rig;

/// Sizes as the module's header has them.
const MODULES_OWN: RegionPages = RegionPages {
    lifetime: 0,
    interim: 0,
};

/// Two instances of one module, at places 0 and 1.
fn twins() -> (Rig, usize, Vec<u8>) {
    let mut rig = Rig::new();
    let file = File::sound().bytes();
    let number = rig.system.load(&file).unwrap();
    for place in 0..2 {
        rig.system
            .create(place, number, &file, MODULES_OWN)
            .unwrap();
    }
    (rig, number, file)
}

#[test]
fn text_and_constants_have_the_same_frames_and_the_rest_has_not() {
    let mut rig = Rig::new();
    let file = File::sound().bytes();
    let before = rig.system.resources();
    let number = rig.system.load(&file).unwrap();
    let loaded = rig.system.resources();
    assert_eq!(
        loaded.frames,
        before.frames - 3,
        "two of text, one of constants"
    );
    let mut last = loaded;
    for place in 0..INSTANCES {
        rig.system
            .create(place, number, &file, MODULES_OWN)
            .unwrap();
        let now = rig.system.resources();
        assert_eq!(
            now.frames,
            last.frames - 8,
            "two of data, two of stack, three of region, a message page"
        );
        assert_eq!((now.asids, now.slots), (last.asids - 1, loaded.slots));
        last = now;
    }
    assert!(rig.system.is_sound());
    (0..INSTANCES).for_each(|place| rig.system.remove(place));
    assert_eq!(rig.system.resources(), loaded);
    rig.system.unload(number).unwrap();
    assert_eq!(rig.system.resources(), before);
}

#[test]
fn both_stand_at_the_same_addresses_and_neither_sees_what_the_other_writes() {
    let (mut rig, ..) = twins();
    for purpose in [Purpose::Data, Purpose::Stack, Purpose::Region] {
        let start = rig.start(0, purpose);
        assert_eq!(rig.start(1, purpose), start);
        rig.switch(1);
        let before = rig.see(start, PAGE_BYTES);
        rig.switch(0);
        for address in start..start + PAGE_BYTES {
            rig.access(Access::Write, address).unwrap();
        }
        rig.switch(1);
        assert_eq!(rig.see(start, PAGE_BYTES), before, "{purpose:?}");
    }
}

#[test]
fn nobody_writes_what_all_have() {
    let (mut rig, ..) = twins();
    for purpose in [Purpose::Text, Purpose::ReadOnly] {
        let start = rig.start(0, purpose);
        for place in 0..2 {
            rig.switch(place);
            rig.see(start, PAGE_BYTES);
            assert_eq!(rig.access(Access::Write, start), Err(29));
        }
    }
}

#[test]
fn the_end_of_one_leaves_the_other_its_text_and_the_next_begins_with_fresh_data() {
    let (mut rig, number, file) = twins();
    let (text, data) = (rig.start(1, Purpose::Text), rig.start(1, Purpose::Data));
    rig.switch(0);
    let fresh = rig.see(data, PAGE_BYTES);
    rig.access(Access::Write, data + 64).unwrap();
    rig.switch(1);
    let before = rig.see(text, PAGE_BYTES);
    rig.system.remove(0);
    assert_eq!(rig.see(text, PAGE_BYTES), before);
    rig.system.create(0, number, &file, MODULES_OWN).unwrap();
    rig.switch(0);
    assert_eq!(rig.see(text, PAGE_BYTES), before);
    assert_eq!(rig.see(data, PAGE_BYTES), fresh);
    assert!(rig.system.is_sound());
}

#[test]
fn a_module_in_use_stays_and_what_is_not_loaded_has_no_instance() {
    let (mut rig, number, file) = twins();
    assert_eq!(rig.system.unload(number), Err(InstallError::InUse(2)));
    rig.system.remove(0);
    assert_eq!(rig.system.unload(number), Err(InstallError::InUse(1)));
    rig.system.remove(1);
    assert_eq!(rig.system.unload(number), Ok(()));
    for none in [number, MODULES, usize::MAX] {
        assert_eq!(rig.system.unload(none), Err(InstallError::NoModule));
        let refused = rig.system.create(0, none, &file, MODULES_OWN);
        assert_eq!(refused.err(), Some(InstallError::NoModule));
    }
}

#[test]
fn an_instance_of_another_file_is_refused_and_takes_nothing() {
    let (mut rig, number, _) = twins();
    let before = rig.system.resources();
    let mut larger = File::sound();
    larger.header.stack_bytes += PAGE_BYTES;
    let mut newer = File::sound();
    newer.header.version += 1;
    let mut another = File::sound();
    another.header.uuid[3] += 1;
    for other in [larger, newer, another] {
        let refused = rig.system.create(2, number, &other.bytes(), MODULES_OWN);
        assert_eq!(refused.err(), Some(InstallError::OtherFile));
        assert_eq!(rig.system.resources(), before);
    }
}

#[test]
fn as_many_modules_as_there_are_slots_are_loaded_and_the_next_is_refused() {
    let mut rig = Rig::new();
    let before = rig.system.resources();
    let file = File::sound().bytes();
    let numbers: Vec<_> = (0..MODULES)
        .map(|_| rig.system.load(&file).unwrap())
        .collect();
    let refused = rig.system.load(&file);
    assert_eq!(refused, Err(InstallError::NoSlot(MODULES)));
    assert_eq!(rig.system.resources().slots, 0);
    for number in numbers {
        rig.system.unload(number).unwrap();
    }
    assert_eq!(rig.system.resources(), before);
}

#[test]
fn a_module_that_came_with_its_instance_goes_with_it() {
    let mut rig = Rig::new();
    let before = rig.system.resources();
    rig.system.install(0, &File::sound().bytes()).unwrap();
    assert_eq!(rig.system.resources().slots, before.slots - 1);
    rig.system.remove(0);
    assert_eq!(rig.system.resources(), before);
}

#[test]
fn where_frames_run_out_nothing_is_left_behind() {
    let mut rig = Rig::new();
    let mut large = File::sound();
    large.header.lifetime_bytes = 400 * PAGE_BYTES;
    let file = large.bytes();
    let number = rig.system.load(&file).unwrap();
    let mut place = 0;
    let full = loop {
        let before = rig.system.resources();
        match rig.system.create(place, number, &file, MODULES_OWN) {
            Ok(_) => place += 1,
            Err(error) => {
                assert_eq!(error, InstallError::Pages);
                break before;
            }
        }
    };
    assert!(place > 1);
    assert_eq!(rig.system.resources(), full);
    assert!(rig.system.is_sound());
}

#[test]
fn a_changed_byte_of_text_or_constants_is_seen() {
    let mut rig = Rig::new();
    let number = rig.system.load(&File::sound().bytes()).unwrap();
    assert!(rig.system.constants_are_unharmed());
    let frames = kernel::config::PLATFORM.module_frames;
    let mut seen = 0;
    for frame in (0..frames.frames).filter_map(|number| frames.frame(number)) {
        for offset in [0, PAGE_BYTES - 1] {
            let at = PhysAddr(frame.0 + offset);
            let mut byte = [0];
            rig.machine.read(at, &mut byte);
            rig.machine.write(at, &[byte[0] ^ 1]);
            seen += u32::from(!rig.system.constants_are_unharmed());
            rig.machine.write(at, &byte);
        }
    }
    assert_eq!(seen, 2 * 3, "two frames of text, one of constants");
    assert!(rig.system.constants_are_unharmed());
    rig.system.unload(number).unwrap();
}

#[test]
fn who_asks_for_an_instance_may_say_what_its_region_has() {
    let mut rig = Rig::new();
    let file = File::sound().bytes();
    let number = rig.system.load(&file).unwrap();
    let loaded = rig.system.resources();
    let wanted = RegionPages {
        lifetime: 2,
        interim: 9,
    };
    rig.system.create(0, number, &file, wanted).unwrap();
    rig.system.create(1, number, &file, MODULES_OWN).unwrap();
    let pages = |place: usize| {
        let instance = rig.system.instance(place).unwrap();
        instance.estate.part(Purpose::Region).unwrap().pages.0
    };
    assert_eq!([pages(0), pages(1)], [11, 3]);
    let header = rig.system.instance(0).unwrap().header;
    assert_eq!(header.interim_bytes, 9 * PAGE_BYTES);
    assert_eq!(
        rig.system.tenant(0).unwrap().region.stats().bytes,
        11 * PAGE_BYTES
    );
    // It has them to write, and the page behind is nobody's.
    let start = rig.start(0, Purpose::Region);
    rig.switch(0);
    assert_eq!(
        rig.access(Access::Write, start + 11 * PAGE_BYTES - 1),
        Ok(0x5a)
    );
    assert!(rig.access(Access::Read, start + 11 * PAGE_BYTES).is_err());
    assert!(rig.system.is_sound());
    (0..2).for_each(|place| rig.system.remove(place));
    assert_eq!(rig.system.resources(), loaded);
}

#[test]
fn a_region_beyond_the_quota_is_refused_and_takes_nothing() {
    let mut rig = Rig::new();
    let file = File::sound().bytes();
    let number = rig.system.load(&file).unwrap();
    let loaded = rig.system.resources();
    for (lifetime, interim) in [(u16::MAX, 0), (0, u16::MAX), (u16::MAX, u16::MAX), (512, 1)] {
        let wanted = RegionPages { lifetime, interim };
        let refused = rig.system.create(0, number, &file, wanted);
        let is_quota = matches!(
            refused,
            Err(InstallError::Estate(EstateError::OverQuota { .. }))
        );
        assert!(is_quota, "{lifetime} {interim}: {:?}", refused.err());
        assert_eq!(rig.system.resources(), loaded);
    }
}
