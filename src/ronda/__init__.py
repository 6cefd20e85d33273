"""Ronda: the night round of a hotspot and fibre network."""

__version__ = "0.1.0"
