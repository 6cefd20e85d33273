"""Pages of the shop: for staff, for sellers and for buyers."""
