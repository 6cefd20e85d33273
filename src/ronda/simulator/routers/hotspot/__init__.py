"""The hotspot of a simulated router over time: people with phones, and the rules that end sessions.

Everything is driven by events in the order of their moments, so that the same seed, configuration
and calls give the same world, however often or seldom somebody looks at it.
"""
