"""The small page on which one "pays"."""

from html import escape

from ronda.kernel.money import rupiah
from ronda.simulator.payments.book import Held

WORDS = {"pending": "menunggu pembayaran", "paid": "sudah dibayar", "expired": "kedaluwarsa"}


def render(held: Held) -> bytes:
    """The page of one charge: amount, state, a button to pay and one to let it run out."""
    buttons = (
        '<form method="post"><button name="do" value="pay">Bayar sekarang</button> '
        '<button name="do" value="expire">Biarkan kedaluwarsa</button></form>'
        if held.status == "pending"
        else ""
    )
    back = (
        f'<p><a href="{escape(held.return_url)}">Kembali ke toko</a></p>' if held.return_url else ""
    )
    return (
        '<!doctype html><html lang="id"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<title>Gateway simulasi</title><style>body{font:1.1rem system-ui;max-width:26rem;"
        "margin:2rem auto;padding:0 1rem}button{font:inherit;padding:.7rem 1rem;margin:.3rem 0}"
        "</style>"
        f"<h1>Gateway simulasi: {escape(held.gateway)}</h1>"
        "<p>Bukan uang sungguhan. Halaman ini milik simulator Ronda.</p>"
        f"<p>{escape(held.reference)}<br><b>{rupiah(held.amount)}</b><br>"
        f"<output>{WORDS[held.status]}</output></p>{buttons}{back}</html>"
    ).encode()
