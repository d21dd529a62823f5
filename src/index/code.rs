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
    UnknownKey "unknown_key" Error
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
    QuorumUnmet "quorum_unmet" Error
        "Fewer witnesses have cosigned the checkpoint than the policy demands."
        "Fetch the checkpoint again later, or ask the publisher which witnesses did not answer.";
}
