"""Boards that can be simulated: what each says of itself, and which sensors it has. Pure.

Numbers are those of the makers' data sheets where they have some; health values are invented.
"""

from dataclasses import dataclass

MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor: its name on version 6 and 7, its unit, and around which value it moves.

    `step` is what one unit of it is worth on version 6, which gives voltage in tenths.
    """

    name: str
    unit: str
    usual: float
    swing: float
    step: float = 1.0


@dataclass(frozen=True, slots=True)
class Model:
    """One board; `licence` is its level, `model` empty for a CHR, which has no board at all."""

    board: str
    model: str
    firmware: str
    cpu: str
    cores: int
    mhz: int
    architecture: str
    memory: int
    disk: int
    licence: str
    platform: str = "MikroTik"
    sensors: tuple[Sensor, ...] = ()


VOLTAGE = Sensor("voltage", "V", 24.1, 0.3, 0.1)
TEMPERATURE = Sensor("temperature", "C", 41, 6)
CPU_TEMPERATURE = Sensor("cpu-temperature", "C", 52, 9)

MODELS = {
    "hex": Model(
        "hEX",
        "RB750Gr3",
        "mt7621L",
        "MIPS 1004Kc V2.15",
        4,
        880,
        "mmips",
        256 * MEBIBYTE,
        16 * MEBIBYTE,
        "4",
        sensors=(VOLTAGE, TEMPERATURE),
    ),
    "rb4011": Model(
        "RB4011iGS+",
        "RB4011iGS+",
        "al2",
        "ARM",
        4,
        1400,
        "arm",
        1024 * MEBIBYTE,
        512 * MEBIBYTE,
        "5",
        sensors=(VOLTAGE, TEMPERATURE),
    ),
    "hap-ax2": Model(
        "hAP ax^2",
        "C52iG-5HaxD2HaxD",
        "ipq6000",
        "ARM64",
        4,
        864,
        "arm64",
        1024 * MEBIBYTE,
        128 * MEBIBYTE,
        "4",
        sensors=(CPU_TEMPERATURE,),
    ),
    "hap-ac2": Model(
        "hAP ac^2",
        "RBD52G-5HacD2HnD",
        "ipq4000L",
        "ARM",
        4,
        716,
        "arm",
        128 * MEBIBYTE,
        16 * MEBIBYTE,
        "4",
    ),
    "chr": Model(
        "CHR",
        "",
        "",
        "Intel(R) Core(TM)",
        2,
        2400,
        "x86_64",
        512 * MEBIBYTE,
        128 * MEBIBYTE,
        "p1",
    ),
}
