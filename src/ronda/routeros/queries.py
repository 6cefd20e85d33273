"""Conditions of a query that `Query.equal` cannot say; pure.

A query is worked off left to right on a stack of truths: each word pushes one, and `#` words
combine them. These functions put the words in the right order. The same words go into the
`.query` of REST.
"""

from ronda.routeros.port import Query


def equal(name: str, value: str) -> Query:
    """The property has this value."""
    return Query((f"{name}={value}",))


def below(name: str, value: str) -> Query:
    """The property is less than the value."""
    return Query((f"<{name}={value}",))


def above(name: str, value: str) -> Query:
    """The property is greater than the value."""
    return Query((f">{name}={value}",))


def has(name: str) -> Query:
    """The property has a value."""
    return Query((name,))


def lacks(name: str) -> Query:
    """The property has no value."""
    return Query((f"-{name}",))


def no(query: Query) -> Query:
    """The condition does not hold."""
    return Query((*_one(query).words, "#!"))


def both(*queries: Query) -> Query:
    """All conditions hold; at least one is given."""
    return _joined(queries, "#&")


def either(*queries: Query) -> Query:
    """One of the conditions holds; at least one is given."""
    return _joined(queries, "#|")


def _joined(queries: tuple[Query, ...], operation: str) -> Query:
    words = list(_one(queries[0]).words)
    for query in queries[1:]:
        words.extend(_one(query).words)
        words.append(operation)
    return Query(tuple(words))


def _one(query: Query) -> Query:
    """The condition as one truth on the stack: several words without an operation mean and."""
    depth = 0
    for word in query.words:
        if word.startswith("#"):
            depth -= sum(mark in "&|" for mark in word)
        else:
            depth += 1
    return Query((*query.words, *("#&",) * (depth - 1)))
