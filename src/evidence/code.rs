//! The codes of `evidence verify`: one documented enum. `govctl util explain` and docs/finding-codes.md show its table.

crate::record::codes! {
    ManifestMissing "manifest_missing" Error
        "The folder has no `manifest.json`. The manifest is written last, so without one there is no evidence: the run was cut off, or somebody took it away."
        "Name a run directory that a command with `--evidence` wrote; make the run again if it was cut off.";
    ManifestUnreadable "manifest_unreadable" Error
        "`manifest.json` is no statement about a run: a syntax error, a key that stands twice, values that nest too deep, another type or major version, a region that is none, more than 16 MiB. Nothing in it was believed."
        "Find out who wrote it; verify it with a newer govctl if one made it.";
    EvidenceUnreadable "evidence_unreadable" Error
        "The operating system does not let a file or folder of the evidence be read, so it could not be checked."
        "Verify as a user who may read it.";
    EvidenceLink "evidence_link" Error
        "A symbolic link stands where a file or the folder of a run belongs. It was not followed: it leads to what the evidence does not hold and what may change."
        "Copy what is meant to its place, for example with `cp -rL`.";
    SpecialFile "special_file" Error
        "A folder, pipe, socket or device stands where a file belongs. It was not read."
        "Find out who put it there; copy the evidence again from its origin.";
    SubjectName "subject_name" Error
        "The manifest lists a name that is no file of the run's folder: it is absolute, leads out with `..`, is not spelled plainly, stands twice, or is the manifest or its signature."
        "Do not use the evidence; find out who made it.";
    SubjectMissing "subject_missing" Error
        "A file that the manifest lists is not in the folder."
        "Copy the evidence again from its origin, whole; a file that was compressed has to be decompressed.";
    SubjectAltered "subject_altered" Error
        "A file is not the one that the run wrote: its SHA-256 differs from the manifest's."
        "Do not use it; copy it again from its origin, and find out who changed it.";
    SubjectWithheld "subject_withheld" Note
        "`dead_letters.ndjson` was taken out of the folder. It holds rows as they came, which may have to stay in their region, so its absence fails nothing; the manifest still tells its SHA-256."
        "Ask for the file where the run was made, and compare its SHA-256.";
    UnlistedFile "unlisted_file" Error
        "The folder holds something that the manifest does not list, so nobody vouches for it."
        "Move it out of the folder of the run.";
    ManifestUnsigned "manifest_unsigned" Error
        "There is no `manifest.sigstore.json`: whoever can write the folder can write other evidence that agrees with itself. With `--allow-unsigned` this fails nothing."
        "Make runs with `--evidence-key`. If yours are signed, somebody took the signature away.";
    NoProducerKey "no_producer_key" Error
        "The manifest is signed, and no key was given to check by whom."
        "Give `--producer-key` with the public key of who made the run; a key that comes with the evidence proves nothing.";
    ProducerUnknown "producer_unknown" Error
        "The manifest is signed, and by its own word with another key than those given."
        "Get the public key of who made the run over a way that you trust. If the given key is the one, the evidence was signed again by somebody else.";
    ManifestSignatureInvalid "manifest_signature_invalid" Error
        "The signature does not belong to these bytes of `manifest.json`. Nothing in them was believed."
        "Do not use the evidence; copy it again from its origin, and find out who changed it.";
    ManifestSignatureUnreadable "manifest_signature_unreadable" Error
        "`manifest.sigstore.json` is no Sigstore bundle v0.3 with a message signature by a key."
        "Copy it again from its origin; for bundles of others use cosign.";
    RunIncomplete "run_incomplete" Error
        "The run did not come to its end, or a part of its input never came: the evidence proves what was written, not that nothing else was found."
        "Make the run again.";
    ChainAltered "chain_altered" Error
        "The chain file of the region and the manifests beside it contradict one another: it cannot be read, or the run that it names has another manifest or another one before it."
        "Compare with a copy of the newest digest that lies elsewhere; find out who changed the folder.";
    NotInChain "not_in_chain" Error
        "The chain leads from the newest manifest to the first without a gap, and not over this run: it was not made in this folder."
        "Find out who put it there.";
    ChainGap "chain_gap" Note
        "A manifest that the chain names is not in the folder. Old runs may be removed, and a run directory may be passed on without the others: what came before is not established."
        "Verify the whole evidence folder; keep its runs as long as you have to show that none is missing.";
    ChainAbsent "chain_absent" Note
        "Above the run there is no chain file of its region, so whether other runs are missing is not established."
        "Verify the evidence folder in which the run was made.";
}
