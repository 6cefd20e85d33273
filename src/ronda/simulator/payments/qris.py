"""A QRIS text as a gateway's bank makes one: merchant, amount and checksum are invented and valid."""


def qris(amount: int, reference: str, merchant: str = "RONDA DEMO") -> str:
    """A dynamic QRIS that asks for this many rupiah."""
    account = _field("00", "ID.CO.QRIS.WWW") + _field("02", "ID1020000000000") + _field("03", "UMI")
    body = "".join(
        (
            _field("00", "01"),
            _field("01", "12"),
            _field("51", account),
            _field("52", "4814"),
            _field("53", "360"),
            _field("54", str(amount)),
            _field("58", "ID"),
            _field("59", merchant),
            _field("60", "YOGYAKARTA"),
            _field("62", _field("05", reference[:25])),
            "6304",
        )
    )
    return body + _crc(body)


def _field(key: str, value: str) -> str:
    return f"{key}{len(value):02d}{value}"


def _crc(text: str) -> str:
    value = 0xFFFF
    for byte in text.encode():
        value ^= byte << 8
        for _ in range(8):
            value = ((value << 1) ^ (0x1021 if value & 0x8000 else 0)) & 0xFFFF
    return f"{value:04X}"
