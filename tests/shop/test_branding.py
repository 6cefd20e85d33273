"""How the shop looks: readable colours, and a logo that holds nothing but pixels."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ronda.shop.rules import contrast
from ronda.shop.service import branding, pictures

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def drawing(kind: str, size: tuple[int, int] = (40, 20)) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, "#0b5cad").save(written, kind)
    return written.getvalue()


def test_black_on_white_is_21_and_a_colour_on_itself_1() -> None:
    assert contrast.ratio("#000000", "#ffffff") == pytest.approx(21)
    assert contrast.ratio("#123456", "#123456") == 1
    # The grey that WCAG's own examples name as just enough on white.
    assert contrast.is_readable("#767676", "#ffffff")
    assert not contrast.is_readable("#777777", "#ffffff")


@given(COLOURS, COLOURS)
def test_contrast_is_the_same_both_ways(one: str, other: str) -> None:
    assert contrast.ratio(one, other) == contrast.ratio(other, one)


@given(COLOURS)
def test_black_or_white_can_be_read_on_any_colour(colour: str) -> None:
    assert contrast.is_readable(colour, contrast.better_ink(colour))


def test_colours_are_read_as_they_are_pasted() -> None:
    assert contrast.read_colour(" 0B5CAD ") == "#0b5cad"
    for wrong in ("", "#fff", "red", "#0b5cad;", "#0b5cag"):
        with pytest.raises(ValueError, match=r".*"):
            contrast.read_colour(wrong)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_logo_is_drawn_anew_as_a_png(kind: str) -> None:
    drawn = pictures.redraw(drawing(kind) + b"<script>alert(1)</script>")
    assert drawn.png.startswith(b"\x89PNG")
    assert b"script" not in drawn.png
    assert Image.open(io.BytesIO(drawn.png)).size == (40, 20)


def test_a_big_logo_is_made_smaller() -> None:
    drawn = pictures.redraw(drawing("JPEG", (1200, 300)))
    assert Image.open(io.BytesIO(drawn.png)).size == (600, 150)


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a\x01\x00\x01\x00",
        drawing("PNG")[:40],
        b"x" * (pictures.MOST_BYTES + 1),
        drawing("PNG", (5000, 4000)),
    ],
)
def test_anything_else_is_refused_with_the_reason(data: bytes) -> None:
    with pytest.raises(pictures.NoPicture, match=r"PNG|2 MB|pixels"):
        pictures.redraw(data)


@pytest.mark.django_db
def test_the_look_is_that_of_the_installation_until_it_is_set(people: dict[str, Any]) -> None:
    assert branding.branding() == branding.Branding("Ronda")
    branding.change({"name": "Warnet Sari"}, people["owner"], picture=drawing("PNG"))
    mine = branding.branding()
    assert mine.name == "Warnet Sari"
    assert Client().get(mine.logo_url).content == branding.logo()
    assert "--brand: #0b5cad" in Client().get(mine.look_url).content.decode()
    branding.change({}, people["owner"], drop_logo=True)
    assert branding.branding().logo_url == ""
    assert Client().get("/shop/logo/").status_code == 404


LOOK = {"name": "Warnet Sari", "colour": "#0b5cad", "ink": "#ffffff", "whatsapp": "0812-3456-789"}


@pytest.mark.django_db
@pytest.mark.usefixtures("in_english")
def test_an_administrator_sets_the_look_and_strangers_meet_it_at_the_door(as_: Any) -> None:
    logo = SimpleUploadedFile("logo.png", drawing("PNG"), "image/png")
    sent = as_("admin").post("/shop/branding/", LOOK | {"logo": logo, "footer": "Buka 24 jam"})
    assert sent.status_code == 302, sent.content.decode()
    mine = branding.branding()
    assert (mine.name, mine.whatsapp_url) == ("Warnet Sari", "https://wa.me/628123456789")
    door = Client().get("/accounts/login/").content.decode()
    for shown in ("Warnet Sari", mine.logo_url, mine.whatsapp_url, "Buka 24 jam"):
        assert shown in door
    assert "easy to read" in as_("admin").get("/shop/branding/").content.decode()
    as_("admin").post("/shop/branding/", LOOK | {"drop_logo": "on"})
    assert branding.branding().logo_url == ""


@pytest.mark.django_db
@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"ink": "#ffee00", "colour": "#ffffff"}, "Take black for the text"),
        ({"colour": "red"}, "is no colour"),
        ({"whatsapp": "call me"}, "is no telephone number"),
        ({"logo": SimpleUploadedFile("logo.svg", b"<svg><script/></svg>")}, "no PNG, JPEG or WebP"),
    ],
)
def test_a_look_that_does_not_fit_is_refused_with_the_reason(
    as_: Any, typed: dict[str, Any], reason: str
) -> None:
    sent = as_("admin").post("/shop/branding/", LOOK | typed)
    assert reason in sent.content.decode()
    assert branding.branding() == branding.Branding("Ronda")


@pytest.mark.django_db
@pytest.mark.usefixtures("in_english")
def test_the_contrast_is_told_while_colours_are_chosen(as_: Any) -> None:
    admin = as_("admin")
    shown = admin.get("/shop/branding/contrast/", {"colour": "#777777", "ink": "#ffffff"})
    assert "<b>4.4</b>" in shown.content.decode()
    assert "hard to read" in shown.content.decode()
    wrong = admin.get("/shop/branding/contrast/", {"colour": "x", "ink": "#ffffff"})
    assert "is no colour" in wrong.content.decode()
    assert as_("cashier").get("/shop/branding/").status_code == 403
