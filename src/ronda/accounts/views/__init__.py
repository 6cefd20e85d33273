"""The account pages: one file per subject."""
