"""Metrics as text that Prometheus reads: pure.

Format: Prometheus documentation, "Exposition formats", text format 0.0.4.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: `kind` is `gauge` or `counter`; samples are label values and a number."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...] = ()
    samples: list[tuple[tuple[str, ...], float]] = field(default_factory=list)

    def add(self, value: float | None, *labels: str) -> None:
        """One sample; None, what is not known, is left out rather than told as 0."""
        if value is not None:
            self.samples.append((labels, value))


def write(metrics: Iterable[Metric]) -> str:
    """The metrics as text; one without samples is left out."""
    lines: list[str] = []
    for metric in metrics:
        if not metric.samples:
            continue
        lines += [
            f"# HELP {metric.name} {_escaped(metric.help, quotes=False)}",
            f"# TYPE {metric.name} {metric.kind}",
        ]
        for labels, value in metric.samples:
            lines.append(f"{metric.name}{_labels(metric.labels, labels)} {_number(value)}")
    return "".join(f"{line}\n" for line in lines)


def _labels(names: tuple[str, ...], values: tuple[str, ...]) -> str:
    if not names:
        return ""
    pairs = (
        f'{name}="{_escaped(value, quotes=True)}"'
        for name, value in zip(names, values, strict=True)
    )
    return "{" + ",".join(pairs) + "}"


def _escaped(text: str, *, quotes: bool) -> str:
    found = text.replace("\\", "\\\\").replace("\n", "\\n")
    return found.replace('"', '\\"') if quotes else found


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def first(shares: Mapping[str, int], most: int) -> dict[str, int]:
    """The largest parts by name, at most `most`; the rest together as `other`."""
    ranked = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    found = dict(ranked[:most])
    rest = sum(count for _name, count in ranked[most:])
    return found | {"other": found.get("other", 0) + rest} if rest else found
