"""The order of steps, transactions, and what is tried again."""
