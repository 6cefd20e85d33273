"""What the texts of refusals mean, with and without their numbers and categories."""

import pytest

from ronda.routeros import errors, login
from ronda.routeros.commands import words_of
from ronda.routeros.refusals import meaning_of


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("invalid user name or password (6)", errors.WrongCredentials),
        ("invalid user name or password", errors.WrongCredentials),
        ("cannot log in", errors.WrongCredentials),
        ("could not authenticate - radius timeout", errors.RouterTimedOut),
        ("not enough permissions (9)", errors.NotPermitted),
        ("failure: already have user with this name for this server", errors.AlreadyThere),
        ("failure: profile already exists", errors.AlreadyThere),
        ("input does not match any value of profile", errors.NoSuchReference),
        ("no such item", errors.NoSuchItem),
        ("no such item (4)", errors.NoSuchItem),
        ("unknown parameter uptime-limit", errors.UnknownToVersion),
        ("no such command prefix", errors.UnknownToVersion),
        ("no such command", errors.UnknownToVersion),
        ("no such command or directory (ip)", errors.UnknownToVersion),
        ("missing =name=", errors.InvalidValue),
        ("value of shared-users out of range (1..65535)", errors.InvalidValue),
        ("invalid value for argument address", errors.InvalidValue),
        ("ambiguous value of interface, more than one possible value", errors.InvalidValue),
        ("failure: not allowed by device-mode", errors.ForbiddenByDeviceMode),
        ("interrupted", errors.Interrupted),
        ("failure: license limit reached", errors.RouterFull),
        ("disk full", errors.RouterFull),
        ("something new", errors.RouterRefused),
        ("Session closed", errors.RouterTimedOut),
    ],
)
def test_texts_mean(text: str, meaning: type[errors.RouterError]) -> None:
    assert type(meaning_of(text)) is meaning


def test_the_category_counts_where_the_text_is_new() -> None:
    error = meaning_of("stopped", category=2)
    assert isinstance(error, errors.Interrupted)
    assert error.category == 2


def test_a_failed_action_means_full_where_something_was_to_be_kept() -> None:
    assert (
        type(meaning_of("action failed (6)", command="/ip/hotspot/user/add")) is errors.RouterFull
    )
    assert (
        type(meaning_of("action failed (6)", command="/user/active/remove")) is errors.RouterRefused
    )


def test_a_command_the_router_cut_short_may_have_been_done() -> None:
    assert meaning_of("Session closed").outcome is errors.Outcome.UNKNOWN


def test_what_cannot_be_sent_is_refused_before_it_is() -> None:
    with pytest.raises(errors.InvalidValue, match="too long for /system/script/add"):
        words_of("/system/script/add", {"source": "x" * 5_000_000})


def test_an_answer_to_the_login_that_is_no_challenge_is_nonsense() -> None:
    with pytest.raises(errors.RouterSpokeNonsense):
        login.answer("ronda", "x", "welcome")
