//! The entry points behind [`crate::module!`]: from the registers of the kernel's call to the
//! functions of [`Module`].

use core::sync::atomic::{AtomicPtr, Ordering};

use abi::{AllocFlags, Command, Errno, MESSAGE_BODY_BYTES, Message};

pub use crate::header::{Description, Entries};
use crate::module::{Fragment, Module, Side, Stream};

/// A module between `init` and `free`, in the module's region.
struct Live<T> {
    module: T,
    /// What the last `prepare` announced; `None` before it and after `reset`.
    stream: Option<Stream>,
}

/// Where the module's one instance is.
#[derive(Debug)]
pub struct Slot<T>(AtomicPtr<Live<T>>);

impl<T> Slot<T> {
    /// No instance yet.
    #[must_use]
    pub const fn new() -> Self {
        Slot(AtomicPtr::new(core::ptr::null_mut()))
    }

    /// The instance.
    ///
    /// # Safety
    /// Nobody else uses the instance as long as the reference lives.
    #[expect(
        clippy::mut_from_ref,
        reason = "exclusive by contract: one entry at a time"
    )]
    unsafe fn live(&self) -> Result<&mut Live<T>, Errno> {
        // SAFETY: the pointer is null or came from `init`, which wrote a whole `Live`; the caller
        // makes it exclusive.
        unsafe { self.0.load(Ordering::Relaxed).as_mut() }.ok_or(Errno::Invalid)
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self::new()
    }
}

fn register(result: Result<(), Errno>) -> i32 {
    match result {
        Ok(()) => 0,
        Err(error) => error.to_register() as i32,
    }
}

/// Makes the instance and moves it into the region.
pub fn init<T: Module>(slot: &Slot<T>, restarts: u32) -> i32 {
    register((|| {
        if !slot.0.load(Ordering::Relaxed).is_null() {
            return Err(Errno::Invalid);
        }
        let (bytes, align) = (size_of::<Live<T>>() as u32, align_of::<Live<T>>() as u32);
        let place = crate::alloc(bytes, align, AllocFlags::empty())?.cast::<Live<T>>();
        let live = match T::init(restarts) {
            Ok(module) => Live {
                module,
                stream: None,
            },
            Err(error) => {
                // SAFETY: allocated above, and nothing refers to it.
                unsafe { crate::free(place.cast()) };
                return Err(error);
            }
        };
        // SAFETY: freshly allocated with the size and alignment of a `Live<T>`.
        unsafe { place.write(live) };
        slot.0.store(place.as_ptr(), Ordering::Relaxed);
        Ok(())
    })())
}

/// Tells the instance about the stream.
///
/// # Safety
/// No other entry point of the module is running.
pub unsafe fn prepare<T: Module>(
    slot: &Slot<T>,
    rate_hz: u32,
    channels: u32,
    period_frames: u32,
) -> i32 {
    register((|| {
        // SAFETY: the caller's promise.
        let live = unsafe { slot.live() }?;
        let stream = Stream {
            rate_hz,
            channels,
            period_frames,
        };
        live.module.prepare(stream)?;
        live.stream = Some(stream);
        Ok(())
    })())
}

/// Processes one period.
///
/// # Safety
/// No other entry point of the module is running. `input` and `output` point at `frames` frames
/// of the prepared stream and do not overlap. Either may be null, where there is no such buffer.
pub unsafe fn process<T: Module>(
    slot: &Slot<T>,
    input: *const i32,
    output: *mut i32,
    frames: u32,
) -> i32 {
    register((|| {
        // SAFETY: the caller's promise.
        let live = unsafe { slot.live() }?;
        let stream = live.stream.ok_or(Errno::Invalid)?;
        let samples = frames.checked_mul(stream.channels).ok_or(Errno::Invalid)? as usize;
        let input = match input.is_null() {
            true => &[],
            // SAFETY: the caller's promise covers `samples` samples, and the kernel aligns buffers.
            false => unsafe { core::slice::from_raw_parts(input, samples) },
        };
        let output = match output.is_null() {
            true => &mut [],
            // SAFETY: as above; the two do not overlap.
            false => unsafe { core::slice::from_raw_parts_mut(output, samples) },
        };
        live.module.process(input, output)
    })())
}

/// Takes the instance back to before `prepare`.
///
/// # Safety
/// No other entry point of the module is running.
pub unsafe fn reset<T: Module>(slot: &Slot<T>) -> i32 {
    register((|| {
        // SAFETY: the caller's promise.
        let live = unsafe { slot.live() }?;
        live.stream = None;
        live.module.reset()
    })())
}

fn side(number: u32) -> Result<Side, Errno> {
    match number {
        0 => Ok(Side::Source),
        1 => Ok(Side::Sink),
        _ => Err(Errno::Invalid),
    }
}

/// Tells the instance of a buffer.
///
/// # Safety
/// No other entry point of the module is running.
pub unsafe fn bind<T: Module>(slot: &Slot<T>, at: u32, pin: u32, frame_bytes: u32) -> i32 {
    register((|| {
        // SAFETY: the caller's promise.
        let live = unsafe { slot.live() }?;
        live.module.bind(side(at)?, pin, frame_bytes)
    })())
}

