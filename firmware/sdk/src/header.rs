//! The module header as Rust writes it: [`abi::ModuleHeader`] with functions in the place of
//! addresses, so that the linker fills them in.

use abi::{ABI_VERSION, HEADER_MAGIC, NAME_BYTES, UUID_BYTES};

/// What [`crate::module!`] puts into the section `.bulkhead`.
#[derive(Debug)]
#[repr(C)]
pub struct Header {
    magic: u32,
    abi: u32,
    bytes: u32,
    version: u32,
    uuid: [u8; UUID_BYTES],
    name: [u8; NAME_BYTES],
    stack_bytes: u32,
    lifetime_bytes: u32,
    interim_bytes: u32,
    start: unsafe extern "C" fn(),
    init: unsafe extern "C" fn(u32) -> i32,
    prepare: unsafe extern "C" fn(u32, u32, u32) -> i32,
    process: unsafe extern "C" fn(*const i32, *mut i32, u32) -> i32,
    reset: unsafe extern "C" fn() -> i32,
    free: unsafe extern "C" fn() -> i32,
    bind: unsafe extern "C" fn(u32, u32, u32) -> i32,
    unbind: unsafe extern "C" fn(u32, u32) -> i32,
    set_config: unsafe extern "C" fn(*const abi::Message) -> i32,
    get_config: unsafe extern "C" fn(*mut abi::Message) -> i32,
    trigger: unsafe extern "C" fn(u32) -> i32,
}

/// The entry points, in the order of [`abi::EntryPoint`].
#[doc(hidden)]
#[derive(Debug)]
pub struct Entries {
    pub init: unsafe extern "C" fn(u32) -> i32,
    pub prepare: unsafe extern "C" fn(u32, u32, u32) -> i32,
    pub process: unsafe extern "C" fn(*const i32, *mut i32, u32) -> i32,
    pub reset: unsafe extern "C" fn() -> i32,
    pub free: unsafe extern "C" fn() -> i32,
    pub bind: unsafe extern "C" fn(u32, u32, u32) -> i32,
    pub unbind: unsafe extern "C" fn(u32, u32) -> i32,
    pub set_config: unsafe extern "C" fn(*const abi::Message) -> i32,
    pub get_config: unsafe extern "C" fn(*mut abi::Message) -> i32,
    pub trigger: unsafe extern "C" fn(u32) -> i32,
}

/// The numbers a module author chooses.
#[doc(hidden)]
#[derive(Debug)]
pub struct Description {
    pub name: &'static str,
    pub uuid: [u8; UUID_BYTES],
    pub version: (u16, u16),
    pub stack_bytes: u32,
    pub lifetime_bytes: u32,
    pub interim_bytes: u32,
}

impl Header {
    /// The header of a module; does not compile with a name that is empty or too long.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(description: Description, entries: Entries) -> Header {
        Header {
            magic: HEADER_MAGIC,
            abi: ABI_VERSION,
            bytes: size_of::<abi::ModuleHeader>() as u32,
            version: (description.version.0 as u32) << 16 | description.version.1 as u32,
            uuid: description.uuid,
            name: padded(description.name),
            stack_bytes: description.stack_bytes,
            lifetime_bytes: description.lifetime_bytes,
            interim_bytes: description.interim_bytes,
            start: crate::raw::_bulkhead_start,
            init: entries.init,
            prepare: entries.prepare,
            process: entries.process,
            reset: entries.reset,
            free: entries.free,
            bind: entries.bind,
            unbind: entries.unbind,
            set_config: entries.set_config,
            get_config: entries.get_config,
            trigger: entries.trigger,
        }
    }

    /// Bytes of stack the module asks for.
    #[must_use]
    pub const fn stack_bytes(&self) -> u32 {
        self.stack_bytes
    }

    /// The module's name.
    #[must_use]
    pub fn name(&self) -> &str {
        let end = self
            .name
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(NAME_BYTES);
        core::str::from_utf8(&self.name[..end]).unwrap_or_default()
    }
}

const fn padded(name: &str) -> [u8; NAME_BYTES] {
    assert!(!name.is_empty(), "a module needs a name");
    assert!(
        name.len() <= NAME_BYTES,
        "a module's name has at most 32 bytes"
    );
    let mut bytes = [0; NAME_BYTES];
    let mut index = 0;
    while index < name.len() {
        bytes[index] = name.as_bytes()[index];
        index += 1;
    }
    bytes
}

// The part without addresses looks the same on every machine, the rest where an address is a word.
const _: () = {
    use core::mem::offset_of;
    macro_rules! same_offset {
        ($($field:ident)*) => {
            $(assert!(offset_of!(Header, $field) == offset_of!(abi::ModuleHeader, $field));)*
        };
    }
    same_offset! { magic abi bytes version uuid name stack_bytes lifetime_bytes interim_bytes }

    #[cfg(target_pointer_width = "32")]
    {
        same_offset! { start }
        assert!(size_of::<Header>() == size_of::<abi::ModuleHeader>());
        let entry = offset_of!(abi::ModuleHeader, entry);
        macro_rules! same_entry {
            ($($field:ident = $name:ident)*) => {
                $(assert!(offset_of!(Header, $field)
                    == entry + 4 * abi::EntryPoint::$name as usize);)*
            };
        }
        same_entry! {
            init = Init prepare = Prepare process = Process reset = Reset free = Free
            bind = Bind unbind = Unbind set_config = SetConfig get_config = GetConfig
            trigger = Trigger
        }
    }
};

#[cfg(test)]
mod tests {
    use super::padded;

    #[test]
    fn a_name_is_padded_with_zeros() {
        let name = padded("abc");
        assert_eq!(&name[..4], b"abc\0");
        assert!(name[4..].iter().all(|byte| *byte == 0));
    }

    #[test]
    #[should_panic(expected = "at most 32 bytes")]
    fn a_name_that_is_too_long_is_refused() {
        padded("a name that does not fit thirty-two bytes");
    }
}
