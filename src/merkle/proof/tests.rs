//! Against a model that is RFC 6962 word by word, and against every kind of damage.

use std::convert::Infallible;

use proptest::prelude::*;

use super::*;
use crate::merkle::{Frontier, leaf_hash};

/// Section 2.1: the hash of a list.
fn mth(leaves: &[Sha]) -> Sha {
    match leaves {
        [] => Sha256::digest([]).into(),
        [one] => *one,
        _ => {
            let k = split_at(leaves.len());
            node_hash(&mth(&leaves[..k]), &mth(&leaves[k..]))
        }
    }
}

fn split_at(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

/// Section 2.1.1.
fn path(m: usize, leaves: &[Sha]) -> Vec<Sha> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let k = split_at(leaves.len());
    let (mut proof, beside) =
        if m < k { (path(m, &leaves[..k]), mth(&leaves[k..])) } else { (path(m - k, &leaves[k..]), mth(&leaves[..k])) };
    proof.push(beside);
    proof
}

/// Section 2.1.2.
fn subproof(m: usize, leaves: &[Sha], whole: bool) -> Vec<Sha> {
    if m == leaves.len() {
        return if whole { Vec::new() } else { vec![mth(leaves)] };
    }
    let k = split_at(leaves.len());
    let (mut proof, beside) = if m <= k {
        (subproof(m, &leaves[..k], whole), mth(&leaves[k..]))
    } else {
        (subproof(m - k, &leaves[k..], false), mth(&leaves[..k]))
    };
    proof.push(beside);
    proof
}

/// All complete subtrees of a tree, level by level.
struct Levels(Vec<Vec<Sha>>);

impl Levels {
    fn of(leaves: Vec<Sha>) -> Self {
        let mut levels = vec![leaves];
        while let Some(last) = levels.last().filter(|last| last.len() > 1) {
            levels.push(last.chunks_exact(2).map(|pair| node_hash(&pair[0], &pair[1])).collect());
        }
        Levels(levels)
    }

    fn hashes(&self, plan: &[Range]) -> Vec<Sha> {
        let subtree = |node: Node| Ok::<_, Infallible>(self.0[node.level as usize][node.index as usize]);
        hashes(plan, subtree).unwrap()
    }

    fn root(&self, size: u64) -> Sha {
        self.hashes(&[Range::whole(size)])[0]
    }
}

