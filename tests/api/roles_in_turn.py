"""A hook of schemathesis: every request comes from somebody else, so one run tries the API as every role.

`RONDA_TEST_TOKENS` holds `role:token` pairs. The first role sends every other request, since it alone comes to
the ends of all operations; the others take turns between.
"""

import os
from itertools import cycle
from typing import Any

import schemathesis

_PAIRS = [pair.split(":", 1) for pair in os.environ["RONDA_TEST_TOKENS"].split()]
_TURNS = cycle([turn for other in _PAIRS[1:] for turn in (_PAIRS[0], other)])


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Sign the request, and say as whom, for whoever reads a failure."""
    role, token = next(_TURNS)
    case.headers["X-API-Key"] = token
    case.headers["X-Tried-As"] = role
