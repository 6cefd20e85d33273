"""How often what may go wrong at any instant is tried at a random one, and how large a large fleet is."""

import os

#: A hundred where nobody waits; where somebody does, RONDA_TEST_ROUNDS says fewer.
ROUNDS = int(os.environ.get("RONDA_TEST_ROUNDS", "100"))
