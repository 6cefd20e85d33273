"""How long reports on sales take."""