fn leaves(n: usize) -> Vec<Sha> {
    (0..n as u64).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

#[test]
fn roots_are_those_of_the_model_at_all_sizes_up_to_600() {
    let all = leaves(600);
    let levels = Levels::of(all.clone());
    let mut frontier = Frontier::default();
    for n in 0..=600 {
        assert_eq!(levels.root(n as u64), mth(&all[..n]), "{n}");
        assert_eq!(frontier.root(), mth(&all[..n]), "{n}");
        all.get(n).into_iter().for_each(|leaf| frontier.push(*leaf));
    }
}

#[test]
fn every_leaf_of_every_tree_up_to_600_is_proven_as_the_model_does() {
    let all = leaves(600);
    let levels = Levels::of(all.clone());
    for n in 1..=600u64 {
        let root = levels.root(n);
        for i in 0..n {
            let proof = levels.hashes(&inclusion(i, n).unwrap());
            // The model hashes every leaf again for each proof, so it is asked about a part of the larger trees.
            if n <= 130 || (i * 31 + n) % 61 == 0 {
                assert_eq!(proof, path(i as usize, &all[..n as usize]), "{i} of {n}");
            }
            assert!(includes(&all[i as usize], i, n, &proof, &root), "{i} of {n}");
        }
        assert_eq!(inclusion(n, n), None);
    }
}

#[test]
fn consistency_is_that_of_the_model() {
    let all = leaves(600);
    let levels = Levels::of(all.clone());
    let sampled = (0..600u64).map(|i| (i * 7919 % 601, i * 104_729 % 601));
    let pairs = (0..=130).flat_map(|n| (0..=n).map(move |m| (m, n)));
    for (m, n) in pairs.chain(sampled).filter(|(m, n)| m <= n) {
        let proof = levels.hashes(&consistency(m, n).unwrap());
        let model = if m == 0 { Vec::new() } else { subproof(m as usize, &all[..n as usize], true) };
        assert_eq!(proof, model, "{m} to {n}");
        assert!(consistent(m, n, &proof, &levels.root(m), &levels.root(n)), "{m} to {n}");
        assert_eq!(consistency(n + 1, n), None);
    }
}

/// Every way to spoil a proof: a bit of a hash, a hash dropped, doubled, added in front or behind, two exchanged.
fn spoiled(proof: &[Sha]) -> Vec<Vec<Sha>> {
    let mut all = Vec::new();
    for i in 0..proof.len() {
        let mut flipped = proof.to_vec();
        flipped[i][i % 32] ^= 1 << (i % 8);
        let mut dropped = proof.to_vec();
        dropped.remove(i);
        let mut doubled = proof.to_vec();
        doubled.insert(i, proof[i]);
        all.extend([flipped, dropped, doubled]);
        if i > 0 {
            let mut swapped = proof.to_vec();
            swapped.swap(i - 1, i);
            all.push(swapped);
        }
    }
    all.push([&[[7; 32]], proof].concat());
    all.push([proof, &[[7; 32]]].concat());
    all
}

fn flipped(hash: &Sha, bit: usize) -> Sha {
    let mut hash = *hash;
    hash[bit / 8] ^= 1 << (bit % 8);
    hash
}

#[test]
fn damage_of_an_inclusion_proof_is_seen() {
    let all = leaves(40);
    let levels = Levels::of(all.clone());
    for n in 1..=40 {
        let root = levels.root(n);
        for i in 0..n {
            let (proof, leaf) = (levels.hashes(&inclusion(i, n).unwrap()), all[i as usize]);
            for bad in spoiled(&proof) {
                assert!(!includes(&leaf, i, n, &bad, &root), "{i} of {n}");
            }
            let bit = (n * 41 + i) as usize % 256;
            assert!(!includes(&flipped(&leaf, bit), i, n, &proof, &root));
            assert!(!includes(&leaf, i, n, &proof, &flipped(&root, bit)));
            assert!(!includes(&leaf, i, 1 << 20, &proof, &root), "{i} of {n}");
            for j in (0..n + 3).filter(|j| *j != i) {
                assert!(!includes(&leaf, j, n, &proof, &root), "{i} of {n} as {j}");
            }
        }
    }
}

#[test]
fn damage_of_a_consistency_proof_is_seen() {
    let levels = Levels::of(leaves(70));
    for n in 0..=70 {
        for m in 0..=n {
            let (before, after) = (levels.root(m), levels.root(n));
            let proof = levels.hashes(&consistency(m, n).unwrap());
            for bad in spoiled(&proof) {
                assert!(!consistent(m, n, &bad, &before, &after), "{m} to {n}");
            }
            let bit = (n * 71 + m) as usize % 256;
            assert!(!consistent(m, n, &proof, &flipped(&before, bit), &after), "{m} to {n}");
            // From nothing every tree has grown.
            assert_eq!(consistent(m, n, &proof, &before, &flipped(&after, bit)), m == 0 && n > 0, "{m} to {n}");
            assert!(!consistent(n + 1, n, &proof, &before, &after));
            // Hashes that lead to both roots long before a tree of that size has its root.
            assert!(m == 0 || !consistent(m, 1 << 20, &proof, &before, &after), "{m} to {n}");
        }
    }
}

/// The names that RFC 6962, section 2.1.3, gives to the nodes of its tree of seven leaves.
#[test]
fn the_examples_of_rfc_6962_hold() {
    let node = |level, index| vec![Node { level, index }];
    let nodes = |plan: Vec<Range>| plan.into_iter().map(Range::nodes).collect::<Vec<_>>();
    let (b, c, f, i, j) = (node(0, 1), node(0, 2), node(0, 5), node(1, 2), node(0, 6));
    let (g, h, d, k) = (node(1, 0), node(1, 1), node(0, 3), node(2, 0));
    let l = vec![i[0], j[0]];
    assert_eq!(nodes(inclusion(0, 7).unwrap()), [b, h.clone(), l.clone()]);
    assert_eq!(nodes(inclusion(3, 7).unwrap()), [c.clone(), g.clone(), l.clone()]);
    assert_eq!(nodes(inclusion(4, 7).unwrap()), [f, j.clone(), k.clone()]);
    assert_eq!(nodes(inclusion(6, 7).unwrap()), [i.clone(), k.clone()]);
    assert_eq!(nodes(consistency(3, 7).unwrap()), [c, d, g, l.clone()]);
    assert_eq!(nodes(consistency(4, 7).unwrap()), [l]);
    assert_eq!(nodes(consistency(6, 7).unwrap()), [i, j, k]);
}

#[test]
fn the_largest_sizes_overflow_nothing() {
    let root = [3; 32];
    let many = vec![[5; 32]; 70];
    for size in [u64::MAX, u64::MAX - 1, 1 << 63, (1 << 63) + 1, (1 << 63) - 1] {
        for index in [0, 1, size / 2, size - 2, size - 1] {
            let plan = inclusion(index, size).unwrap();
            assert!(plan.len() <= 64);
            let made = hashes(&plan, |node| Ok::<_, Infallible>([node.level as u8; 32])).unwrap();
            assert!(!includes(&root, index, size, &made, &root));
            assert!(consistency(index, size).unwrap().len() <= 65);
            for n in 0..many.len() {
                assert!(!includes(&root, index, size, &many[..n], &root));
                assert!(!consistent(index.max(1), size, &many[..n], &root, &root), "{index} {size} {n}");
            }
        }
        assert!(!includes(&root, size, size, &[], &root));
    }
    assert!(!includes(&root, 0, 0, &[], &root));
    assert!(consistent(u64::MAX, u64::MAX, &[], &root, &root));
}

/// A tree too large to build: its leaves are the same, so each level has one hash.
fn uniform(node: Node) -> Result<Sha, Infallible> {
    Ok((0..node.level).fold([9; 32], |hash, _| node_hash(&hash, &hash)))
}

proptest! {
    #[test]
    fn random_trees_up_to_a_million_leaves_prove_themselves(size in 1u64..=1 << 20, at in any::<u64>(), old in any::<u64>()) {
        let (index, old) = (at % size, old % (size + 1));
        let root = Range::whole(size).hash(&mut uniform).unwrap();
        let proof = hashes(&inclusion(index, size).unwrap(), uniform).unwrap();
        prop_assert!(includes(&[9; 32], index, size, &proof, &root));
        prop_assert!(!includes(&[8; 32], index, size, &proof, &root));
        let before = Range::whole(old).hash(&mut uniform).unwrap();
        let proof = hashes(&consistency(old, size).unwrap(), uniform).unwrap();
        prop_assert!(consistent(old, size, &proof, &before, &root));
        let wrong = flipped(&before, index as usize % 256);
        prop_assert!(!consistent(old, size, &proof, &wrong, &root));
    }

    #[test]
    fn any_two_sizes_and_hashes_give_an_answer(
        a in any::<u64>(), b in any::<u64>(), proof in prop::collection::vec(any::<Sha>(), 0..70), root in any::<Sha>()
    ) {
        prop_assert!(!includes(&root, a, b, &proof, &[0; 32]));
        prop_assert!(!consistent(a.max(1), b, &proof, &root, &[0; 32]));
    }
}
