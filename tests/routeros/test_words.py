"""Lengths, words, text, and the parser on what peers send and on what nobody should."""

import contextlib
import itertools
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronda.routeros.errors import RouterSpokeNonsense
from ronda.routeros.parser import LONGEST_SENTENCE, Parser, Sentence
from ronda.routeros.words import (
    RawText,
    attribute,
    bytes_of,
    length,
    length_of,
    length_size,
    sentence,
    text_of,
)

VECTORS = [
    (0x00, "00"), (0x7F, "7f"), (0x80, "8080"), (0x3FFF, "bfff"), (0x4000, "c04000"),
    (0x1FFFFF, "dfffff"), (0x200000, "e0200000"), (0xFFFFFFF, "efffffff"), (0x10000000, "f010000000"),
]  # fmt: skip


@pytest.mark.parametrize(("size", "written"), VECTORS)
def test_lengths_are_written_and_read_as_the_manual_says(size: int, written: str) -> None:
    head = bytes.fromhex(written)
    assert (length(size), length_size(head[0]), length_of(head)) == (head, len(head), size)


@given(st.integers(0, 0xFFFFFFFF))
def test_every_length_comes_back(size: int) -> None:
    head = length(size)
    assert (length_size(head[0]), length_of(head)) == (len(head), size)


@pytest.mark.parametrize("size", [-1, 0x100000000])
def test_no_word_is_that_long(size: int) -> None:
    with pytest.raises(ValueError, match="cannot have"):
        length(size)


def test_control_bytes_are_no_lengths() -> None:
    assert [length_size(first) for first in (0xF0, 0xF7, 0xF8, 0xFF)] == [5, 5, 0, 0]


@given(st.binary(max_size=40))
def test_every_byte_goes_back_to_the_router_as_it_came(raw: bytes) -> None:
    text = text_of(raw)
    assert bytes_of(text) == raw
    assert bytes_of(pickle.loads(pickle.dumps(text))) == raw


@given(st.binary(max_size=40))
def test_no_text_of_a_router_has_a_nul_which_postgresql_would_refuse(raw: bytes) -> None:
    head = b"a\x00" + raw
    assert "\x00" not in text_of(head)
    assert bytes_of(text_of(head)) == head
    rows = [sentence([b"!re", b"=name=" + value]) for value in (b"plain", b"plain", head)]
    assert [row.values["name"] for row in read(b"".join(rows))] == ["plain", "plain", text_of(head)]


def test_text_of_old_routers_reads_as_it_was_typed() -> None:
    seen = text_of(b"Jos\xe9 \x80\x81")
    assert (seen, hash(seen), isinstance(seen, RawText)) == ("José €\x81", hash("José €\x81"), True)
    assert attribute("name", seen) == b"=name=Jos\xe9 \x80\x81"
    assert attribute("name", "José") == "=name=José".encode()
    assert bytes_of("\ud800") == b"?"


def read(data: bytes, cuts: list[int] | None = None) -> list[Sentence]:
    parser = Parser()
    out: list[Sentence] = []
    edges = sorted({min(cut, len(data)) for cut in cuts or []} | {0, len(data)})
    for start, end in itertools.pairwise(edges):
        out += parser.feed(data[start:end])
    return out


names = st.sampled_from([b".id", b"name", b"comment", b"bytes-in", b"\xc3\xa9", b""])
attributes = st.builds(
    lambda name, value: b"=" + name + b"=" + value, names, st.binary(max_size=200)
)
tags = st.sampled_from([b".tag=1", b".tag=22", b".tag="])
loose = st.sampled_from([b"too long", b"=lonely", b"=", b".odd"])
replies = st.tuples(
    st.sampled_from([b"!re", b"!done", b"!trap"]),
    st.lists(st.one_of(attributes, attributes, attributes, tags, loose), max_size=8),
)


def expected(reply: bytes, words: list[bytes]) -> Sentence:
    """The plainest way of reading a sentence."""
    tag, values, others = None, {}, []
    for word in words:
        if word.startswith(b".tag="):
            tag = word[5:].decode()
        elif word.startswith(b"=") and b"=" in word[1:]:
            name, _, value = word[1:].partition(b"=")
            values[text_of(name)] = text_of(value)
        else:
            others.append(text_of(word))
    size = len(sentence([reply, *words]))
    return Sentence(reply.decode(), tag, values, others, size)


