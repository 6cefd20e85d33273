"""Moving from Mikhmon."""
