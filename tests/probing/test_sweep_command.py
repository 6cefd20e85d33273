"""`ronda sweep`, as scripts use it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ronda.cli import main

FAST = ["--timeout", "0.3", "--retries", "0"]


def test_all_answered_is_status_0_with_a_line_each() -> None:
    result = CliRunner().invoke(main, ["sweep", "127.0.0.1", "127.0.0.2", *FAST])
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["127.0.0.1", "127.0.0.2"]
    assert all(line.endswith(" ms") for line in lines)
    assert result.stderr.startswith("2 probed, 2 answered, 0 did not, ")


def test_json_is_one_document_with_stable_keys() -> None:
    result = CliRunner().invoke(main, ["sweep", "127.0.0.1", "no-such.invalid", "--json", *FAST])
    document = json.loads(result.stdout)
    assert result.exit_code == 1
    assert list(document) == [
        "method",
        "started_at",
        "duration_s",
        "probed",
        "answered",
        "missed",
        "sent",
        "late",
        "duplicates",
        "dropped",
        "uncertain",
        "targets",
    ]
    first, second = document["targets"]
    assert (first["address"], first["answered"], first["cause"]) == ("127.0.0.1", True, "reply")
    assert first["rtt_ms"] > 0
    assert second["answered"] is False
    assert second["rtt_ms"] is None
    assert (document["probed"], document["answered"], document["missed"]) == (2, 1, 1)


def test_addresses_come_from_a_file_and_from_standard_input(tmp_path: Path) -> None:
    listed = tmp_path / "list"
    listed.write_text("# the village\n127.0.0.1\n\n127.0.0.2  # mosque\n")
    result = CliRunner().invoke(
        main, ["sweep", "-", "-f", str(listed), *FAST], input="127.0.0.3\n127.0.0.1\n"
    )
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == [
        "127.0.0.3",
        "127.0.0.1",
        "127.0.0.1",
        "127.0.0.2",
    ]


def test_bad_addresses_are_named_with_their_lines_and_nothing_is_probed() -> None:
    result = CliRunner().invoke(
        main, ["sweep", "127.0.0.1", "224.0.0.1", "-"], input="127.0.0.1\n$(reboot)\n-c\n"
    )
    assert result.exit_code == 2
    assert "argument 2: '224.0.0.1' cannot be probed: it is a group" in result.stderr
    assert "standard input line 2: '$(reboot)' cannot be probed" in result.stderr
    assert "standard input line 3: '-c' cannot be probed: it starts with a hyphen" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    "words",
    [[], ["--retries", "-1", "127.0.0.1"], ["-c", "127.0.0.1"], ["--rate", "x", "127.0.0.1"]],
)
def test_wrong_usage_is_status_2(words: list[str]) -> None:
    assert CliRunner().invoke(main, ["sweep", *words]).exit_code == 2


def test_the_command_starts_without_the_web_framework() -> None:
    code = (
        "import sys\n"
        "from ronda.cli import main\n"
        "try:\n"
        "    main(['sweep', '127.0.0.1', '--timeout', '0.3'])\n"
        "except SystemExit as end:\n"
        "    heavy = {'django', 'asyncio', 'pydantic', 'multiprocessing'} & set(sys.modules)\n"
        "    print(end.code, sorted(heavy))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert done.stdout.splitlines()[-1] == "0 []"
