"""`ronda simulate payments`: payment gateways that are not there, for whoever wants to be paid by them."""

import json
import threading
from contextlib import ExitStack, suppress

import click

from ronda.simulator.payments.book import KEYS
from ronda.simulator.payments.server import FakeGateways

SOON_S = 0.5


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="Any free one by default.")
@click.option(
    "--enter",
    "kinds",
    type=click.Choice([*KEYS, "all"]),
    multiple=True,
    help="Enter this one into the installation as a way to pay; several times for several.",
)
@click.option(
    "--pay-after", type=click.FloatRange(0), help="Buyers pay by themselves after so long."
)
@click.option("--copies", type=click.IntRange(0, 50), default=1, help="Calls for each payment.")
@click.option(
    "--delay", type=click.FloatRange(0), default=0.0, help="Seconds before they are made."
)
@click.option("--slow", type=click.FloatRange(0), default=0.0, help="Seconds to every answer.")
@click.option("--fail", type=click.IntRange(0), default=0, help="So many requests fail with 500.")
@click.option("--swallow", type=click.IntRange(0), default=0, help="So many answers get lost.")
@click.option("--lost", is_flag=True, help="No call is made: payments must be found by asking.")
@click.option("--wrong-amount", is_flag=True, help="Calls tell of one rupiah too many.")
@click.option("--forged", is_flag=True, help="Calls are signed with another key.")
@click.option("--backwards", is_flag=True, help='"Pending" is told after "paid".')
@click.option("--callback", "dashboard", default="", help="Where Xendit's calls go.")
@click.option("--seconds", type=float, help="End by itself after so long.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, then only run.")
def payments(
    port: int,
    kinds: tuple[str, ...],
    pay_after: float | None,
    copies: int,
    delay: float,
    slow: float,
    fail: int,
    swallow: int,
    lost: bool,
    wrong_amount: bool,
    forged: bool,
    backwards: bool,
    dashboard: str,
    seconds: float | None,
    as_json: bool,
) -> None:
    """Open Tripay, Duitku, Midtrans and Xendit on 127.0.0.1, with real signatures and nobody's money."""
    fakes = FakeGateways(port=port)
    fakes.book.behave(
        copies=copies,
        delay_s=delay,
        slow_s=slow,
        fail=fail,
        swallow=swallow,
        lost=lost,
        wrong_amount=wrong_amount,
        forged=forged,
        backwards=backwards,
    )
    fakes.book.dashboard_url = dashboard
    with ExitStack() as standing:
        try:
            standing.enter_context(fakes)
        except OSError as taken:
            raise click.ClickException(f"port {port} cannot be opened: {taken}") from taken
        entered = _enter(fakes, tuple(KEYS) if "all" in kinds else kinds, standing)
        click.echo(_as_json(fakes) if as_json else _as_text(fakes, entered))
        with suppress(KeyboardInterrupt):
            _stand(fakes, pay_after, seconds)


def _enter(fakes: FakeGateways, kinds: tuple[str, ...], until: ExitStack) -> list[str]:
    """Offer these to buyers until the end; their names."""
    if not kinds:
        return []
    from ronda.app import boot

    boot.django()
    from ronda.app.demo_payments import enter

    names = []
    for kind in kinds:
        names.append(enter(fakes, kind, offered=True).name)
        until.callback(enter, fakes, kind, offered=False)
    return names


def _stand(fakes: FakeGateways, pay_after: float | None, seconds: float | None) -> None:
    never = threading.Event()
    if pay_after is None:
        never.wait(seconds)
        return
    waited: dict[tuple[str, str], float] = {}
    gone = 0.0
    while seconds is None or gone < seconds:
        never.wait(SOON_S)
        gone += SOON_S
        for key, held in list(fakes.book.held.items()):
            waited[key] = waited.get(key, 0.0) + SOON_S
            if held.status == "pending" and waited[key] > pay_after:
                fakes.pay(*key)


def _as_json(fakes: FakeGateways) -> str:
    told = {kind: {"url": fakes.url(kind), "keys": keys} for kind, keys in KEYS.items()}
    return json.dumps({"gateways": told, "base": fakes.base})


def _as_text(fakes: FakeGateways, entered: list[str]) -> str:
    lines = ["Simulated payment gateways, reached from this machine only; nobody's money:"]
    for kind, keys in KEYS.items():
        lines.append(f"  {kind:<9} {fakes.url(kind)}")
        lines.append("            " + "  ".join(f"{name} {value}" for name, value in keys.items()))
    lines += [f"Entered as a way to pay: {name}" for name in entered]
    if not entered:
        lines.append("--enter tripay makes one a way to pay of this installation.")
    lines.append(f"A charge is paid at {fakes.base}/pay/GATEWAY/REFERENCE, where its link leads.")
    return "\n".join([*lines, "Ctrl-C ends them.", ""])
