"""Vouchers of the demo's shop: two batches, some of them sold or taken back, made once by the services."""

from ronda.routers.models import Router
from ronda.shop.models import Batch, Package
from ronda.shop.rules.codes import Alphabet, Look
from ronda.shop.service import changing, making


def enter() -> None:
    """A printed batch for a kiosk, and one that was taken back; the desk makes their users."""
    package = Package.objects.filter(deleted_at=None, active=True).order_by("position").first()
    router = Router.objects.in_use().order_by("name").first()
    if package is None or router is None or Batch.objects.exists():
        return
    making.make_batch(
        package, router, 60, look=Look(Alphabet.MIXED, 7), note="Warung Bu Tini", source="demo"
    )
    wrong = making.make_batch(
        package, router, 12, look=Look(Alphabet.DIGITS, 8, "W-"), note="salah cetak", source="demo"
    )
    changing.void_batch(wrong, None, "demo")
