"""What can be done with people, links, tokens and the audit trail: one file per subject."""
