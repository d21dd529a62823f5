//! The finding codes of `tenant compare`.

crate::record::codes! {
    AccessGranted "access_granted" Error
        "After the change something is allowed that was denied. Of a new tenant's own resources it is a note."
        "Look at the example. If it is meant, let someone answer for it: `--accept FILE`.";
    AccessRevoked "access_revoked" Note
        "After the change something is denied that was allowed. With `--fail-on any` it is an error."
        "Look at the example; users will see it as an outage.";
    AccessRecoded "access_recoded" Note
        "Denied before and after, with other codes. With `--fail-on any` it is an error."
        "Look whether somebody acts on the codes.";
    AcceptanceExpired "acceptance_expired" Warning
        "A reviewed grant is past its day and accepts nothing."
        "Review it again, or remove it.";
    AcceptanceExceeded "acceptance_exceeded" Warning
        "More is granted than was reviewed, so nothing of it is accepted."
        "Review the grant again and write its new `max_points`.";
    AcceptanceUnused "acceptance_unused" Note
        "A reviewed grant that the change does not make."
        "Remove it: it would accept a later change unseen.";
}
