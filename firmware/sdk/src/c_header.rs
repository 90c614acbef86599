//! Keeps `include/bulkhead.h` and the Rust ABI the same: what the header says is turned into C
//! assertions whose right-hand sides come from the ABI.

use std::fmt::Write;
use std::mem::offset_of;

use abi::{
    AllocFlags, AudioBytes, Command, EntryPoint, Errno, HeapInfo, MESSAGE_BODY_BYTES, Message,
    ModuleHeader, Time, TraceRecord,
};

/// A C file that compiles only where the header agrees with the ABI.
#[must_use]
pub fn agreement() -> String {
    let mut checks = Vec::new();
    let mut check = |left: &str, right: u64| checks.push((left.to_owned(), right));

    check("BULKHEAD_EPERM", Errno::Perm as u64);
    check("BULKHEAD_ENOMEM", Errno::NoMemory as u64);
    check("BULKHEAD_EFAULT", Errno::Fault as u64);
    check("BULKHEAD_EBUSY", Errno::Busy as u64);
    check("BULKHEAD_ENODATA", Errno::NoData as u64);
    check("BULKHEAD_BUFFER", AllocFlags::BUFFER.bits().into());
    check("BULKHEAD_EINVAL", Errno::Invalid as u64);
    check("BULKHEAD_EQUOTA", Errno::Quota as u64);
    check("BULKHEAD_ENOSYS", Errno::NoSystem as u64);
    check("BULKHEAD_COHERENT", AllocFlags::COHERENT.bits().into());
    check("BULKHEAD_ZEROED", AllocFlags::ZEROED.bits().into());
    check("BULKHEAD_MAGIC", abi::HEADER_MAGIC.into());
    check("BULKHEAD_ABI", abi::ABI_VERSION.into());

    check(
        "sizeof(struct bulkhead_heap_info)",
        size_of::<HeapInfo>() as u64,
    );
    let info = |field: &str| format!("offsetof(struct bulkhead_heap_info, {field})");
    check(&info("total"), offset_of!(HeapInfo, total) as u64);
    check(&info("used"), offset_of!(HeapInfo, used) as u64);
    check(&info("peak"), offset_of!(HeapInfo, peak) as u64);
    check(
        &info("allocations"),
        offset_of!(HeapInfo, allocations) as u64,
    );

    check(
        "sizeof(struct bulkhead_trace_record)",
        size_of::<TraceRecord>() as u64,
    );
    check(
        "_Alignof(struct bulkhead_trace_record)",
        align_of::<TraceRecord>() as u64,
    );

    check("BULKHEAD_STOP", Command::Stop as u64);
    check("BULKHEAD_START", Command::Start as u64);
    check("BULKHEAD_PAUSE", Command::Pause as u64);
    check("BULKHEAD_RELEASE", Command::Release as u64);
    check("BULKHEAD_MESSAGE_BODY", MESSAGE_BODY_BYTES.into());
    check(
        "sizeof(struct bulkhead_message)",
        size_of::<Message>() as u64,
    );
    let message = |field: &str| format!("offsetof(struct bulkhead_message, {field})");
    check(&message("id"), offset_of!(Message, id) as u64);
    check(&message("offset"), offset_of!(Message, offset) as u64);
    check(&message("total"), offset_of!(Message, total) as u64);
    check(&message("bytes"), offset_of!(Message, bytes) as u64);

    check(
        "sizeof(struct bulkhead_audio_bytes)",
        size_of::<AudioBytes>() as u64,
    );
    let bytes = |field: &str| format!("offsetof(struct bulkhead_audio_bytes, {field})");
    check(&bytes("first"), offset_of!(AudioBytes, first) as u64);
    check(
        &bytes("first_bytes"),
        offset_of!(AudioBytes, first_bytes) as u64,
    );
    check(&bytes("second"), offset_of!(AudioBytes, second) as u64);
    check(
        &bytes("second_bytes"),
        offset_of!(AudioBytes, second_bytes) as u64,
    );
    check("sizeof(struct bulkhead_time)", size_of::<Time>() as u64);
    check("_Alignof(struct bulkhead_time)", align_of::<Time>() as u64);
    check(
        "offsetof(struct bulkhead_time, cycles)",
        offset_of!(Time, cycles) as u64,
    );

    let header = |field: &str| format!("offsetof(struct bulkhead_module_header, {field})");
    check(&header("magic"), offset_of!(ModuleHeader, magic) as u64);
    check(&header("abi"), offset_of!(ModuleHeader, abi) as u64);
    check(&header("bytes"), offset_of!(ModuleHeader, bytes) as u64);
    check(&header("version"), offset_of!(ModuleHeader, version) as u64);
    check(&header("uuid"), offset_of!(ModuleHeader, uuid) as u64);
    check(&header("name"), offset_of!(ModuleHeader, name) as u64);
    check(
        &header("stack_bytes"),
        offset_of!(ModuleHeader, stack_bytes) as u64,
    );
    check(
        &header("lifetime_bytes"),
        offset_of!(ModuleHeader, lifetime_bytes) as u64,
    );
    check(
        &header("interim_bytes"),
        offset_of!(ModuleHeader, interim_bytes) as u64,
    );

    // Where an address is not a word, the rest of the header has other places.
    let mut words = vec![
        (
            "sizeof(struct bulkhead_module_header)".to_owned(),
            size_of::<ModuleHeader>() as u64,
        ),
        (header("start"), offset_of!(ModuleHeader, start) as u64),
    ];
    for entry in EntryPoint::ALL {
        let offset = offset_of!(ModuleHeader, entry) as u64 + 4 * entry as u64;
        words.push((header(entry.name()), offset));
    }

    let mut text = String::from("#include <bulkhead.h>\n");
    write_assertions(&mut text, &checks);
    text.push_str("#if __SIZEOF_POINTER__ == 4\n");
    write_assertions(&mut text, &words);
    text.push_str("#endif\n");
    text
}

fn write_assertions(text: &mut String, checks: &[(String, u64)]) {
    for (left, right) in checks {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "_Static_assert({left} == {right}u, \"{left}\");");
    }
}
