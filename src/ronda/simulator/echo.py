"""ICMP echo on raw IP packets, both families: who is asked, and the reply (RFC 792, RFC 4443).

A reply is the request with source and destination swapped and another type; all checksums follow
by arithmetic, nothing is summed again.
"""

IPV4_ICMP = 1
IPV6_ICMP = 58
IPV4_HEADER = 20
IPV6_HEADER = 40


def asked(packet: bytes) -> tuple[int, int] | None:
    """IP version and destination of a whole echo request; None for anything else."""
    if len(packet) < IPV4_HEADER + 8:
        return None
    version = packet[0] >> 4
    if version == 4:
        # A header with options, or a fragment, is nobody's probe.
        plain = packet[0] == 0x45 and not (packet[6] & 0x3F or packet[7])
        if plain and packet[9] == IPV4_ICMP and packet[20] == 8 and packet[21] == 0:
            return 4, int.from_bytes(packet[16:20])
        return None
    if version != 6 or len(packet) < IPV6_HEADER + 8:
        return None
    if packet[6] == IPV6_ICMP and packet[40] == 128 and packet[41] == 0:
        return 6, int.from_bytes(packet[24:40])
    return None


def reply(packet: bytes) -> bytes:
    """The echo reply to a packet that `asked` has accepted."""
    answer = bytearray(packet)
    if packet[0] >> 4 == 4:
        answer[12:16], answer[16:20] = packet[16:20], packet[12:16]
        answer[20] = 0
        # The type fell by 8 in the high byte, so the ones' complement rises by as much.
        checksum = int.from_bytes(packet[22:24]) + 0x0800
        answer[22:24] = ((checksum & 0xFFFF) + (checksum >> 16)).to_bytes(2)
    else:
        answer[8:24], answer[24:40] = packet[24:40], packet[8:24]
        answer[40] = 129
        checksum = int.from_bytes(packet[42:44]) - 0x0100
        answer[42:44] = (checksum % 0xFFFF if checksum <= 0 else checksum).to_bytes(2)
    return bytes(answer)