@settings(deadline=None, max_examples=60)
@given(st.lists(replies, max_size=12), st.lists(st.integers(0, 4000), max_size=20))
def test_sentences_are_read_the_same_in_any_chunking(
    said: list[tuple[bytes, list[bytes]]], cuts: list[int]
) -> None:
    data = b"\0".join(sentence([reply, *words]) for reply, words in said)
    seen = [one._replace(loose=list(one.loose)) for one in read(data, cuts)]
    assert seen == [expected(reply, words) for reply, words in said]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.one_of(st.binary(max_size=60), replies.map(lambda r: sentence([r[0], *r[1]])))),
    st.lists(st.integers(0, 400), max_size=20),
)
def test_a_bad_peer_can_only_be_refused(pieces: list[bytes], cuts: list[int]) -> None:
    data = b"".join(pieces)
    outcomes = []
    for chunking in ([], cuts, list(range(len(data)))):
        # When it is refused depends on how early its beginning is seen; what is read does not.
        with contextlib.suppress(RouterSpokeNonsense):
            outcomes.append([one._replace(loose=list(one.loose)) for one in read(data, chunking)])
    assert all(outcome == outcomes[0] for outcome in outcomes)


def test_a_fixed_exchange_is_read_when_cut_at_every_byte() -> None:
    data = sentence([b"!re", b".tag=7", b"=.id=*1", b"=name=" + b"x" * 300]) + sentence(
        [b"!done", b"=ret=*2", b".tag=7"]
    )
    whole = read(data)
    assert whole[0].values == {".id": "*1", "name": "x" * 300}
    for cut in range(len(data)):
        assert read(data, [cut]) == whole


def test_rows_of_two_tables_that_take_turns_keep_their_names() -> None:
    data = b"".join(
        sentence([b"!re", b".tag=%d" % (n % 2), *words])
        for n in range(9)
        for words in ([b"=a=1", b"=b=2", b"=c=3"] if n % 2 else [b"=c=4", b"=a=5"],)
    )
    assert [(one.tag, one.values) for one in read(data)] == [
        ("1", {"a": "1", "b": "2", "c": "3"}) if n % 2 else ("0", {"c": "4", "a": "5"})
        for n in range(9)
    ]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"HTTP/1.1 400 Bad Request", "not the API"),
        (b"\x16\x03\x01\x02\x00", "not the API"),
        (b"\xf8", "control byte"),
        (b"\xf0\xff\xff\xff\xff", "announced"),
        (sentence([b"!re"])[:-1] + sentence([b"=%d=" % n for n in range(5000)])[:-1], "many words"),
        (b"\3!re" + (b"\xdf\xff\xff" + b"=" * 0x1FFFFF) * 2 + b"\xdf\xff\xff", "without end"),
    ],
)
def test_what_is_not_the_api_is_told_from_its_beginning(said: bytes, why: str) -> None:
    with pytest.raises(RouterSpokeNonsense, match=why):
        read(said)


def test_a_long_word_waits_for_its_end_and_no_longer_than_a_sentence_may() -> None:
    parser = Parser()
    word = b"=source=" + b"x" * 1_000_000
    data = sentence([b"!re", word])
    seen = []
    for at in range(0, len(data), 4096):
        seen += parser.feed(data[at : at + 4096])
    assert [len(one.values["source"]) for one in seen] == [1_000_000]
    assert LONGEST_SENTENCE < 5_000_000


def test_names_a_peer_invents_are_not_kept() -> None:
    parser = Parser()
    for n in range(0, 2000, 3):
        words = [b"=name%d=x" % m for m in range(n, n + 3)]
        assert len(parser.feed(sentence([b"!re", *words]))) == 1
        assert len(parser._layout) <= 64
    wide = [b"=wide%d=x" % n for n in range(200)]
    assert len(parser.feed(sentence([b"!re", *wide]) * 2)[1].values) == 200
    assert len(parser._layout) == 64


def test_a_second_tag_of_one_row_is_not_that_of_the_next() -> None:
    rows = read(sentence([b"!re", b".tag=1", b"odd", b".tag=2"]) + sentence([b"!re", b".tag=1"]))
    assert [one.tag for one in rows] == ["2", "1"]


def test_rows_whose_properties_come_and_go_are_read_right() -> None:
    rows = [
        {
            name: f"{name}{n}é" if n % 5 == 0 else name * (200 if n % 7 == 0 else 1)
            for name in "abcdefg"
            if n % (ord(name) - 90)
        }
        for n in range(200)
    ]
    data = b"".join(
        sentence([b"!re", b".tag=3", *(f"={k}={v}".encode() for k, v in row.items())])
        for row in rows
    )
    for size in (len(data), 977, 64):
        parser = Parser()
        seen = [
            one for at in range(0, len(data), size) for one in parser.feed(data[at : at + size])
        ]
        assert [one.values for one in seen] == rows
        assert sum(one.size for one in seen) == len(data)
