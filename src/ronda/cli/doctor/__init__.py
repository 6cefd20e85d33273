"""`ronda doctor`: what this machine and this installation lack, each with the fix.

Changes nothing: it makes no folder, no key, no database, and probes nobody.
"""

import json

import click

from ronda.app.configuration import Configuration, WrongSettings, configuration
from ronda.cli.doctor import installation, machine
from ronda.cli.doctor.findings import Finding, State


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document with stable keys.")
@click.option("--strict", is_flag=True, help="A warning too gives exit status 1.")
def doctor(as_json: bool, strict: bool) -> None:
    """Check ICMP permission, clock, disk, database, owner, backups, watch: each with the fix.

    Exit status 0: nothing fails. 1: something fails. 2: the settings cannot be read.
    """
    try:
        conf = configuration()
    except WrongSettings as wrong:
        findings = [
            Finding(
                "settings", State.FAIL, line, "docs/settings.md lists all settings and their values"
            )
            for line in str(wrong).splitlines()
        ]
        show(findings, as_json)
        raise SystemExit(2) from None
    findings = examine(conf)
    show(findings, as_json)
    bad = {State.FAIL, State.WARN} if strict else {State.FAIL}
    raise SystemExit(1 if any(finding.state in bad for finding in findings) else 0)


def examine(conf: Configuration) -> list[Finding]:
    """All findings, in the order in which they should be put right."""
    findings = machine.examine(conf)
    if any(f.name == "data folder" and f.state is State.FAIL for f in findings):
        return findings
    return findings + installation.examine(conf)


def show(findings: list[Finding], as_json: bool) -> None:
    """Print them as lines with the fix below, or as one document."""
    if as_json:
        worst = max((f.state for f in findings), default=State.OK)
        click.echo(
            json.dumps({"state": worst.word, "checks": [f.document() for f in findings]}, indent=2)
        )
        return
    colours = {State.OK: "green", State.WARN: "yellow", State.FAIL: "red"}
    for finding in findings:
        mark = click.style(f"{finding.state.word:<5}", fg=colours[finding.state])
        click.echo(f"{mark} {finding.name:<12} {finding.text}")
        if finding.fix:
            click.echo(f"{'':<18} -> {finding.fix}")
