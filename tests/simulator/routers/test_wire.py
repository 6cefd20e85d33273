"""Framing: every length form, any pieces, and bytes that are no sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronda.simulator.routers.replies import sentences_of, words_of
from ronda.simulator.routers.wire import (
    Decoder,
    NotTheProtocol,
    encode_length,
    encode_sentence,
    encode_word,
    length_form,
    to_bytes,
    to_text,
)

SENTENCES = st.lists(
    st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=6), max_size=6
)


@pytest.mark.parametrize(
    ("length", "encoded"),
    [
        (0, "00"),
        (0x7F, "7f"),
        (0x80, "8080"),
        (0x3FFF, "bfff"),
        (0x4000, "c04000"),
        (0x1F_FFFF, "dfffff"),
        (0x20_0000, "e0200000"),
        (0xFFF_FFFF, "efffffff"),
        (0x1000_0000, "f010000000"),
        (0xFFFF_FFFF, "f0ffffffff"),
    ],
)
def test_each_length_has_its_form(length, encoded):
    assert encode_length(length).hex() == encoded


def test_a_length_beyond_32_bits_has_none():
    with pytest.raises(ValueError, match="no length form"):
        encode_length(1 << 32)


@given(st.integers(0, 0xFFFF_FFFF))
def test_a_length_is_read_back(length):
    encoded = encode_length(length)
    more, first = length_form(encoded[0])
    rest = encoded[1:]
    assert len(rest) == more
    assert int.from_bytes(bytes((first,)) + rest, "big") == length


@given(SENTENCES, st.lists(st.integers(1, 40), min_size=1, max_size=20))
def test_sentences_survive_any_pieces(sentences, sizes):
    data = b"\0".join([*map(encode_sentence, sentences), b""])
    decoder, heard, at, turn = Decoder(), [], 0, 0
    while at < len(data):
        size = sizes[turn % len(sizes)]
        heard += decoder.feed(data[at : at + size])
        at, turn = at + size, turn + 1
    assert heard == sentences
    assert not decoder.pending


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_random_bytes_raise_nothing_but_not_the_protocol(pieces):
    decoder = Decoder(longest=1_000, most=2_000)
    try:
        for piece in pieces:
            for sentence in decoder.feed(piece):
                assert all(sentence)
    except NotTheProtocol:
        pass


@pytest.mark.parametrize("word", [b"\xf8", b"\xff\0\0\0\0", encode_length(2_000) + b"x"])
def test_reserved_bytes_and_words_too_long_end_it(word):
    with pytest.raises(NotTheProtocol):
        list(Decoder(longest=1_000).feed(word))


def test_a_sentence_may_not_grow_without_end():
    decoder = Decoder(longest=1_000, most=1_500)
    with pytest.raises(NotTheProtocol, match="sentence"):
        list(decoder.feed(encode_word(b"x" * 900) * 2))


@given(st.binary())
def test_bytes_that_are_no_text_come_back(word):
    assert to_bytes(to_text(word)) == word


@given(SENTENCES)
def test_encoded_replies_split_into_their_words_and_sentences(sentences):
    encoded = [encode_sentence(words) for words in sentences]
    assert list(sentences_of(b"".join(encoded))) == encoded
    assert b"".join(words_of(b"".join(encoded))) == b"".join(encoded)
