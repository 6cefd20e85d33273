"""What was seen of a router, judged: each finding has a level, a likely cause and the commands to repair it."""

from ronda.routers.rules.findings.connection import connection
from ronda.routers.rules.findings.finding import Finding, Level, worst
from ronda.routers.rules.findings.hotspot import hotspot
from ronda.routers.rules.findings.safety import safety
from ronda.routers.rules.findings.system import system
from ronda.routers.rules.observed import Observed

__all__ = ["Finding", "Level", "findings", "worst"]


def findings(observed: Observed) -> list[Finding]:
    """Everything worth saying, in the order of the steps; without a connection only why there is none."""
    found = connection(observed)
    if observed.connected:
        found += [*system(observed), *hotspot(observed), *safety(observed)]
    return found
