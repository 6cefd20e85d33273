"""Exports of vouchers, each written in the audit trail, and lists of codes that are taken over whole."""

import io
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.hotspot.service.secrets import seal
from ronda.routers.models import Router
from ronda.shop.models import Batch, Package, Voucher
from ronda.shop.rules import voucher_files
from ronda.shop.rules.voucher_files import Entry
from ronda.shop.service import asking, creating, making
from ronda.shop.service.packages import terms_of
from ronda.storage.alike import insert_alike

HEAD = (
    *("code", "password", "package", "price", "router", "state", "batch"),
    *("made_at", "sold_at", "first_login_at", "expires_at"),
)
#: How each file is called for a browser.
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "rsc": "text/plain; charset=us-ascii",
}
#: What a batch of imported codes has in place of an alphabet.
IMPORTED = "import"


class CodesTaken(ValueError):
    """Some of the codes exist; `codes` are at most twenty of them."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(", ".join(codes))
        self.codes = list(codes)


def export(
    vouchers: QuerySet[Voucher], kind: str, person: Person | None, source: str = ""
) -> bytes:
    """The vouchers with their passwords as `csv`, `xlsx` or `rsc`; the trail says who took them."""
    rows = vouchers.select_related("package", "router", "batch").order_by("pk")
    audit.record(
        person, "voucher.export", f"{rows.count()} vouchers", None, {"format": kind}, source
    )
    if kind == "rsc":
        return voucher_files.write_script(map(_user, rows.iterator(making.GROUP)))
    if kind == "xlsx":
        return _workbook(map(_cells, rows.iterator(making.GROUP)))
    return voucher_files.write_csv(HEAD, map(_cells, rows.iterator(making.GROUP)))


def _cells(row: Voucher) -> list[str | int]:
    moments = (row.made_at, row.sold_at, row.first_login_at, row.expires_at)
    return [
        row.code,
        making.credentials(row).password,
        row.package.name,
        row.package.selling_price_idr,
        row.router.name,
        row.state,
        row.batch_id or 0,
        *(moment.isoformat(timespec="seconds") if moment else "" for moment in moments),
    ]


def _user(row: Voucher) -> dict[str, str]:
    texts = {"name": row.code, "password": making.credentials(row).password}
    if row.server != "all":
        texts["server"] = row.server
    return texts | creating.texts_of(row)


def _workbook(rows: Iterator[list[str | int]]) -> bytes:
    """Every text is a text cell: never a formula, a link or a number."""
    import xlsxwriter  # slow to import, seldom needed

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": True})
    page: Any = book.add_worksheet("Voucher")
    bold = book.add_format({"bold": True})
    page.freeze_panes(1, 0)
    page.set_column(0, len(HEAD) - 1, 18)
    for place, name in enumerate(HEAD):
        page.write_string(0, place, name, bold)
    for number, row in enumerate(rows, 1):
        for place, cell in enumerate(row):
            write = page.write_string if isinstance(cell, str) else page.write_number
            write(number, place, cell)
    book.close()
    return out.getvalue()


def take(
    entries: Sequence[Entry],
    package: Package,
    router: Router,
    *,
    note: str = "",
    person: Person | None = None,
    source: str = "",
) -> Batch:
    """Vouchers with these codes, all or none, as a batch of their own, and the job that makes them.

    Raises:
        CodesTaken: a voucher, or a user of the router, has one of them.
    """
    with transaction.atomic():
        if taken := making.taken([entry.code for entry in entries], router):
            raise CodesTaken(sorted(taken)[:20])
        now = timezone.now()
        separate = any(entry.password for entry in entries)
        batch = Batch.objects.create(
            package=package,
            router=router,
            count=len(entries),
            alphabet=IMPORTED,
            length=0,
            separate_password=separate,
            note=note,
            made_at=now,
            made_by=person if person is not None and person.pk else None,
        )
        template = Voucher(
            package=package,
            terms=terms_of(package).as_json(),
            batch=batch,
            router=router,
            made_at=now,
            chosen=True,
        )
        listed = ((entry.code, seal(entry.password)) for entry in entries)
        try:
            with transaction.atomic():
                insert_alike(template, ("code", "password"), listed)
        except IntegrityError:  # somebody made one of them just now
            exist = making.taken([entry.code for entry in entries], router)
            raise CodesTaken(sorted(exist)[:20]) from None
        batch.job = asking.make(router.pk, batch=batch.pk)
        batch.save(update_fields=["job"])
        audit.record(
            person,
            "voucher.import",
            f"#{batch.pk} @ {router.name}",
            None,
            {"package": package.name, "count": len(entries), "note": note},
            source,
        )
        return batch