/// Tells the instance that a buffer goes.
///
/// # Safety
/// No other entry point of the module is running.
pub unsafe fn unbind<T: Module>(slot: &Slot<T>, at: u32, pin: u32) -> i32 {
    register((|| {
        // SAFETY: the caller's promise.
        let live = unsafe { slot.live() }?;
        live.module.unbind(side(at)?, pin)
    })())
}

/// Hands a configuration to the instance.
///
/// # Safety
/// No other entry point of the module is running. `message` points at a message and
/// [`MESSAGE_BODY_BYTES`] behind it.
pub unsafe fn set_config<T: Module>(slot: &Slot<T>, message: *const Message) -> i32 {
    register((|| {
        // SAFETY: the caller's promise.
        let live = unsafe { slot.live() }?;
        // SAFETY: likewise.
        let head = unsafe { message.read() };
        if head.bytes > MESSAGE_BODY_BYTES {
            return Err(Errno::Invalid);
        }
        // SAFETY: so many bytes are behind the message.
        let bytes = unsafe {
            core::slice::from_raw_parts(message.add(1).cast::<u8>(), head.bytes as usize)
        };
        let part = Fragment {
            offset: head.offset,
            total: head.total,
            bytes,
        };
        live.module.set_config(head.id, part)
    })())
}

/// Has the instance tell a configuration.
///
/// # Safety
/// No other entry point of the module is running. `message` points at a message and
/// [`MESSAGE_BODY_BYTES`] behind it.
pub unsafe fn get_config<T: Module>(slot: &Slot<T>, message: *mut Message) -> i32 {
    register((|| {
        // SAFETY: the caller's promise.
        let live = unsafe { slot.live() }?;
        // SAFETY: likewise.
        let mut head = unsafe { message.read() };
        if head.bytes > MESSAGE_BODY_BYTES {
            return Err(Errno::Invalid);
        }
        // SAFETY: so many bytes are behind the message, and nothing else refers to them.
        let into = unsafe {
            core::slice::from_raw_parts_mut(message.add(1).cast::<u8>(), head.bytes as usize)
        };
        head.bytes = live.module.get_config(head.id, into)? as u32;
        // SAFETY: the caller's promise.
        unsafe { message.write(head) };
        Ok(())
    })())
}

/// Tells the instance of the pipeline's state.
///
/// # Safety
/// No other entry point of the module is running.
pub unsafe fn trigger<T: Module>(slot: &Slot<T>, command: u32) -> i32 {
    register((|| {
        // SAFETY: the caller's promise.
        let live = unsafe { slot.live() }?;
        let command = Command::from_number(command).ok_or(Errno::Invalid)?;
        live.module.trigger(command)
    })())
}

