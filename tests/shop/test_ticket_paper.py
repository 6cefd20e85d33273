"""Papers, measures and places: everything lies on the paper and inside its cell."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronda.shop.printing import paper
from ronda.shop.printing.arrange import PAD_MM, Picture, Square, Stroke, Words, arrange
from ronda.shop.printing.codes import GAP, grouped, login_address
from ronda.shop.printing.measure import Font, width, wrap
from ronda.shop.printing.template import Kind, Line

TICKET = [
    Line(Kind.LOGO),
    Line(Kind.BIG, "Warung Kopi Pojok"),
    Line(Kind.QR),
    Line(Kind.CODE, GAP.join(("abcd", "2345"))),
    Line(Kind.TEXT, "Berlaku 1 hari sejak login pertama, untuk 2 perangkat"),
    Line(Kind.RULE),
    Line(Kind.SMALL, "Dusun Krajan 12-001"),
]


def box(item):
    """Left, top, right, bottom of an item."""
    if isinstance(item, Words):
        left = item.x - item.width / 2 if item.centred else item.x
        return left, item.y - item.size * 0.72, left + item.width, item.y + item.size * 0.2
    if isinstance(item, Square):
        return item.x, item.y, item.x + item.side, item.y + item.side
    if isinstance(item, Picture):
        return item.x, item.y, item.x + item.width, item.y + item.height
    assert isinstance(item, Stroke)
    return item.x1, item.y1, item.x2, item.y2


def test_a_grid_fills_the_paper_between_its_margins() -> None:
    sheet = paper.grid(4, 8, margin_mm=8, gap_mm=2)

    assert sheet.per_page == 32
    left, top = sheet.corner(31)
    assert left + sheet.cell_mm[0] == pytest.approx(210 - 8)
    assert top + sheet.cell_mm[1] == pytest.approx(297 - 8)
    # Four columns with gaps have eight edges, eight rows sixteen; two strokes at each crossing.
    assert len(list(sheet.cut_marks())) == 2 * 8 * 16


def test_cells_that_touch_share_their_cut_marks() -> None:
    assert len(list(paper.grid(2, 3, margin_mm=10, gap_mm=0).cut_marks())) == 2 * 3 * 4


def test_a_grid_without_room_for_a_ticket_is_refused_with_the_size() -> None:
    with pytest.raises(paper.TooSmall) as refused:
        paper.grid(8, 4, margin_mm=20, gap_mm=5)

    assert refused.value.args[0] == pytest.approx(16.9, abs=0.1)


@pytest.mark.parametrize("key", paper.LABELS)
def test_every_label_lies_on_its_sheet(key) -> None:
    sheet = paper.LABELS[key].sheet()
    left, top = sheet.corner(0)
    right, bottom = sheet.corner(sheet.per_page - 1)

    assert left >= 0
    assert top >= 0
    assert right + sheet.cell_mm[0] <= 210.01
    assert bottom + sheet.cell_mm[1] <= 297.01


@pytest.mark.parametrize(("key", "start"), [("L7160", (7.25, 15.15)), ("L7651", (4.75, 10.7))])
def test_labels_begin_where_their_maker_says(key, start) -> None:
    assert paper.LABELS[key].sheet().corner(0) == pytest.approx(start)


@pytest.mark.parametrize(("width_mm", "printed"), [(58, 48), (80, 72)])
def test_a_roll_prints_what_its_head_reaches_and_is_as_long_as_its_ticket(
    width_mm, printed
) -> None:
    sheet = paper.roll(width_mm)
    made = arrange(TICKET, *sheet.cell_mm, logo_ratio=2.0)

    assert sheet.cell_mm[0] == printed
    assert made.height_mm > 60
    assert max(box(item)[3] for item in made.items) <= made.height_mm
    assert not made.left_out


@settings(max_examples=30)
@given(
    st.floats(24, 200),
    st.floats(14, 140),
    st.lists(st.sampled_from(TICKET), min_size=1, max_size=12),
    st.sampled_from([0.3, 1.0, 4.0]),
)
def test_nothing_leaves_its_cell(wide, high, lines, ratio) -> None:
    made = arrange(lines, wide, high, logo_ratio=ratio)

    for left, top, right, bottom in map(box, made.items):
        assert left >= PAD_MM / 2
        assert top >= 0
        assert right <= wide - PAD_MM / 2
        assert bottom <= high


def test_the_code_stands_beside_the_words_in_a_wide_cell_and_among_them_in_a_high_one() -> None:
    beside = next(i for i in arrange(TICKET, 70, 36).items if isinstance(i, Square))
    among = next(i for i in arrange(TICKET, 40, 60).items if isinstance(i, Square))

    assert beside.x > 35
    assert among.x + among.side / 2 == pytest.approx(20)


def test_what_has_no_room_is_left_out_from_the_least_important_and_counted() -> None:
    made = arrange([*TICKET, Line(Kind.SMALL, "x"), Line(Kind.TEXT, "y " * 300)], 30, 15)

    texts = [item.text for item in made.items if isinstance(item, Words)]
    assert made.left_out > 0
    assert GAP.join(("abcd", "2345")) in texts


def test_the_code_alone_is_never_left_out() -> None:
    made = arrange([Line(Kind.CODE, "abcd"), Line(Kind.CODE, "efgh")], 24, 5)

    assert made.left_out == 1


def test_widths_are_those_of_helvetica() -> None:
    assert width("Warung", Font.REGULAR) == pytest.approx(0.944 + 0.556 + 0.333 + 3 * 0.556)
    assert width("Él", Font.BOLD) == pytest.approx(0.667 + 0.278)
    assert width("語", Font.REGULAR) == 1.0
    assert width("ab" + GAP, Font.MONO) == pytest.approx(1.48)


def test_lines_break_between_words_only() -> None:
    assert wrap("satu dua tiga", Font.MONO, 5.0) == ["satu dua", "tiga"]
    assert wrap("satu dua tiga", Font.MONO, 99) == ["satu dua tiga"]
    assert wrap("panjangsekali", Font.MONO, 1.0) == ["panjangsekali"]


@pytest.mark.parametrize(
    ("code", "groups"),
    [
        ("abc23", ["abc23"]),
        ("abc234", ["abc", "234"]),
        ("abcd2345", ["abcd", "2345"]),
        ("abcd23456", ["abc", "d23", "456"]),
        ("abcd234567", ["abcd", "2345", "67"]),
        ("abc2345", ["abc2", "345"]),
        ("abcdefgh12345", ["abcd", "efgh", "12345"]),
        ("vip-abc234", ["vip-abc234"]),
    ],
)
def test_codes_are_read_in_groups(code, groups) -> None:
    assert grouped(code).split(GAP) == groups


@pytest.mark.parametrize(
    ("base", "address"),
    [
        ("", ""),
        ("login.wifi", "http://login.wifi/login?username=a%26b&password=p%20%2B"),
        ("https://login.wifi/", "https://login.wifi/login?username=a%26b&password=p%20%2B"),
        (" 10.5.50.1 ", "http://10.5.50.1/login?username=a%26b&password=p%20%2B"),
    ],
)
def test_the_login_address_carries_name_and_password(base, address) -> None:
    assert login_address(base, "a&b", "p +") == address
