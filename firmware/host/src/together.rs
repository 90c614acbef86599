//! Work on several threads: two things beside each other, or many, as many at once as there are
//! processors.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ScopedJoinHandle};

/// Does two things beside each other. Where both fail, the first one's failure is told.
pub fn both<A: Send, B, E: Send>(
    one: impl FnOnce() -> Result<A, E> + Send,
    other: impl FnOnce() -> Result<B, E>,
) -> Result<(A, B), E> {
    thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        Ok((joined(one)?, other?))
    })
}

/// Does one thing to each of many; what came of them, in their order. After a failure no further
/// one is begun.
pub fn each<I: Sync, O: Send, E: Send>(
    items: &[I],
    work: impl Fn(usize, &I) -> Result<O, E> + Sync,
) -> Result<Vec<O>, E> {
    let next = AtomicUsize::new(0);
    let part = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(number) else {
                return Ok(done);
            };
            match work(number, item) {
                Ok(output) => done.push((number, output)),
                Err(failure) => {
                    next.store(items.len(), Ordering::Relaxed);
                    return Err(failure);
                }
            }
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let mut done = thread::scope(|scope| {
        let started: Vec<_> = (0..workers.min(items.len()))
            .map(|_| scope.spawn(part))
            .collect();
        let mut done = Vec::new();
        for worker in started {
            done.extend(joined(worker)?);
        }
        Ok(done)
    })?;
    done.sort_by_key(|(number, _)| *number);
    Ok(done.into_iter().map(|(_, output)| output).collect())
}

/// What a thread returned; its panic goes on here.
fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_things_give_both_results_or_a_failure() {
        assert_eq!(both(|| Ok::<_, ()>(1), || Ok("two")), Ok((1, "two")));
        assert_eq!(both(|| Err::<(), _>(1), || Ok(())), Err(1));
        assert_eq!(both(|| Ok(()), || Err::<(), _>(2)), Err(2));
        assert_eq!(both(|| Err::<(), _>(1), || Err::<(), _>(2)), Err(1));
    }

    #[test]
    fn many_things_keep_their_order() {
        let items: Vec<usize> = (0..100).collect();
        let squares = each(&items, |number, item| {
            assert_eq!(number, *item);
            // The first ones come last.
            thread::sleep(std::time::Duration::from_micros(200 - 2 * *item as u64));
            Ok::<_, ()>(item * item)
        });
        let expected: Vec<usize> = items.iter().map(|item| item * item).collect();
        assert_eq!(squares, Ok(expected));
        assert_eq!(each(&[], |_, item: &usize| Ok::<_, ()>(*item)), Ok(vec![]));
    }

    #[test]
    fn a_failure_among_many_is_told_and_ends_the_rest() {
        let begun = AtomicUsize::new(0);
        let items: Vec<usize> = (0..1_000).collect();
        let result = each(&items, |_, item| {
            begun.fetch_add(1, Ordering::Relaxed);
            thread::sleep(std::time::Duration::from_micros(100));
            if *item == 3 { Err(*item) } else { Ok(()) }
        });
        assert_eq!(result, Err(3));
        assert!(begun.into_inner() < items.len());
    }
}