/// Drops the instance and gives its memory back.
///
/// # Safety
/// No other entry point of the module is running.
pub unsafe fn free<T: Module>(slot: &Slot<T>) -> i32 {
    register((|| {
        // SAFETY: the caller's promise.
        let live = core::ptr::NonNull::from(unsafe { slot.live() }?);
        slot.0.store(core::ptr::null_mut(), Ordering::Relaxed);
        // SAFETY: `init` wrote it, and the slot no longer refers to it.
        unsafe { live.drop_in_place() };
        // SAFETY: `init` allocated it, and nothing refers to it.
        unsafe { crate::free(live.cast()) };
        Ok(())
    })())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Gain(i32);

    impl Module for Gain {
        fn init(restarts: u32) -> Result<Self, Errno> {
            if restarts > 9 {
                Err(Errno::Perm)
            } else {
                Ok(Gain(restarts as i32 + 1))
            }
        }
        fn prepare(&mut self, stream: Stream) -> Result<(), Errno> {
            if stream.channels == 0 {
                Err(Errno::Invalid)
            } else {
                Ok(())
            }
        }
        fn process(&mut self, input: &[i32], output: &mut [i32]) -> Result<(), Errno> {
            output
                .iter_mut()
                .zip(input)
                .for_each(|(out, sample)| *out = sample * self.0);
            Ok(())
        }
    }

    #[test]
    fn a_whole_life() {
        static SLOT: Slot<Gain> = Slot::new();
        let (input, mut output) = ([1, 2, 3, 4], [0; 4]);
        assert_eq!(init(&SLOT, 1), 0);
        // SAFETY: one thread, and the buffers hold two frames of two channels.
        unsafe {
            assert_eq!(process(&SLOT, input.as_ptr(), output.as_mut_ptr(), 2), -22);
            assert_eq!(prepare(&SLOT, 8_000, 0, 8), -22);
            assert_eq!(prepare(&SLOT, 8_000, 2, 8), 0);
            assert_eq!(process(&SLOT, input.as_ptr(), output.as_mut_ptr(), 2), 0);
            assert_eq!(
                process(&SLOT, input.as_ptr(), output.as_mut_ptr(), u32::MAX),
                -22
            );
            // Without a source, without a sink: nothing to read, nowhere to write.
            assert_eq!(process(&SLOT, core::ptr::null(), output.as_mut_ptr(), 2), 0);
            assert_eq!(process(&SLOT, input.as_ptr(), core::ptr::null_mut(), 2), 0);
            assert_eq!(reset(&SLOT), 0);
            assert_eq!(process(&SLOT, input.as_ptr(), output.as_mut_ptr(), 2), -22);
            assert_eq!(free(&SLOT), 0);
            assert_eq!(free(&SLOT), -22);
        }
        assert_eq!(output, [2, 4, 6, 8]);
    }

    struct Tuned {
        value: [u8; 3],
        heard: Vec<(Side, u32, u32)>,
        command: Option<Command>,
    }

    impl Module for Tuned {
        fn init(_restarts: u32) -> Result<Self, Errno> {
            Ok(Tuned {
                value: [1, 2, 3],
                heard: Vec::new(),
                command: None,
            })
        }
        fn prepare(&mut self, _stream: Stream) -> Result<(), Errno> {
            Ok(())
        }
        fn process(&mut self, _input: &[i32], _output: &mut [i32]) -> Result<(), Errno> {
            Ok(())
        }
        fn bind(&mut self, side: Side, pin: u32, frame_bytes: u32) -> Result<(), Errno> {
            self.heard.push((side, pin, frame_bytes));
            Ok(())
        }
        fn set_config(&mut self, id: u32, part: Fragment<'_>) -> Result<(), Errno> {
            if id != 7 || part.total != 3 {
                return Err(Errno::Invalid);
            }
            self.value[part.offset as usize..][..part.bytes.len()].copy_from_slice(part.bytes);
            Ok(())
        }
        fn get_config(&mut self, id: u32, into: &mut [u8]) -> Result<usize, Errno> {
            let into = into.get_mut(..3).ok_or(Errno::Quota)?;
            into.copy_from_slice(&self.value);
            Ok(if id == 8 { self.heard.len() } else { 3 })
        }
        fn trigger(&mut self, command: Command) -> Result<(), Errno> {
            self.command = Some(command);
            Ok(())
        }
    }

    #[test]
    fn configurations_go_both_ways() {
        static SLOT: Slot<Tuned> = Slot::new();
        #[repr(C)]
        struct Page {
            head: Message,
            body: [u8; MESSAGE_BODY_BYTES as usize],
        }
        let mut page = Page {
            head: Message {
                id: 7,
                offset: 1,
                total: 3,
                bytes: 2,
            },
            body: [9; MESSAGE_BODY_BYTES as usize],
        };
        let message = (&raw mut page).cast::<Message>();
        // SAFETY: one thread, and the page is as long as a message page.
        unsafe {
            assert_eq!(set_config(&SLOT, message), -22, "before init");
            assert_eq!(init(&SLOT, 0), 0);
            assert_eq!(set_config(&SLOT, message), 0);
            (*message).bytes = 2;
            assert_eq!(get_config(&SLOT, message), -28, "no room");
            (*message).bytes = MESSAGE_BODY_BYTES;
            assert_eq!(get_config(&SLOT, message), 0);
            assert_eq!((*message).bytes, 3);
            (*message).bytes = MESSAGE_BODY_BYTES + 1;
            assert_eq!(set_config(&SLOT, message), -22);
            assert_eq!(get_config(&SLOT, message), -22);
            assert_eq!(bind(&SLOT, 1, 5, 8), 0);
            assert_eq!(bind(&SLOT, 2, 5, 8), -22);
            assert_eq!(unbind(&SLOT, 0, 5), 0);
            assert_eq!(unbind(&SLOT, 9, 5), -22);
            assert_eq!(trigger(&SLOT, 2), 0);
            assert_eq!(trigger(&SLOT, 4), -22);
            let live = SLOT.live().unwrap();
            assert_eq!(live.module.heard, [(Side::Sink, 5, 8)]);
            assert_eq!(live.module.command, Some(Command::Pause));
            assert_eq!(free(&SLOT), 0);
        }
        assert_eq!(page.body[..4], [1, 9, 9, 9]);
    }

    #[test]
    fn what_a_module_does_not_say_is_allowed_or_not_there() {
        static SLOT: Slot<Gain> = Slot::new();
        let mut message = Message::default();
        assert_eq!(init(&SLOT, 0), 0);
        // SAFETY: one thread, and a message of no bytes.
        unsafe {
            assert_eq!(bind(&SLOT, 0, 0, 8), 0);
            assert_eq!(unbind(&SLOT, 0, 0), 0);
            assert_eq!(trigger(&SLOT, 1), 0);
            assert_eq!(set_config(&SLOT, &raw const message), -38);
            assert_eq!(get_config(&SLOT, &raw mut message), -38);
            assert_eq!(free(&SLOT), 0);
        }
    }

    #[test]
    fn a_failed_init_leaves_nothing() {
        static SLOT: Slot<Gain> = Slot::new();
        let before = crate::heap_info().allocations;
        assert_eq!(init(&SLOT, 10), -1);
        assert_eq!(crate::heap_info().allocations, before);
        // SAFETY: one thread.
        assert_eq!(unsafe { free(&SLOT) }, -22);
    }
}
