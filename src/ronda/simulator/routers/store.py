"""The menus of one router: rows with opaque ids, singletons, and who listens to changes."""

import random  # noqa: TID251 -- seeded simulation
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any

from ronda.simulator.routers.schema import MenuSchema
from ronda.simulator.routers.wire import ENCODING, encode_length

Listener = Callable[["Row", bool], None]
Changes = Mapping[str, str | None]
REMEMBERED_SHAPES = 4
SHORT = [bytes((length,)) for length in range(0x80)]


class Row(MutableMapping[str, str]):
    """One item: its properties in print order; `.id` is there too when it has one.

    Writing to it directly is for what changes all the time (counters): nobody who listens hears of
    it. `hidden` holds what is never printed.
    """

    __slots__ = ("_encoded", "_values", "hidden", "id")

    def __init__(
        self,
        id: str,  # noqa: A002 -- RouterOS's own word
        values: Mapping[str, str],
        hidden: Mapping[str, str] | None = None,
    ) -> None:
        self.id = id
        self.hidden = dict(hidden or {})
        self._values = {".id": id, **values} if id else dict(values)
        self._encoded: dict[tuple[str, ...] | None, bytes] = {}

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __setitem__(self, name: str, value: str) -> None:
        if self._values.get(name) != value:
            self._values[name] = value
            self._encoded.clear()

    def __delitem__(self, name: str) -> None:
        del self._values[name]
        self._encoded.clear()

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Row({self._values})"

    def get(self, name: str, default: Any = None) -> Any:
        """The value, or the default."""
        return self._values.get(name, default)

    def only(self, properties: Iterable[str] | None, hide: frozenset[str]) -> dict[str, str]:
        """A copy: these properties in this order (all when None), without the hidden ones."""
        if properties is None:
            return {k: v for k, v in self._values.items() if k not in hide}
        values = self._values
        return {name: values[name] for name in properties if name in values and name not in hide}

    def words(self, properties: tuple[str, ...] | None) -> bytes:
        """The row's attribute words, encoded; remembered until the row changes."""
        encoded = self._encoded.get(properties)
        if encoded is None:
            if len(self._encoded) >= REMEMBERED_SHAPES:
                self._encoded.clear()
            wanted = self._values if properties is None else self.only(properties, frozenset())
            encoded = encoded_words(wanted)
            self._encoded[properties] = encoded
        return encoded

    def sort(self, order: Mapping[str, int]) -> None:
        """Put the properties into print order."""
        last = len(order)
        self._values = dict(
            sorted(
                self._values.items(),
                key=lambda item: -1 if item[0] == ".id" else order.get(item[0], last),
            )
        )
        self._encoded.clear()


def encoded_words(values: Mapping[str, str]) -> bytes:
    """`=name=value` words for the wire."""
    pieces: list[bytes] = []
    for name, value in values.items():
        word = f"={name}={value}".encode(*ENCODING)
        length = len(word)
        pieces += (SHORT[length] if length < 0x80 else encode_length(length), word)
    return b"".join(pieces)


