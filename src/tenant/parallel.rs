//! Independent pieces of work on several threads.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Does the pieces 0 to `n` in any order and returns what came of them in theirs. `own` makes what a thread keeps to itself:
/// threads that share values of the engine wait for each other at every count of references.
pub fn in_parallel<O, T: Send>(
    jobs: usize,
    n: usize,
    own: impl Fn() -> Result<O, String> + Sync,
    work: impl Fn(&mut O, usize) -> Result<T, String> + Sync,
) -> Result<Vec<T>, String> {
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let thread = || -> Result<Vec<(usize, T)>, String> {
        let (mut own, mut done) = (own()?, Vec::new());
        while !stop.load(Ordering::Relaxed) {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= n {
                break;
            }
            done.push((at, work(&mut own, at).inspect_err(|_| stop.store(true, Ordering::Relaxed))?));
        }
        Ok(done)
    };
    let mut all = Vec::with_capacity(n);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs.clamp(1, n.max(1))).map(|_| scope.spawn(thread)).collect();
        for thread in threads {
            all.extend(thread.join().map_err(|_| "a thread died".to_owned())??);
        }
        Ok::<(), String>(())
    })?;
    all.sort_unstable_by_key(|(at, _)| *at);
    Ok(all.into_iter().map(|(_, done)| done).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_the_pieces() {
        let squares = in_parallel(4, 100, || Ok(()), |(), at| Ok(at * at)).unwrap();
        assert_eq!(squares, (0..100).map(|n| n * n).collect::<Vec<_>>());
        let failed = in_parallel(2, 100, || Ok(()), |(), at| if at == 7 { Err("seven".to_owned()) } else { Ok(at) });
        assert_eq!(failed.unwrap_err(), "seven");
    }
}
