"""Who waits, who is next and who is turned away."""

from ronda.web.serving.lines import BOUNDS, Line, Lines

PAGE = BOUNDS[Line.PAGE]


def test_the_more_urgent_line_goes_first_and_each_in_its_order() -> None:
    lines: Lines[str] = Lines()
    asked = [Line.BUYER, Line.PAGE, Line.DOOR, Line.PAGE, Line.CALLBACK]
    for job, line in zip("eacbd", asked, strict=True):
        assert lines.join(job, line, 0.0)

    assert len(lines) == 5
    assert [lines.first() for _ in range(6)] == ["d", "c", "a", "b", "e", None]


def test_a_full_line_takes_nobody_and_the_others_do() -> None:
    lines: Lines[int] = Lines()
    assert all(lines.join(number, Line.PAGE, 0.0) for number in range(PAGE.length))

    assert not lines.join(-1, Line.PAGE, 0.0)
    assert lines.join(-2, Line.DOOR, 0.0)
    assert lines.join(-3, Line.CALLBACK, 0.0)
    assert lines.first() == -3


def test_a_rush_may_wait_for_seconds() -> None:
    lines: Lines[int] = Lines()
    for number in range(50):
        lines.join(number, Line.PAGE, 10.0)

    assert lines.overdue(10.0 + PAGE.rush_s) == []


def test_where_people_have_waited_all_the_time_nobody_waits_long() -> None:
    lines: Lines[str] = Lines()
    lines.join("first", Line.PAGE, 0.0)
    lines.join("second", Line.PAGE, PAGE.rush_s)
    lines.join("third", Line.PAGE, PAGE.rush_s + 1)
    late = PAGE.rush_s + PAGE.steady_s + 0.5

    assert lines.overdue(late) == [("first", Line.PAGE), ("second", Line.PAGE)]
    assert lines.first() == "third"


def test_a_line_that_was_empty_once_is_a_rush_again() -> None:
    lines: Lines[str] = Lines()
    lines.join("early", Line.PAGE, 0.0)
    assert lines.first() == "early"
    lines.join("late", Line.PAGE, 100.0)

    assert lines.overdue(100.0 + PAGE.rush_s) == []


def test_everybody_leaves_at_the_end() -> None:
    lines: Lines[str] = Lines()
    lines.join("page", Line.PAGE, 0.0)
    lines.join("money", Line.CALLBACK, 0.0)

    assert lines.empty() == ["money", "page"]
    assert len(lines) == 0
