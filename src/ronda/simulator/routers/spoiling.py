"""What goes wrong with a reply on its way out: wrong bytes, pieces, delays, the router's own pace."""

from collections.abc import Callable

from ronda.simulator.routers.faults import Faults, Kind
from ronda.simulator.routers.outlet import NOTHING, Outlet
from ronda.simulator.routers.replies import fatal, sentences_of, words_of
from ronda.simulator.routers.serving import Serving
from ronda.simulator.routers.wire import encode_length, encode_word

PIECE_GAP_S = 0.000_05
FAST_S = 0.001
PIECES_PER_S = 20


def work_takes(serving: Serving, command: str, now: float) -> float:
    """For how many seconds the router is busy with a command, all connections waiting."""
    faults = serving.router.faults
    if not faults:
        return 0.0
    cost = faults.take(Kind.COST, command)
    seconds = cost["ms"] / 1000 if cost else 0.0
    knee = faults.take(Kind.KNEE, command)
    if knee:
        seconds += FAST_S if serving.in_burst(now) <= knee["fast"] else knee["ms"] / 1000
    return float(seconds)


def send(
    out: Outlet,
    faults: Faults,
    command: str,
    reply: bytes,
    *,
    then: Callable[[], None] = NOTHING,
    fatal_as_attribute: bool = False,
) -> None:
    """Hand out the reply to a command as the faults of its router will have it."""
    if not faults:
        out.send([reply], then=then)
        return
    if faults.take(Kind.DUPLICATE, command):
        reply += reply
    ending = faults.take(Kind.FATAL, command)
    if ending:
        out.send([fatal(ending["message"], as_attribute=fatal_as_attribute)], then=out.close)
        return
    delay = _delay(faults, command)
    interleave = faults.take(Kind.INTERLEAVE, command)
    if interleave:
        *first, reply = sentences_of(reply)
        for sentence in first:
            out.send([sentence], delay=delay)
            delay += interleave["ms"] / 1000
    pieces, gap, per_byte = [_damaged(faults, command, reply)], 0.0, 0.0
    fragment = faults.take(Kind.FRAGMENT, command)
    if fragment:
        by_word = fragment["by"] == "word" and pieces == [reply]
        pieces = list(words_of(reply)) if by_word else _split(pieces[0], 1)
        gap = PIECE_GAP_S
    bandwidth = faults.take(Kind.BANDWIDTH, command)
    if bandwidth:
        pieces = _split(b"".join(pieces), max(1, int(bandwidth["bytes_per_s"] / PIECES_PER_S)))
        per_byte = 1 / bandwidth["bytes_per_s"]
    out.send(pieces, delay=delay, gap=gap, per_byte=per_byte, then=then)


def _damaged(faults: Faults, command: str, reply: bytes) -> bytes:
    """The reply with what does not belong there."""
    strange = faults.take(Kind.STRANGE_WORD, command)
    if strange:
        reply = encode_word(strange["word"].encode()) + b"\0" + reply
    control = faults.take(Kind.CONTROL_BYTE, command)
    if control:
        return bytes((control["byte"],)) + reply
    oversize = faults.take(Kind.OVERSIZE, command)
    if oversize:
        return encode_length(oversize["length"]) + b"x" * 64
    return reply


def _delay(faults: Faults, command: str) -> float:
    latency = faults.take(Kind.LATENCY, command)
    if not latency:
        return 0.0
    jitter = latency["jitter_ms"]
    return float(latency["ms"] + (faults.drawn(0, jitter) if jitter else 0.0)) / 1000


def _split(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]
