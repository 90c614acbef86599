//! The macro that turns a type into a module.

/// Makes a type that implements [`crate::Module`] into a module: its header and its entry
/// points. Once per crate.
///
/// `stack`, `lifetime` and `interim` are bytes: of stack, of region for what `init` and `prepare`
/// allocate, and of region for what comes and goes afterwards. The SDK takes the module's own
/// state out of the lifetime part. `uuid` is `[u8; 16]`, `version` is `(major, minor)`.
#[macro_export]
macro_rules! module {
    (
        name: $name:expr,
        uuid: $uuid:expr,
        version: $version:expr,
        stack: $stack:expr,
        lifetime: $lifetime:expr,
        interim: $interim:expr,
        type: $type:ty $(,)?
    ) => {
        /// What this module is and wants, and where its entry points are.
        // Exported on the target only: a host program may hold several modules.
        #[cfg_attr(target_arch = "xtensa", unsafe(export_name = "bulkhead_module"))]
        #[cfg_attr(target_arch = "xtensa", unsafe(link_section = ".bulkhead"))]
        #[used]
        pub static MODULE_HEADER: $crate::Header = {
            static LIVE: $crate::entry::Slot<$type> = $crate::entry::Slot::new();

            unsafe extern "C" fn init(restarts: u32) -> i32 {
                $crate::entry::init(&LIVE, restarts)
            }
            unsafe extern "C" fn prepare(rate_hz: u32, channels: u32, period_frames: u32) -> i32 {
                // SAFETY: the kernel enters a module once at a time.
                unsafe { $crate::entry::prepare(&LIVE, rate_hz, channels, period_frames) }
            }
            unsafe extern "C" fn process(input: *const i32, output: *mut i32, frames: u32) -> i32 {
                // SAFETY: the kernel enters a module once at a time, with buffers of `frames`
                // frames that do not overlap.
                unsafe { $crate::entry::process(&LIVE, input, output, frames) }
            }
            unsafe extern "C" fn reset() -> i32 {
                // SAFETY: the kernel enters a module once at a time.
                unsafe { $crate::entry::reset(&LIVE) }
            }
            unsafe extern "C" fn free() -> i32 {
                // SAFETY: the kernel enters a module once at a time.
                unsafe { $crate::entry::free(&LIVE) }
            }
            unsafe extern "C" fn bind(side: u32, pin: u32, frame_bytes: u32) -> i32 {
                // SAFETY: the kernel enters a module once at a time.
                unsafe { $crate::entry::bind(&LIVE, side, pin, frame_bytes) }
            }
            unsafe extern "C" fn unbind(side: u32, pin: u32) -> i32 {
                // SAFETY: the kernel enters a module once at a time.
                unsafe { $crate::entry::unbind(&LIVE, side, pin) }
            }
            unsafe extern "C" fn set_config(message: *const $crate::Message) -> i32 {
                // SAFETY: the kernel enters a module once at a time, with its message page.
                unsafe { $crate::entry::set_config(&LIVE, message) }
            }
            unsafe extern "C" fn get_config(message: *mut $crate::Message) -> i32 {
                // SAFETY: the kernel enters a module once at a time, with its message page.
                unsafe { $crate::entry::get_config(&LIVE, message) }
            }
            unsafe extern "C" fn trigger(command: u32) -> i32 {
                // SAFETY: the kernel enters a module once at a time.
                unsafe { $crate::entry::trigger(&LIVE, command) }
            }

            $crate::Header::new(
                $crate::entry::Description {
                    name: $name,
                    uuid: $uuid,
                    version: $version,
                    stack_bytes: $stack,
                    lifetime_bytes: $lifetime,
                    interim_bytes: $interim,
                },
                $crate::entry::Entries {
                    init,
                    prepare,
                    process,
                    reset,
                    free,
                    bind,
                    unbind,
                    set_config,
                    get_config,
                    trigger,
                },
            )
        };
    };
}
