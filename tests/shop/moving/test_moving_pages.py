"""The page and the commands of moving from Mikhmon."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client
from django.utils import timezone

from ronda.cli import main
from ronda.hotspot.rules.mikhmon import Held
from ronda.routers.models import Router
from ronda.shop.models import CutOver, Moved
from ronda.shop.rules.moving.draft import draft
from ronda.shop.service.moving import cutting, looking, storing, taking
from ronda.work import jobs, running
from tests.hotspot.test_mikhmon import held
from tests.routers.factories import make_router

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
PAGE = "/shop/mikhmon/"


def with_passwords() -> Held:
    found = held()
    return Held(
        found.profiles,
        [{**row, "password": row["name"]} for row in found.users],
        found.sales,
        found.quick,
        found.schedulers,
        found.clock,
        420,
    )


def finish(kind: str, result: dict[str, Any] | None, error: str = "") -> None:
    job = running.claim("w", {kind})
    assert job is not None
    if result is None:
        running.fail(job, error)
    else:
        running.succeed(job, result)


def take(router: Router, parts: tuple[str, ...] = taking.PARTS) -> storing.Counts:
    return taking.store(router.pk, draft(with_passwords(), "S", timezone.now()), parts)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ronda.shop.views.moving.PATIENCE_S", 0)


def test_the_page_leads_from_looking_to_the_cut_over_and_back(
    as_: Callable[[str], Client], django_assert_max_num_queries: Any
) -> None:
    admin = as_("admin")
    assert "No router is connected" in admin.get(PAGE).content.decode()
    router = make_router()
    here = f"{PAGE}?router={router.pk}"
    assert admin.post(PAGE, {"router": router.pk})["Location"] == here
    assert "Reading the router" in admin.get(here).content.decode()
    fragment = admin.get(f"{PAGE}{router.pk}/progress/")
    assert "moving-progress" in fragment.content.decode()
    finish(looking.KIND, looking.report(router.pk, held(), "S"))
    assert admin.get(f"{PAGE}{router.pk}/progress/")["HX-Refresh"] == "true"
    page = admin.get(here).content.decode()
    for text in ("harian", "Take over first.", "vc-123-11.20.26-x", "was cut off", "Rp5.000"):
        assert text in page, text
    assert "Cut over</a>" not in page

    admin.post(f"{PAGE}{router.pk}/take/", {"vouchers": "1", "sales": "1"})
    counts = take(router)
    finish(taking.KIND, {"packages": counts.packages, "vouchers": 5, "sales": 2, "same": 0})
    with django_assert_max_num_queries(16):
        page = admin.get(here).content.decode()
    assert "New: 2 packages, 5 vouchers, 2 sales." in page
    assert "Cut over</a>" in page

    cut = f"{PAGE}{router.pk}/cut-over/"
    assert "disabled. No user, script or scheduler is deleted." in admin.get(cut).content.decode()
    assert admin.post(cut)["Location"] == here
    CutOver.objects.create(router=router, began_at=timezone.now(), done_at=timezone.now())
    finish(cutting.CUT, {"done": 3, "left_alone": ["mingguan"]})
    page = admin.get(here).content.decode()
    assert "Put back" in page
    assert "mingguan" in page
    back = f"{PAGE}{router.pk}/put-back/"
    assert "become what they were" in admin.get(back).content.decode()
    assert admin.post(back)["Location"] == here
    finish(cutting.BACK, None, "the line was cut")
    assert "the line was cut" in admin.get(here).content.decode()


def test_what_cannot_be_done_yet_is_said(as_: Callable[[str], Client]) -> None:
    admin, router = as_("admin"), make_router()
    for path, text in (("cut-over", "Take the router over first"), ("put-back", "No cut-over")):
        answer = admin.post(f"{PAGE}{router.pk}/{path}/", follow=True)
        assert text in answer.content.decode()
    assert admin.get(f"{PAGE}?router=99999").status_code == 404
    assert admin.post(f"{PAGE}99999/take/").status_code == 404
    assert as_("noc").get(PAGE).status_code == 403


def test_only_what_is_ticked_is_taken(as_: Callable[[str], Client]) -> None:
    router = make_router()
    as_("admin").post(f"{PAGE}{router.pk}/take/", {"sales": "1", "on_sale": "1"})
    job = running.claim("w", {taking.KIND})
    assert job is not None
    assert job.payload["parts"] == ["sales"]
    assert job.payload["on_sale"] is True
    counts = take(router, ("sales",))
    assert (counts.packages, counts.vouchers, counts.sales) == (2, 0, 2)
    assert (take(router).vouchers, take(router).vouchers) == (5, 0)
    assert Moved.objects.filter(what="package").count() == 2


def test_the_commands_look_take_cut_over_and_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    from ronda.routers.service import terminal

    router = make_router()
    look = looking.report(router.pk, held(), "S")
    answers: dict[str, Any] = {}

    def finished(job: int, *_rest: object) -> Any:
        state = jobs.state(job)
        assert state is not None
        jobs.cancel(job)
        done = answers.get(state.kind)
        return type("State", (), {"result": done, "error": "" if done else "no route"})

    monkeypatch.setattr(terminal, "finish", finished)

    def run(*words: str) -> tuple[int, str]:
        said = CliRunner().invoke(main, ["mikhmon", *words])
        return said.exit_code, said.output

    assert run("look", "Balai Desa") == (2, "no route\n")
    answers[looking.KIND] = look
    code, said = run("take", "Balai Desa", "--dry-run")
    assert code == 0, said
    for line in (
        "package  harian",
        "vouchers 5 (3 not used",
        "sales    2026-11",
        "look at  locked",
    ):
        assert line in said
    assert json.loads(run("look", "Balai Desa", "--json")[1])["take"]["vouchers"] == 5
    assert "on-login" in run("cut-over", "Balai Desa", "--dry-run")[1]
    answers[looking.KIND] = {**look, "cut_over": []}
    assert "nothing to change" in run("cut-over", "Balai Desa", "--dry-run")[1]
    assert run("cut-over", "Balai Desa")[0] == 1
    assert "nothing on Balai Desa" in run("put-back", "Balai Desa")[1]
    answers[taking.KIND] = {**vars(take(router)), "refused": 1}
    code, said = run("take", "Balai Desa", "--without", "sales")
    assert "taken    2 packages, 3 batches, 5 vouchers, 2 sales" in said, said
    assert "another router's voucher" in said
    answers[cutting.CUT] = answers[cutting.BACK] = {"done": 3, "left_alone": ["harian"]}
    assert run("cut-over", "Balai Desa")[1].startswith("done     3\nleft     harian")
    CutOver.objects.create(router=router, began_at=timezone.now())
    assert run("put-back", "Balai Desa")[0] == 0
