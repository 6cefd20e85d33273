"""Vouchers: made, ended and listed, as `python -m benchmarks.vouchers`."""
