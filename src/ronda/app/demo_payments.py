"""Invented gateways beside an installation, entered into it as ways to pay.

They are entered as an administrator would, with the invented merchant's keys, and lead to loopback. Their
port changes with every start, so that it is told anew.
"""

from collections.abc import Collection, Mapping
from contextlib import ExitStack
from typing import Self

from ronda.shop.models import PaymentMethod
from ronda.shop.payments.registry import KINDS
from ronda.shop.service import methods
from ronda.simulator.payments.book import KEYS
from ronda.simulator.payments.server import FakeGateways

#: What the demo offers its buyers beside: names and numbers are nobody's.
NAMES: Mapping[str, str] = {
    "tripay": "QRIS (Tripay simulasi)",
    "duitku": "QRIS (Duitku simulasi)",
    "midtrans": "QRIS (Midtrans simulasi)",
    "xendit": "Halaman bayar (Xendit simulasi)",
}
BANK = {"bank": "Bank Desa Wringinjalu", "holder": "RONDA DEMO", "number": "0000 1234 5678"}


class DemoPayments:
    """The gateways of these kinds, and their ways to pay, from `with` until its end."""

    def __init__(self, kinds: Collection[str] = ("tripay",), *, bank: bool = True) -> None:
        self._kinds = kinds
        self._bank = bank
        self.fakes = FakeGateways()

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            opening.enter_context(self.fakes)
            self.entered = [enter(self.fakes, kind) for kind in self._kinds]
            if self._bank and not PaymentMethod.objects.filter(kind=PaymentMethod.Kind.BANK):
                _add_bank()
            self._open = opening.pop_all()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._open.close()


def enter(fakes: FakeGateways, kind: str, *, offered: bool | None = None) -> PaymentMethod:
    """The way to pay that leads to the invented gateway of this kind; added the first time.

    `offered` switches it on or off; left out, what somebody chose or removed meanwhile stays.
    """
    same = [one for one in PaymentMethod.objects.filter(kind=kind) if methods.FAKE in one.shown]
    row = same[0] if same else PaymentMethod(kind=kind, name=NAMES[kind])
    settings = methods.Settings(
        name=row.name,
        active=row.active if offered is None else offered,
        position=row.position or None,
        shown={"channel": KINDS[kind].channels[0], **row.shown, methods.FAKE: fakes.url(kind)},
        secrets={} if same else KEYS[kind],
    )
    return methods.save(row, settings, None, "demo")


def _add_bank() -> None:
    methods.save(
        PaymentMethod(kind=PaymentMethod.Kind.BANK),
        methods.Settings(name="Transfer bank", active=True, shown=BANK),
        None,
        "demo",
    )
