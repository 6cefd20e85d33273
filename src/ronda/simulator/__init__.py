"""An invented network to watch: a neighbourhood, its bad evenings, and a fibre that answers ping.

Only the far end is simulated. What watches it is the ordinary product, and nothing here knows of
it: this package imports nothing above the kernel.
"""
