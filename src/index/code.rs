//! The finding codes of the log's files: one documented enum.

crate::record::codes! {
    Malformed "malformed" Error
        "A file of the log, a proof, a policy or a key is not written as its specification says."
        "Fetch it again, or have it written again by who made it.";
    BadNote "bad_note" Error
        "The checkpoint is no signed note with origin, size and root, or it is over a limit."
        "Look at its first bytes: often it is an error page of the host.";
    WrongOrigin "wrong_origin" Error
        "The checkpoint is that of another log than the pinned one."
        "Check the address, and the origin in the trust directory.";
    UnknownKey "index_unknown_key" Error
        "No signature is by a key that is trusted here."
        "Compare the trust directory with the one that the publisher announced; its key may have been rotated.";
    BadSignature "bad_signature" Error
        "A signature that names a trusted key was not made by it over these bytes."
        "Do not use it; find out who changed it.";
    RootMismatch "root_mismatch" Error
        "The hashes do not lead to the root that was signed."
        "Do not use it; keep it together with the checkpoint and show both to others.";
    TileMismatch "tile_mismatch" Error
        "A tile has another length, or other hashes, than the tree that was signed gives it."
        "Fetch it again; where it stays so, the log serves another tree than it signed.";
    TileMissing "tile_missing" Error
        "A tile that the size of the tree requires is not there."
        "Fetch or restore it: the log must serve all tiles of a published size.";
    StatementMissing "statement_missing" Error
        "A statement of an entry that the checkpoint covers is not there."
        "Fetch or restore the page of statements: without it nobody can say what was exported.";
    QuorumUnmet "quorum_unmet" Error
        "Fewer witnesses have cosigned the checkpoint than the policy demands."
        "Fetch the checkpoint again later, or ask the publisher which witnesses did not answer.";
    DigestMismatch "digest_mismatch" Error
        "The statement of an entry is not the one whose digest stands in the log."
        "Look for the statement with the digest of the log: somebody changed this one.";
    WrongIndex "wrong_index" Error
        "An entry says that it stands at another place of the log."
        "The log was put together again: compare it with a copy.";
    TsOrder "ts_order" Error
        "An entry claims a time before that of an earlier one."
        "Ask the publisher: its clock was set back, or entries were put in later.";
    SeqGap "seq_gap" Error
        "The number of an entry in its region does not follow the one before it."
        "An entry was left out or moved: compare the log with a copy.";
    PrevMismatch "prev_mismatch" Error
        "An entry names another entry before it in its region than the one that is there."
        "The entry before it was changed or moved: compare the log with a copy.";
    HeadMismatch "head_mismatch" Error
        "An entry says of another region that it ended elsewhere than it did."
        "Entries of that region were changed, added or left out: compare the log with a copy.";
    TotalMismatch "total_mismatch" Error
        "The entries that the regions are said to have are not all entries of the log."
        "An entry stands in the log outside of the chains: ask the publisher what it is.";
    CheckpointMissing "checkpoint_missing" Error
        "The site has no checkpoint, so nobody can say what it is to hold."
        "Check the address or the folder; an upload may have ended early.";
    Fork "fork" Error
        "The log has signed two trees that contradict each other: entries that were published have changed or are gone."
        "Keep the fork file and show it to others: it convicts the publisher by itself.";
    HeadBehind "head_behind" Error
        "The site shows fewer entries than it showed before."
        "Fetch it again: a cache may be old. Where it stays so, entries are being held back.";
    FirstContact "first_contact" Note
        "Nothing of this log was seen here before, so that it only grew cannot be told."
        "Keep the folder of --state between runs, and the next one can tell.";
    NoWitness "no_witness" Note
        "The policy asks for no witness, so nobody else vouches that all are shown the same log."
        "Ask the publisher for witnesses, and keep the folder of --state.";
    HashMismatch "hash_mismatch" Error
        "A manifest in the site is not the one that was published."
        "Do not use it; ask the publisher for the one whose digest stands in the log.";
    Withheld "withheld" Note
        "The manifest of an entry was never public: its digest alone is in the log."
        "Ask the publisher for it; `sha256sum` tells whether it is the one.";
    Erased "erased" Note
        "The manifest of an entry was taken out of the site, and the log says that its export was withdrawn."
        "See the withdrawal for its reason.";
    ManifestNotServed "manifest_not_served" Error
        "A manifest that is public, says its entry, is not in the site."
        "Fetch or restore it.";
    BundleMismatch "bundle_mismatch" Error
        "A file of an entry is not what the log says of it."
        "Do not use it; `index publish` without paths makes it again where it is not there.";
    BundleMissing "bundle_missing" Error
        "A file that is made of an entry is not in the site."
        "Have it made again: `index publish` without paths.";
    ViewMismatch "view_mismatch" Error
        "A page or an index of the site is not what the log says."
        "Believe the log alone; `index publish` without paths makes the pages again.";
    ViewOtherVersion "view_other_version" Note
        "The page for people was made by another version of govctl, so its bytes cannot be compared."
        "Verify with the version that the page names, or have the page made again.";
    TooOld "too_old" Error
        "The newest time that witnesses vouch for is older than --max-age."
        "Fetch the checkpoint again; where it stays so, the publisher or its witnesses have stopped.";
    NoTime "no_time" Note
        "No quorum of witnesses says when the checkpoint was seen."
        "Ask the publisher for witnesses; the times of entries are claims.";
    FileMismatch "file_mismatch" Error
        "The files of a run are not those of its manifest."
        "See `govctl evidence verify` for each file.";
    NotPublished "not_published" Error
        "The manifest of a run is not in the log."
        "Publish it, or find out what was published in its place.";
}
