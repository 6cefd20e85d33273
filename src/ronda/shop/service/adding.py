"""Sums that grow: amounts are added to the rows of their keys by one statement, which makes the rows that lack."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models

#: Rows of one statement: SQLite takes 32,766 values at most.
GROUP = 1_000


def add(
    table: type[models.Model],
    by: Sequence[str],
    amounts: Sequence[str],
    more: Mapping[tuple[Any, ...], tuple[int, ...]],
) -> None:
    """Add to the one row of every key, in the caller's transaction.

    Args:
        table: has a unique constraint on exactly the fields `by`.
        by: the fields of a key, in its order.
        amounts: the fields that grow.
        more: by key, how much each of `amounts` grows.
    """
    rows = [(key, added) for key, added in sorted(more.items()) if any(added)]
    for start in range(0, len(rows), GROUP):
        _write(table, by, amounts, rows[start : start + GROUP])


def _write(
    table: type[models.Model],
    by: Sequence[str],
    amounts: Sequence[str],
    rows: Sequence[tuple[tuple[Any, ...], tuple[int, ...]]],
) -> None:
    quote, meta = connection.ops.quote_name, table._meta  # noqa: SLF001 -- Django documents _meta
    fields: list[Any] = [meta.get_field(name) for name in by]
    keys = [quote(field.column) for field in fields]
    sums = [quote(name) for name in amounts]
    name = quote(meta.db_table)
    row = f"({', '.join(['%s'] * (len(keys) + len(sums)))})"
    grown = ", ".join(f"{one} = {name}.{one} + excluded.{one}" for one in sums)
    statement = (
        f"INSERT INTO {name} ({', '.join([*keys, *sums])})"  # noqa: S608 -- the tables' own names
        f" VALUES {', '.join([row] * len(rows))}"
        f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {grown}"
    )
    values = [
        value
        for key, added in rows
        for value in (
            *(
                field.get_db_prep_save(part, connection)
                for field, part in zip(fields, key, strict=True)
            ),
            *added,
        )
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
