"""How the parts of an installation are started."""

import sys

from ronda.app.processes import command_of


def test_a_part_takes_no_module_from_the_folder_it_is_started_in():
    assert command_of("web", ["--one"])[:5] == [sys.executable, "-P", "-m", "ronda", "web"]
