"""Invented payment gateways: real HTTP and real signatures on loopback, and nobody's money."""
