"""Decisions about packages, vouchers, orders and money: pure."""
