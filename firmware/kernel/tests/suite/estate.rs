//! Where a module's parts lie.

use kernel::config::FIRST_BUFFER_PAGE;
use kernel::estate::{Estate, EstateError, Purpose};
use mmu::{PageCount, Rights};
use proptest::prelude::*;

use crate::builder::{DATA, File};
use crate::soundness::{assert_estate_sound, parse};

const QUOTA: PageCount = PageCount(512);

#[test]
fn every_part_has_its_pages_and_rights() {
    let bytes = File::sound().bytes();
    let image = parse(&bytes).unwrap();
    let estate = Estate::plan(&image, QUOTA).unwrap();
    let parts: Vec<_> = (estate.parts().iter())
        .map(|part| (part.purpose, part.rights, part.first, part.pages.0))
        .collect();
    let expected = [
        (Purpose::Text, Rights::TEXT, 1, 2),
        (Purpose::ReadOnly, Rights::READ, 4, 1),
        (Purpose::Data, Rights::DATA, 6, 2),
        (Purpose::Stack, Rights::DATA, 9, 2),
        (Purpose::Region, Rights::DATA, 12, 3),
        (Purpose::Message, Rights::DATA, 16, 1),
    ];
    assert_eq!(parts, expected);
    assert_eq!(estate.pages(), PageCount(11));
    assert_eq!(estate.offset_of_linked(DATA), 6 * 4096);
    for purpose in Purpose::ALL {
        let part = estate.part(purpose).map(|part| part.purpose);
        let is_a_buffers = matches!(purpose, Purpose::Input | Purpose::Output);
        assert_eq!(part, (!is_a_buffers).then_some(purpose));
    }
}

#[test]
fn the_quota_is_met_to_the_page() {
    let bytes = File::sound().bytes();
    let image = parse(&bytes).unwrap();
    assert!(Estate::plan(&image, PageCount(11)).is_ok());
    for quota in [0, 1, 10] {
        let error = EstateError::OverQuota { wanted: 11, quota };
        let refused = Estate::plan(&image, PageCount(quota));
        assert_eq!(refused, Err(error));
    }
}

#[test]
fn what_does_not_fit_the_slot_is_refused_whatever_the_quota() {
    let mut file = File::sound();
    file.header.stack_bytes = 0;
    for pages in 740..780 {
        file.header.stack_bytes = pages * 4096;
        let bytes = file.bytes();
        let image = parse(&bytes).unwrap();
        if let Ok(estate) = Estate::plan(&image, PageCount(u32::MAX)) {
            assert_estate_sound(&estate, &image, PageCount(u32::MAX));
            let last = estate.parts().last().unwrap();
            assert!(last.first + last.pages.0 < FIRST_BUFFER_PAGE);
        }
        let guards = ["image", "stack", "region", "message", "end"].len() as u32;
        let wanted = guards + image.span().0 + pages + 3 + 1;
        let planned = Estate::plan(&image, PageCount(u32::MAX));
        assert_eq!(
            planned.is_ok(),
            wanted <= FIRST_BUFFER_PAGE,
            "{pages} pages of stack"
        );
    }
}

#[test]
fn a_part_of_no_bytes_has_a_page() {
    let mut file = File::sound();
    (file.header.lifetime_bytes, file.header.interim_bytes) = (0, 0);
    let bytes = file.bytes();
    let estate = Estate::plan(&parse(&bytes).unwrap(), QUOTA).unwrap();
    assert_eq!(estate.part(Purpose::Region).unwrap().pages, PageCount(1));
}

fn any_bytes() -> impl Strategy<Value = u32> {
    prop_oneof![4 => 0..0x8_0000u32, 1 => Just(u32::MAX), 1 => any::<u32>()]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parts_never_overlap(
        [stack, lifetime, interim] in prop::array::uniform3(any_bytes()),
        shift in 0..4u32,
        quota in prop_oneof![Just(512), 0..1100u32, Just(u32::MAX)],
    ) {
        let mut file = File::sound();
        file.header.stack_bytes = stack.max(1024);
        (file.header.lifetime_bytes, file.header.interim_bytes) = (lifetime, interim);
        file.data.address += shift * 0x1000;
        file.relocations.truncate(2);
        file.dynamic[1].1 = 24;
        let bytes = file.bytes();
        let image = parse(&bytes).unwrap();
        let pages = |bytes: u64| bytes.div_ceil(4096).max(1);
        let region = u64::from(lifetime) + u64::from(interim);
        let wanted = 5
            + pages(u64::from(file.header.stack_bytes))
            + pages(region)
            + 1;
        match Estate::plan(&image, PageCount(quota)) {
            Ok(estate) => {
                assert_estate_sound(&estate, &image, PageCount(quota));
                prop_assert_eq!(u64::from(estate.pages().0), wanted);
            }
            Err(EstateError::OverQuota { wanted: said, .. }) => {
                prop_assert_eq!(u64::from(said), wanted);
                let span = u64::from(image.span().0 - 5);
                prop_assert!(wanted > u64::from(quota) || wanted + span + 5 > u64::from(FIRST_BUFFER_PAGE));
            }
        }
    }
}
