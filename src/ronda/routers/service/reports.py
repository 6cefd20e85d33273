"""The report of a test, as a page and the API show it, in the language of whoever reads it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from ronda.routers.models import Router
from ronda.routers.rules.commands import Line
from ronda.routers.rules.findings import Finding, Level, findings, worst
from ronda.routers.rules.observed import Observed, StepSeen, from_json
from ronda.routers.service.finding_texts import HEADLINES, MEANT, POLICIES, STEPS, TEXTS
from ronda.web import durations
from ronda.work import jobs
from ronda.work.jobs import JobState

#: Findings that are put right by correcting what was entered about the router.
ENTRIES = frozenset(
    {
        *("name_unknown", "port_refused", "port_silent", "no_route", "not_tls", "other_service"),
        *("login_wrong", "version_other", "hotspot_unknown", "interface_other", "profile_unknown"),
    }
)
LEVELS = {Level.GOOD: "good", Level.NOTE: "note", Level.WARN: "warn", Level.BAD: "bad"}


@dataclass(frozen=True, slots=True)
class Said:
    """One finding in words; `repairs` are lines for a terminal, by the versions they are for."""

    code: str
    step: str
    level: str
    title: str
    text: str
    hint: str
    lines: Sequence[str]
    repairs: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report; `said` in the order of the steps."""

    observed: Observed
    level: str
    headline: str
    said: Sequence[Said]

    @property
    def steps(self) -> Sequence[StepSeen]:
        """How connecting went, try by try."""
        return self.observed.steps

    @property
    def troubles(self) -> Sequence[Said]:
        """What needs somebody."""
        return [one for one in self.said if one.level in {"warn", "bad"}]


def report_of(router: Router) -> Report | None:
    """The newest report of a router; None before its first test."""
    return None if router.report is None else report(from_json(router.report))


def report(observed: Observed) -> Report:
    """What was seen, judged and put into words."""
    found = findings(observed)
    level = LEVELS[worst(found)]
    headline = "down" if not observed.connected else level
    return Report(observed, level, str(HEADLINES[headline]), [said(one) for one in found])


def said(finding: Finding) -> Said:
    """A finding in words of the active language."""
    title, text = TEXTS[finding.code]
    values: dict[str, Any] = {**finding.values}
    if "away_s" in values:
        values["away"] = durations.short(timedelta(seconds=values["away_s"]))
    near = values.get("near")
    return Said(
        code=finding.code,
        step=str(STEPS[finding.step]),
        level=LEVELS[finding.level],
        title=str(title) % values,
        text=str(text) % values if text else "",
        hint=str(MEANT) % {"near": near} if near else "",
        lines=values.get("rules") or values.get("lines") or _purposes(finding),
        repairs=repairs_of(finding.repair),
    )


def _purposes(finding: Finding) -> list[str]:
    """What the missing rights are needed for."""
    if finding.code != "policy_missing":
        return []
    missing = str(finding.values["missing"]).split(", ")
    return [f"{name}: {POLICIES[name]}" for name in missing]


def repairs_of(repair: Mapping[int, Sequence[Line]]) -> list[tuple[str, str]]:
    """Text to paste by version; one for both where they are equal."""
    texts = {
        f"v{major}": "\n".join(line.line() for line in lines)
        for major, lines in sorted(repair.items())
        if lines
    }
    if len(texts) == 2 and len(set(texts.values())) == 1:
        return [("v6, v7", next(iter(texts.values())))]
    return list(texts.items())


def rotation_trouble_of(state: JobState) -> str:
    """Why a password was not changed, and what holds now; "" when it was."""
    if state.state == jobs.State.DONE and (state.result or {}).get("changed"):
        return ""
    if state.code == "NotPermitted":
        return _(
            "The router does not let this user change its own password: its group lacks the policy password. "
            "The former password holds."
        )
    if state.code == "NothingHolds":
        return _(
            "The router takes neither the former nor the new password; both are kept. Set one on the router by "
            "hand and type it into the form of this router."
        )
    if state.code in {"WrongCredentials", jobs.TOO_LATE, "PasswordUnreadable"}:
        return trouble_of(state) or _(
            "The router refuses the stored password; type the right one first."
        )
    return _(
        "The password was not changed, or it is not known yet: %(why)s. What may hold is kept, and Ronda finds out "
        "by itself which one it is."
    ) % {"why": state.error or state.code}


def trouble_of(state: JobState) -> str:
    """Why there is no report from this job; "" when there is one."""
    if state.state == jobs.State.DONE or state.code == "WrongCredentials":
        return ""
    if state.code == jobs.TOO_LATE:
        return _(
            "The desk that speaks to routers did not take the test up. "
            "It is a part of `ronda run`; look whether it runs."
        )
    if state.code == "PasswordUnreadable":
        return _(
            "The stored password cannot be opened with the keys of this installation. "
            "Edit the router and type it again."
        )
    return _("The test was cut off: %(why)s. Run it again.") % {"why": state.error or state.code}
