"""Monthly members."""