class Menu:
    """One menu's rows, in their order; a singleton has exactly one, without id.

    Ids grow by uneven steps and are never given twice.
    """

    def __init__(self, schema: MenuSchema, seed: str) -> None:
        self.schema = schema
        self.rows: dict[str, Row] = {}
        self.listeners: list[Listener] = []
        self.on_read: list[Callable[[Menu], None]] = []
        self._random = random.Random(f"{seed} {schema.path}")  # noqa: S311 -- seeded simulation
        self._next = 1
        self._taken: dict[tuple[str, ...], dict[tuple[str, ...], str]] = {
            names: {} for names in schema.unique
        }
        for row in schema.rows:
            values = dict(row)
            self.insert(values, id=values.pop(".id", None))
        if schema.single and not self.rows:
            self.insert({})

    @property
    def path(self) -> str:
        """Where it is: `/ip/hotspot/user`."""
        return self.schema.path

    @property
    def one(self) -> Row:
        """The item of a singleton."""
        return self.rows[""]

    def read(self) -> Iterable[Row]:
        """The rows, brought up to date first."""
        for refresh in self.on_read:
            refresh(self)
        return self.rows.values()

    def insert(
        self,
        values: Mapping[str, str],
        *,
        id: str | None = None,  # noqa: A002 -- RouterOS's own word
        hidden: Mapping[str, str] | None = None,
        before: str | None = None,
    ) -> Row:
        """A new row with the defaults of what is not given; unchecked.

        Raises:
            ValueError: the id is taken.
        """
        chosen = "" if self.schema.single else self._new_id() if id is None else id
        if chosen in self.rows:
            raise ValueError(f"{self.path} has {chosen} already")
        defaults = {} if self.schema.single else self.schema.defaults
        row = Row(chosen, {**defaults, **values}, hidden)
        row.sort(self.schema.order)
        if before is None:
            self.rows[chosen] = row
        else:
            self._order([*self._before(before), row, *self._from(before)])
        self._claim(row)
        self._tell(row, dead=False)
        return row

    def change(self, row: Row, changes: Changes) -> None:
        """Set properties, None removes one; whoever listens is told."""
        self._release(row)
        for name, value in changes.items():
            if value is None:
                row.pop(name, None)
            else:
                row[name] = value
        row.sort(self.schema.order)
        self._claim(row)
        self._tell(row, dead=False)

    def remove(self, row: Row) -> None:
        """Take a row away; its id is not given again."""
        self._release(row)
        del self.rows[row.id]
        self._tell(row, dead=True)

    def clear(self) -> None:
        """Remove every row."""
        for row in list(self.rows.values()):
            self.remove(row)

    def find(self, **wanted: str) -> Row | None:
        """The first row with these values; `_` in a name stands for `-`."""
        return next(self._matching(wanted), None)

    def where(self, **wanted: str) -> list[Row]:
        """Every row with these values; `_` in a name stands for `-`."""
        return list(self._matching(wanted))

    def _matching(self, wanted: Mapping[str, str]) -> Iterator[Row]:
        asked = [(name.replace("_", "-"), value) for name, value in wanted.items()]
        for row in self.rows.values():
            if all(row.get(name) == value for name, value in asked):
                yield row

    def holder(self, values: Mapping[str, str], *, besides: Row | None = None) -> str | None:
        """The id of a row that already has what must be unique in these values."""
        for names, taken in self._taken.items():
            found = taken.get(self._key(names, values))
            if found is not None and (besides is None or found != besides.id):
                return found
        return None

    def move(self, row: Row, before: str) -> None:
        """Put a row before another one."""
        self.rows.pop(row.id)
        self._order([*self._before(before), row, *self._from(before)])

    def state(self) -> dict[str, Any]:
        """Everything, to be given to `restore`; plain data that nothing shares."""
        return {
            "rows": [(row.id, dict(row), dict(row.hidden)) for row in self.rows.values()],
            "next": self._next,
            "random": self._random.getstate(),
        }

    def restore(
        self, state: Mapping[str, Any], *, keeping: Callable[[Row], bool] = lambda _row: False
    ) -> None:
        """Go back, ids included; the rows `keeping` picks stay, and none of them comes back."""
        kept = [row for row in self.rows.values() if keeping(row)]
        self.rows = {}
        for taken in self._taken.values():
            taken.clear()
        for row_id, values, hidden in state["rows"]:
            row = Row(row_id, {k: v for k, v in values.items() if k != ".id"}, hidden)
            if not keeping(row):
                self.rows[row_id] = row
                self._claim(row)
        if not kept:
            self._next = state["next"]
            self._random.setstate(state["random"])
        self.rows.update((row.id, row) for row in kept)

    def _new_id(self) -> str:
        self._next += self._random.choice((1, 1, 1, 2, 3, 5))
        return f"*{self._next:X}"

    def _key(self, names: tuple[str, ...], values: Mapping[str, str]) -> tuple[str, ...]:
        return tuple("" if values.get(name) in {None, "all"} else values[name] for name in names)

    def _claim(self, row: Row) -> None:
        for names, taken in self._taken.items():
            taken.setdefault(self._key(names, row), row.id)

    def _release(self, row: Row) -> None:
        for names, taken in self._taken.items():
            if taken.get(self._key(names, row)) == row.id:
                del taken[self._key(names, row)]

    def _before(self, place: str) -> list[Row]:
        rows = list(self.rows.values())
        return rows[: list(self.rows).index(place)]

    def _from(self, place: str) -> list[Row]:
        rows = list(self.rows.values())
        return rows[list(self.rows).index(place) :]

    def _order(self, rows: Iterable[Row]) -> None:
        self.rows = {row.id: row for row in rows}

    def _tell(self, row: Row, *, dead: bool) -> None:
        for listener in list(self.listeners):
            listener(row, dead)
