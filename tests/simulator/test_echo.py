"""Echo on raw packets: a reply's checksum is right, and nothing else is answered."""

from ipaddress import IPv4Address, IPv6Address

from hypothesis import given
from hypothesis import strategies as st

from ronda.simulator import echo

OURS4, THEIRS4 = IPv4Address("198.19.255.254"), IPv4Address("198.19.0.20")
OURS6, THEIRS6 = IPv6Address("fd52::1"), IPv6Address("fd52::14")


def checksum(data: bytes) -> int:
    data += b"\0" * (len(data) % 2)
    total = sum(int.from_bytes(data[n : n + 2]) for n in range(0, len(data), 2))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def request4(body: bytes) -> bytes:
    icmp = bytes([8, 0, 0, 0]) + body
    icmp = icmp[:2] + checksum(icmp).to_bytes(2) + icmp[4:]
    head = bytes([0x45, 0]) + (20 + len(icmp)).to_bytes(2) + bytes([0, 1, 0x40, 0, 64, 1, 0, 0])
    head += OURS4.packed + THEIRS4.packed
    return head[:10] + checksum(head).to_bytes(2) + head[12:] + icmp


def pseudo6(source: IPv6Address, target: IPv6Address, length: int) -> bytes:
    return source.packed + target.packed + length.to_bytes(4) + bytes([0, 0, 0, 58])


def request6(body: bytes) -> bytes:
    icmp = bytes([128, 0, 0, 0]) + body
    total = checksum(pseudo6(OURS6, THEIRS6, len(icmp)) + icmp)
    icmp = icmp[:2] + total.to_bytes(2) + icmp[4:]
    head = bytes([0x60, 0, 0, 0]) + len(icmp).to_bytes(2) + bytes([58, 64])
    return head + OURS6.packed + THEIRS6.packed + icmp


@given(st.binary(min_size=4, max_size=80))
def test_an_ipv4_reply_is_the_request_turned_round_with_right_checksums(body):
    packet = request4(body)
    assert echo.asked(packet) == (4, int(THEIRS4))
    answer = echo.reply(packet)
    assert (answer[12:16], answer[16:20]) == (THEIRS4.packed, OURS4.packed)
    assert (answer[20:22], answer[24:]) == (b"\0\0", body)
    assert checksum(answer[:20]) == checksum(answer[20:]) == 0


@given(st.binary(min_size=4, max_size=80))
def test_an_ipv6_reply_is_the_request_turned_round_with_a_right_checksum(body):
    packet = request6(body)
    assert echo.asked(packet) == (6, int(THEIRS6))
    answer = echo.reply(packet)
    assert (answer[8:24], answer[24:40]) == (THEIRS6.packed, OURS6.packed)
    assert (answer[40:42], answer[44:]) == (b"\x81\0", body)
    assert checksum(pseudo6(THEIRS6, OURS6, len(answer) - 40) + answer[40:]) == 0


@given(st.binary(max_size=80))
def test_noise_is_never_an_error(packet):
    request = echo.asked(packet)
    assert request is None or len(echo.reply(packet)) == len(packet)


def test_replies_other_protocols_and_fragments_are_left_alone():
    packet = request4(b"abcdefgh")
    fragment = packet[:6] + b"\x20\0" + packet[8:]
    udp = packet[:9] + b"\x11" + packet[10:]
    assert [echo.asked(p) for p in (echo.reply(packet), fragment, udp, packet[:24])] == [None] * 4
    assert echo.asked(echo.reply(request6(b"abcdefgh"))) is None
