"""Why something about a router was refused; the text is for the person who asked, in their language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _


class Refusal(Exception):
    """Nothing was changed; the message says why and what to do. `field` is the setting concerned."""

    code = "refused"

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


class NameTaken(Refusal):
    """Another router has this name."""

    code = "name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(
            _("There is a router %(name)s already. Take another name.") % {"name": name}, "name"
        )


class WrongSettings(Refusal):
    """Some settings do not fit. `fields` holds a text for each, `proposal` values that would fit."""

    code = "invalid"

    def __init__(
        self, fields: Mapping[str, list[str]], proposal: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(" ".join(text for texts in fields.values() for text in texts))
        self.fields = dict(fields)
        self.proposal = dict(proposal or {})


class Gone(Refusal):
    """The router was deleted, or never was."""

    code = "missing"

    def __init__(self) -> None:
        super().__init__(_("There is no such router."))


class PasswordMissing(Refusal):
    """A router needs a password, and none is known."""

    code = "password_missing"

    def __init__(self) -> None:
        super().__init__(_("Type the password of the router's API user."), "password")


class EditedMeanwhile(Refusal):
    """Someone else saved the same router after this person opened it."""

    code = "edited_meanwhile"

    def __init__(self, name: str) -> None:
        super().__init__(
            _(
                "%(router)s was changed by someone else while you were editing it. "
                "Open it again and make your change there."
            )
            % {"router": name}
        )
