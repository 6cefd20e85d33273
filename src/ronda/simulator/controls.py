"""What a test does to the fibre by hand, over whatever the scenario does: pure, by index."""

from collections.abc import Iterable

from ronda.simulator.line import DEAD, Line


class Controls:
    """Cuts, losses and delays set by hand; what is not set is left to the scenario.

    A setting for some indices beats a setting for all. Blindness beats everything.
    """

    def __init__(self) -> None:
        self._cut: set[int] = set()
        self._loss: dict[int | None, float] = {}
        self._delay: dict[int | None, tuple[float, float]] = {}
        self._blind = False

    def cut(self, indices: Iterable[int]) -> None:
        """From now on these are silent."""
        self._cut.update(indices)

    def mend(self, indices: Iterable[int] | None = None) -> None:
        """These answer again; all of them when none are named."""
        self._cut = set() if indices is None else self._cut.difference(indices)

    def loss(self, share: float, indices: Iterable[int] | None = None) -> None:
        """This share of the probes is lost, 0 to 1, on these lines or on all.

        Raises:
            ValueError: the share is no share.
        """
        if not 0 <= share <= 1:
            raise ValueError(f"a loss of {share} is not between 0 and 1")
        self._loss.update(dict.fromkeys(_named(indices), share))

    def delay(
        self, delay_ms: float, jitter_ms: float = 0.0, indices: Iterable[int] | None = None
    ) -> None:
        """Replies take so long, and up to `jitter_ms` more, on these lines or on all.

        Raises:
            ValueError: a delay below zero.
        """
        if delay_ms < 0 or jitter_ms < 0:
            raise ValueError(f"a delay of {delay_ms} ms with {jitter_ms} ms jitter is below zero")
        self._delay.update(dict.fromkeys(_named(indices), (delay_ms, jitter_ms)))

    def blind(self, on: bool) -> None:
        """While on, nothing answers, canaries included."""
        self._blind = on

    def clear(self) -> None:
        """Forget everything that was set by hand."""
        self._cut.clear()
        self._loss.clear()
        self._delay.clear()
        self._blind = False

    def on(self, index: int, line: Line) -> Line:
        """The line under what was set by hand."""
        if self._blind or index in self._cut:
            return DEAD.on(line)
        if self._delay:
            delay = self._delay.get(index) or self._delay.get(None)
            if delay is not None:
                line = line._replace(delay_ms=delay[0], jitter_ms=delay[1])
        if self._loss:
            loss = self._loss.get(index, self._loss.get(None))
            if loss is not None:
                line = line._replace(loss=loss)
        return line


def _named(indices: Iterable[int] | None) -> Iterable[int | None]:
    return (None,) if indices is None else indices
