"""Which rows a query lets through: `?name`, `?-name`, `?name=x`, `?<`, `?>` and `?#` operations.

Words are worked off in their order on a stack of booleans under which lie endless trues; a row
passes when no false is left. Source: the manual's page "API", section "Queries".
"""

import re
from collections.abc import Callable, Mapping, Sequence

from ronda.simulator.routers.values import seconds_of

Test = Callable[[Mapping[str, str]], bool]
Step = Callable[[Mapping[str, str], list[bool]], None]
OPERATION = re.compile(r"(\d+)|([!&|.])")


class NotAQuery(ValueError):
    """A query word that means nothing."""


def compiled(words: Sequence[str]) -> Test:
    """A test for rows from the words of a query, each without its leading `?`.

    Raises:
        NotAQuery: operations that are none.
    """
    if not any(word.startswith("#") for word in words):
        return _all_of([comparison(word) for word in words])
    steps = [_operations(word[1:]) if word.startswith("#") else _push(word) for word in words]

    def passes(row: Mapping[str, str]) -> bool:
        stack: list[bool] = []
        for step in steps:
            step(row, stack)
        return all(stack)

    return passes


def _all_of(tests: Sequence[Test]) -> Test:
    """Without operations no false may be pushed: the usual case, without a stack."""
    if len(tests) == 1:
        return tests[0]
    return lambda row: all(test(row) for test in tests)


def _push(word: str) -> Step:
    test = comparison(word)
    return lambda row, stack: stack.append(test(row))


def comparison(word: str) -> Test:
    """What one word other than an operation asks of a row."""
    sign, rest = word[:1], word[1:]
    if sign == "-":
        return lambda row: rest not in row
    if sign in {"<", ">"}:
        name, _, wanted = rest.partition("=")
        below = sign == "<"
        return lambda row: name in row and _ordered(row[name], wanted, below=below)
    name, has_value, wanted = (rest if sign == "=" else word).partition("=")
    if not has_value:
        return lambda row: name in row
    return lambda row: row.get(name) == wanted


def _ordered(value: str, wanted: str, *, below: bool) -> bool:
    """Numbers as numbers, durations as durations, the rest as text."""
    ours, theirs = _number(value), _number(wanted)
    if ours is None or theirs is None:
        return value < wanted if below else value > wanted
    return ours < theirs if below else ours > theirs


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return seconds_of(text)


def _operations(text: str) -> Step:
    """`?#...`: an index copies, an index at the end leaves only that value."""
    tokens = OPERATION.findall(text)
    if not tokens or "".join(number or sign for number, sign in tokens) != text:
        raise NotAQuery(f"#{text}")
    ends_with_index = bool(tokens[-1][0])

    def work(_row: Mapping[str, str], stack: list[bool]) -> None:
        for place, (number, sign) in enumerate(tokens):
            if number:
                value = _at(stack, int(number))
                if ends_with_index and place == len(tokens) - 1:
                    stack[:] = [value]
                else:
                    stack.append(value)
            elif sign == "!":
                stack.append(not _pop(stack))
            elif sign == "&":
                first, second = _pop(stack), _pop(stack)
                stack.append(first and second)
            elif sign == "|":
                first, second = _pop(stack), _pop(stack)
                stack.append(first or second)
            elif not (place and tokens[place - 1][0]):
                stack.append(_at(stack, 0))

    return work


def _pop(stack: list[bool]) -> bool:
    return stack.pop() if stack else True


def _at(stack: list[bool], index: int) -> bool:
    return stack[-1 - index] if index < len(stack) else True
