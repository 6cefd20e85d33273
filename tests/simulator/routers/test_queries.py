"""Queries, against a model that follows the manual word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.simulator.routers.queries import NotAQuery, compiled

ROW = {"name": "siti", "profile": "1jam", "bytes-in": "900", "uptime": "1h5m", "comment": ""}
COMPARISONS = {
    "name": True,
    "-name": False,
    "email": False,
    "-email": True,
    "name=siti": True,
    "name=budi": False,
    "=profile=1jam": True,
    ">bytes-in=1000": False,
    "<bytes-in=1000": True,
    ">uptime=30m": True,
}
OPERATIONS = ["#!", "#&", "#|", "#!!", "#0", "#1", "#1.", "#0!", "#.", "#.&", "#|!", "#2|"]
WORDS = st.sampled_from([*COMPARISONS, *OPERATIONS])


@pytest.mark.parametrize(
    ("words", "passes"),
    [
        ([], True),
        (["name=siti"], True),
        (["=name=siti"], True),
        (["name=Siti"], False),
        (["comment"], True),
        (["-email"], True),
        (["email="], False),
        (["name=siti", "profile=5jam"], False),
        (["name=siti", "profile=5jam", "#|"], True),
        (["#|", "name=siti", "profile=5jam"], False),
        (["profile=5jam", "#!"], True),
        ([">bytes-in=1000"], False),
        (["<bytes-in=1000"], True),
        (["<bytes-in=901", ">bytes-in=899"], True),
        ([">uptime=50m"], True),
        (["<uptime=3600"], False),
        (["<name=tono"], True),
        ([">email=a"], False),
        (["profile=5jam", "name=siti", "#0"], True),
        (["name=siti", "#.!&", "#!"], True),
    ],
)
def test_what_a_query_lets_through(words, passes):
    assert compiled(words)(ROW) is passes


@given(st.lists(WORDS, max_size=8))
def test_every_query_agrees_with_the_model(words):
    assert compiled(words)(ROW) is model(words)


@pytest.mark.parametrize("word", ["#", "#x", "#1x", "#1 |"])
def test_operations_that_are_none_are_refused(word):
    with pytest.raises(NotAQuery):
        compiled([word])


def model(words):
    """The manual's rules with a stack that really has many trues below."""
    stack = [True] * 50
    for word in words:
        if not word.startswith("#"):
            stack.append(COMPARISONS[word])
            continue
        text, index = word[1:], ""
        for place, sign in enumerate(text):
            if sign.isdigit():
                index += sign
                if place == len(text) - 1:
                    stack = [True] * 50 + [stack[-1 - int(index)]]
                continue
            if index:
                stack.append(stack[-1 - int(index)])
            if sign == "!":
                stack.append(not stack.pop())
            elif sign == "&":
                stack.append(stack.pop() & stack.pop())
            elif sign == "|":
                stack.append(stack.pop() | stack.pop())
            elif not index:
                stack.append(stack[-1])
            index = ""
    return all(stack)
