//! Independent pieces of work on several threads.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;

/// What is done but not yet taken waits up to so many pieces.
const WAITING: usize = 64;

/// Does the pieces 0 to `n` in any order and hands what came of them to `take` in theirs. `own` makes what a thread keeps to
/// itself: threads that share values of the engine wait for each other at every count of references.
pub fn in_order<O, T: Send>(
    jobs: usize,
    n: u64,
    own: impl Fn() -> Result<O, String> + Sync,
    work: impl Fn(&mut O, u64) -> Result<T, String> + Sync,
    mut take: impl FnMut(T),
) -> Result<(), String> {
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let (sender, receiver) = mpsc::sync_channel::<(u64, Result<T, String>)>(WAITING);
    let thread = |sender: mpsc::SyncSender<_>| {
        let mut own = match own() {
            Ok(own) => own,
            Err(e) => return drop(sender.send((0, Err(e)))),
        };
        while !stop.load(Ordering::Relaxed) {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= n || sender.send((at, work(&mut own, at))).is_err() {
                break;
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, usize::try_from(n).unwrap_or(jobs).max(1)) {
            let sender = sender.clone();
            scope.spawn(|| thread(sender));
        }
        drop(sender);
        let (mut waiting, mut taken, mut failed) = (BTreeMap::new(), 0, None);
        for (at, done) in receiver {
            match done {
                Ok(done) => drop(waiting.insert(at, done)),
                Err(e) => {
                    stop.store(true, Ordering::Relaxed);
                    failed = failed.or(Some(e));
                }
            }
            while let Some(done) = waiting.remove(&taken) {
                taken += 1;
                take(done);
            }
        }
        failed.map_or(Ok(()), Err)
    })
}

/// The same, with all that came of them in one list.
pub fn in_parallel<O, T: Send>(
    jobs: usize,
    n: usize,
    own: impl Fn() -> Result<O, String> + Sync,
    work: impl Fn(&mut O, usize) -> Result<T, String> + Sync,
) -> Result<Vec<T>, String> {
    let mut all = Vec::with_capacity(n);
    in_order(jobs, n as u64, own, |own, at| work(own, at as usize), |done| all.push(done))?;
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_the_pieces() {
        let squares = in_parallel(4, 1000, || Ok(()), |(), at| Ok(at * at)).unwrap();
        assert_eq!(squares, (0..1000).map(|n| n * n).collect::<Vec<_>>());
        assert_eq!(in_parallel(4, 0, || Ok(()), |(), at| Ok(at)).unwrap(), [0; 0]);
    }

    #[test]
    fn what_fails_ends_the_work() {
        let failed = in_parallel(2, 1000, || Ok(()), |(), at| if at == 7 { Err("seven".to_owned()) } else { Ok(at) });
        assert_eq!(failed.unwrap_err(), "seven");
        let unable = in_parallel(2, 10, || Err::<(), _>("no machine".to_owned()), |(), at| Ok(at));
        assert_eq!(unable.unwrap_err(), "no machine");
    }
}
