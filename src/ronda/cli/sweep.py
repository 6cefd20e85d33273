"""`ronda sweep`: who answers right now."""

import json
import sys
from collections.abc import Iterable, Iterator
from typing import NoReturn, TextIO

import click

from ronda.kernel.addresses import AddressRefused, parse_address
from ronda.probing.methods import MethodRefused, Wanted
from ronda.probing.once import Outcome, sweep_once
from ronda.probing.port import Cause

_MOST_COMPLAINTS = 20
_WORDS = {
    Cause.SILENT: "silent",
    Cause.UNREACHABLE: "unreachable",
    Cause.TTL_EXCEEDED: "routing loop",
    Cause.SEND_FAILED: "not sent (no route or no such name)",
}


@click.command()
@click.argument("addresses", nargs=-1, metavar="[ADDRESS...|-]")
@click.option("-f", "--file", type=click.File(encoding="utf-8"), help="One address per line.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--timeout",
    type=click.FloatRange(0.01, 60),
    default=1.0,
    show_default=True,
    help="Seconds to wait for each reply.",
)
@click.option(
    "--retries",
    type=click.IntRange(0, 20),
    default=1,
    show_default=True,
    help="How often silence is asked again.",
)
@click.option(
    "--rate",
    type=click.IntRange(0, 1_000_000),
    default=10_000,
    show_default=True,
    help="Probes per second; 0 sends as fast as answers come.",
)
@click.option(
    "--method",
    type=click.Choice(["auto", "icmp-datagram", "icmp-raw", "ping", "tcp"]),
    default="auto",
    show_default=True,
    help="How to probe.",
)
def sweep(
    addresses: tuple[str, ...],
    file: TextIO | None,
    as_json: bool,
    timeout: float,
    retries: int,
    rate: int,
    method: Wanted,
) -> None:
    """Probe addresses once and say who answers.

    ADDRESS is an IPv4 or IPv6 address or a host name; - reads one per line from standard input.
    Exit status: 0 all answered, 1 some did not, 2 wrong usage.
    """
    wanted = _read(addresses, file)
    if not wanted:
        raise click.UsageError("no addresses given")
    try:
        outcome = sweep_once(
            wanted,
            timeout=timeout,
            retries=retries,
            rate=rate,
            method=method,
        )
    except MethodRefused as refused:
        raise click.UsageError(str(refused)) from None
    if as_json:
        click.echo(json.dumps(_document(wanted, outcome), separators=(",", ":")))
    else:
        _print(wanted, outcome)
    sys.exit(0 if None not in outcome.rtts_us else 1)


def _read(addresses: tuple[str, ...], file: TextIO | None) -> list[str]:
    """All addresses in canonical spelling, in the order given; ends the command if one is bad."""
    wanted: list[str] = []
    complaints: list[str] = []
    for place, text in _texts(addresses, file):
        try:
            wanted.append(parse_address(text, loopback=True).text)
        except AddressRefused as refused:
            complaints.append(f"{place}: {refused}")
    if complaints:
        _refuse(complaints)
    return wanted


def _texts(addresses: tuple[str, ...], file: TextIO | None) -> Iterator[tuple[str, str]]:
    for number, text in enumerate(addresses, 1):
        if text == "-":
            yield from _lines("standard input", sys.stdin)
        else:
            yield f"argument {number}", text
    if file is not None:
        yield from _lines(file.name, file)


def _lines(name: str, lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines, 1):
        text = line.partition("#")[0].strip()
        if text:
            yield f"{name} line {number}", text


def _refuse(complaints: list[str]) -> NoReturn:
    more = len(complaints) - _MOST_COMPLAINTS
    shown = complaints[:_MOST_COMPLAINTS] + ([f"... and {more} more"] if more > 0 else [])
    raise click.UsageError("\n".join(shown))


def _print(wanted: list[str], outcome: Outcome) -> None:
    width = max(map(len, wanted))
    lines = []
    for number, (address, rtt) in enumerate(zip(wanted, outcome.rtts_us, strict=True)):
        if rtt is not None:
            lines.append(f"{address:<{width}}  {rtt / 1000:.3f} ms")
        else:
            lines.append(f"{address:<{width}}  {_why(number, outcome)}")
    click.echo("\n".join(lines))
    done = outcome.done
    seconds = done.finished_at - done.started_at
    summary = (
        f"{len(wanted)} probed, {done.answered} answered, {len(wanted) - done.answered} did not, "
        f"{seconds:.2f} s, {outcome.choice.method}"
    )
    for count, what in ((done.late, "late replies"), (done.duplicates, "duplicates")):
        summary += f", {count} {what}" if count else ""
    if done.uncertain:
        summary += "; some replies were lost in this machine: try a lower --rate"
    click.echo(summary, err=True)


def _why(number: int, outcome: Outcome) -> str:
    cause = outcome.causes.get(number)
    return _WORDS[cause] if cause is not None else "not known"


def _document(wanted: list[str], outcome: Outcome) -> dict[str, object]:
    done = outcome.done
    return {
        "method": outcome.choice.method,
        "started_at": round(done.started_at, 6),
        "duration_s": round(done.finished_at - done.started_at, 6),
        "probed": len(wanted),
        "answered": done.answered,
        "missed": len(wanted) - done.answered,
        "sent": done.sent,
        "late": done.late,
        "duplicates": done.duplicates,
        "dropped": done.dropped,
        "uncertain": done.uncertain,
        "targets": [
            {
                "address": address,
                "answered": rtt is not None,
                "rtt_ms": None if rtt is None else rtt / 1000,
                "cause": _cause(number, outcome),
            }
            for number, (address, rtt) in enumerate(zip(wanted, outcome.rtts_us, strict=True))
        ],
    }


def _cause(number: int, outcome: Outcome) -> str:
    if outcome.rtts_us[number] is not None:
        return "reply"
    cause = outcome.causes.get(number)
    return "unknown" if cause is None else cause.name.lower()
