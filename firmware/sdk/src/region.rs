//! Values that live in the module's region and are freed when dropped.

use core::fmt;
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;

use abi::{AllocFlags, Errno};

/// One value in the region.
pub struct Owned<T>(NonNull<T>);

impl<T> Owned<T> {
    /// Moves `value` into the region.
    pub fn new(value: T) -> Result<Self, Errno> {
        let place = allocate::<T>(1)?;
        // SAFETY: `place` is new, and has the size and alignment of a `T`.
        unsafe { place.write(value) };
        Ok(Owned(place))
    }
}

impl<T> Deref for Owned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: `new` wrote the value, and we own it.
        unsafe { self.0.as_ref() }
    }
}

impl<T> DerefMut for Owned<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: `new` wrote the value, and we own it.
        unsafe { self.0.as_mut() }
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        // SAFETY: `new` wrote the value; it is not used again.
        unsafe { self.0.drop_in_place() };
        release(self.0, 1);
    }
}

impl<T: fmt::Debug> fmt::Debug for Owned<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}

/// Some values in the region, as many as were asked for.
pub struct Array<T: Copy> {
    first: NonNull<T>,
    len: usize,
}

impl<T: Copy> Array<T> {
    /// `len` copies of `value`.
    pub fn new(value: T, len: usize) -> Result<Self, Errno> {
        let first = allocate::<T>(len)?;
        for index in 0..len {
            // SAFETY: `first` is new and has room for `len` values.
            unsafe { first.add(index).write(value) };
        }
        Ok(Array { first, len })
    }
}

impl<T: Copy> Deref for Array<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: `new` wrote `len` values, and we own them.
        unsafe { core::slice::from_raw_parts(self.first.as_ptr(), self.len) }
    }
}

impl<T: Copy> DerefMut for Array<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: `new` wrote `len` values, and we own them.
        unsafe { core::slice::from_raw_parts_mut(self.first.as_ptr(), self.len) }
    }
}

impl<T: Copy> Drop for Array<T> {
    fn drop(&mut self) {
        release(self.first, self.len);
    }
}

impl<T: Copy + fmt::Debug> fmt::Debug for Array<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(formatter)
    }
}

/// Room for `len` values; nothing is allocated where they take no bytes.
fn allocate<T>(len: usize) -> Result<NonNull<T>, Errno> {
    let bytes = size_of::<T>().checked_mul(len).ok_or(Errno::NoMemory)?;
    if bytes == 0 {
        return Ok(NonNull::dangling());
    }
    let bytes = u32::try_from(bytes).map_err(|_| Errno::NoMemory)?;
    Ok(crate::alloc(bytes, align_of::<T>() as u32, AllocFlags::empty())?.cast())
}

fn release<T>(first: NonNull<T>, len: usize) {
    if size_of::<T>() * len != 0 {
        // SAFETY: `allocate` gave it, and the owner is being dropped.
        unsafe { crate::free(first.cast()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_is_freed() {
        let before = crate::heap_info().allocations;
        {
            let mut array = Array::new(7_u64, 5).unwrap();
            array[4] = 8;
            assert_eq!(*array, [7, 7, 7, 7, 8]);
            let mut owned = Owned::new([1, 2]).unwrap();
            owned[0] = 3;
            assert_eq!(*owned, [3, 2]);
            assert_eq!(crate::heap_info().allocations, before + 2);
        }
        assert_eq!(crate::heap_info().allocations, before);
    }

    #[test]
    fn nothing_takes_no_memory() {
        let before = crate::heap_info().allocations;
        let none = Array::new(1_u8, 0).unwrap();
        let unit = Owned::new(()).unwrap();
        assert_eq!(crate::heap_info().allocations, before);
        drop((none, unit));
    }

    #[test]
    fn a_size_that_wraps_is_refused() {
        assert_eq!(
            Array::new(0_u64, usize::MAX / 4).err(),
            Some(Errno::NoMemory)
        );
    }
}
