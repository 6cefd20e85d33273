"""Why a change was refused; the text is for the person who asked, in their language."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronda.devices.models import Ont


class ChangeRefused(Exception):
    """Nothing was changed; the message says why and what to do."""

    code = "refused"


class NothingToChange(ChangeRefused):
    """Every row already is as it should become."""

    code = "nothing_to_change"

    def __init__(self) -> None:
        super().__init__(_("Everything is already like that; nothing was changed."))


class OntMissing(ChangeRefused):
    """An ONT that the change names does not exist (any more)."""

    code = "missing"

    def __init__(self, ids: Sequence[int]) -> None:
        self.ids = tuple(ids)
        super().__init__(
            _("These ONTs do not exist any more: %(ids)s. Reload the list and choose again.")
            % {"ids": ", ".join(str(pk) for pk in self.ids[:10])}
        )


class CustomerIdTaken(ChangeRefused):
    """Two ONTs of one site would have the same customer id."""

    code = "customer_id_taken"

    def __init__(self, customer_id: str, site: str, holder: str = "") -> None:
        self.customer_id, self.site, self.holder = customer_id, site, holder
        text = _("Customer ID %(customer_id)s is already used in %(site)s.")
        if holder:
            text = _("Customer ID %(customer_id)s is already used in %(site)s by %(holder)s.")
        super().__init__(text % {"customer_id": customer_id, "site": site, "holder": holder})


class EditedMeanwhile(ChangeRefused):
    """Someone else saved the same ONT after this person opened it."""

    code = "edited_meanwhile"

    def __init__(self, ont: Ont) -> None:
        self.ont = ont
        super().__init__(
            _(
                "%(ont)s was changed by someone else while you were editing it. "
                "Your entries are still in the form; compare them with the present values and save again."
            )
            % {"ont": ont}
        )


class ChangedSince(ChangeRefused):
    """Undoing would overwrite what was changed later; `names` are the ONTs, `ids` their ids."""

    code = "changed_since"

    def __init__(self, onts: Sequence[Ont]) -> None:
        self.ids = tuple(ont.pk for ont in onts)
        self.names = tuple(str(ont) for ont in onts)
        shown = ", ".join(self.names[:5])
        more = len(self.names) - 5
        if more > 0:
            shown += " " + ngettext("and %(count)d more", "and %(count)d more", more) % {
                "count": more
            }
        super().__init__(
            ngettext(
                "%(count)d ONT was changed again later: %(onts)s.",
                "%(count)d ONTs were changed again later: %(onts)s.",
                len(onts),
            )
            % {"count": len(onts), "onts": shown}
        )


class AlreadyUndone(ChangeRefused):
    """The change was undone before."""

    code = "already_undone"

    def __init__(self) -> None:
        super().__init__(_("This change has already been undone."))
