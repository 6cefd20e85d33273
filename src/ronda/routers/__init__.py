"""Routers (MikroTiks) and their credentials: entered, tested, explained, set up."""
