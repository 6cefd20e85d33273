"""Selling: packages, vouchers, orders, payments, members, resellers, the ledger and its reports."""
