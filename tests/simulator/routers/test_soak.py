"""A short soak: our client and everything that can go wrong, on routers of every version.

`python -m benchmarks.soak` does the same for ten minutes.
"""

import asyncio
import logging

import pytest

from benchmarks.soak.running import soak


@pytest.mark.slow
def test_nothing_is_lost_doubled_or_left_behind_whatever_goes_wrong(caplog):
    caplog.set_level(logging.ERROR)
    outcome = asyncio.run(soak(6, 8.0))
    assert outcome.done["done"] > 100
    assert outcome.done["unknown"] > 0
    assert sum(outcome.wrong.values()) > 20
    assert outcome.after.tasks == outcome.before.tasks
    assert outcome.after.files <= outcome.before.files
