"""What every channel offers: its settings, and sending one message with an outcome that can be trusted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from django.utils.translation import gettext_lazy as _

from ronda.web.words import Text

#: What an address of a channel is: shapes the form and the test button.
Reach = Literal["phone", "chat", "email", "url", "topic", "browser", "person"]
#: Longer waits make a worker stand still; a slow server gets its second chance later.
CONNECT_S, ANSWER_S = 5.0, 15.0
#: A whole call, however busily the other side goes on answering.
WHOLE_S = 30.0


UNCHANGEABLE = _("The message cannot be changed any more.")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a channel; `secret` ones are sealed and never shown again."""

    name: str
    label: Text
    secret: bool = False
    required: bool = True
    default: str = ""
    hint: Text = ""
    choices: tuple[tuple[str, Text], ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent to one address. `key` is the same however often it is tried.

    `thread` names what it belongs to; `first` and `first_subject` are reference and subject of the first message
    of that thread to this address ("" where this is it), and `edits` asks to change that one silently; where it
    cannot be changed any more, nothing is sent. Only kinds that have the setting `progress` are asked.
    `link` leads back into Ronda, "" where nobody said at which address people open it; `page` is its path.
    `keys` are the secrets of this address.
    """

    to: str
    subject: str
    text: str
    key: str
    thread: str = ""
    first: str = ""
    first_subject: str = ""
    edits: bool = False
    severity: str = ""
    link: str = ""
    page: str = ""
    keys: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """A channel's settings, the secret ones opened; `local` allows addresses of this machine."""

    values: Mapping[str, str] = field(repr=False)
    local: bool = False

    def __getitem__(self, name: str) -> str:
        """A setting, "" where it is not set."""
        return self.values.get(name, "")


def progress(default: Literal["edit", "off"]) -> Setting:
    """The setting of a kind that can change a message it has sent: whether it does while an incident goes on."""
    return Setting(
        "progress",
        _("While an incident goes on"),
        default=default,
        choices=(
            ("edit", _("its first message is changed, without a sound")),
            ("off", _("nothing is sent")),
        ),
    )


class ChannelError(Exception):
    """A message that was not, or perhaps not, delivered.

    `permanent`: trying again cannot help until somebody changes something. `whole` says that the fault is
    the channel's (a wrong token), not this address's. `in_doubt`: the other side may have sent it. `after`
    is how long the other side wants to be left alone (all of the channel with `whole`, else this address).
    `gone` says that this address is refused for good; `moved_to` is where it is now. `text` is for people
    and holds no secret.
    """

    def __init__(
        self,
        text: str,
        *,
        permanent: bool = False,
        whole: bool = False,
        in_doubt: bool = False,
        after: timedelta | None = None,
        gone: bool = False,
        moved_to: str = "",
    ) -> None:
        """See the class."""
        super().__init__(text)
        self.text, self.permanent, self.whole = text, permanent or gone, whole
        self.in_doubt, self.after, self.gone, self.moved_to = in_doubt, after, gone, moved_to


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `burst` at once, and `count` in `every` in the long run."""

    count: int
    every: timedelta
    burst: int = 1


@dataclass(frozen=True, slots=True)
class Rates:
    """What one address, and the channel as a whole, may be sent; None: as much as there is."""

    address: Rate | None = None
    channel: Rate | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of channel. `send` blocks, bounds its waits, and gives the other side's reference.

    `idempotent` says that the other side knows a message again by its key, so that a repetition is harmless.
    `rates` of an address is what its makers ask for; `longest` is how many characters a text may have.
    `made` gives secret settings that are made by themselves where nobody has given them. `says_link`: the link
    has no place of its own there, so the text ends with it.
    """

    name: str
    title: Text
    reach: Reach
    settings: tuple[Setting, ...]
    send: Callable[[Settings, Message], str]
    idempotent: bool = False
    rates: Callable[[str], Rates] = lambda to: Rates()
    longest: int = 4000
    made: Callable[[], Mapping[str, str]] | None = None
    says_link: bool = False
