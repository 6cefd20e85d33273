"""Packages that programs send, checked by the same editor as those that people type."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from ronda.hotspot.hours_forms import WINDOWS
from ronda.hotspot.profile_forms import speed_parts
from ronda.hotspot.rules import rate_limit
from ronda.hotspot.rules.values import Unreadable
from ronda.hotspot.rules.windows import write_time
from ronda.shop.forms_packages import Editor
from ronda.shop.models import Package
from ronda.shop.rules import entries, older_packages
from ronda.shop.rules.clocks import windows_of
from ronda.shop.rules.older_packages import Note, Older, Problem
from ronda.shop.service import packages, wording

#: Our word -> the editor's field, where they differ.
_FIELDS = {
    "price": "price_idr",
    "selling_price": "selling_price_idr",
    "reseller_price": "reseller_price_idr",
    "online_time": "online_s",
    "data": "quota_bytes",
    "data_upload": "quota_upload_bytes",
    "data_download": "quota_download_bytes",
    "site_ids": "sites",
    "router_ids": "routers",
}
_WORDS = {field: word for word, field in _FIELDS.items()} | {"__all__": "", "zone": "zone"}


class Unfit(ValueError):
    """What was sent does not fit; `fields` is word -> reasons."""

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        super().__init__("; ".join(f"{name}: {' '.join(said)}" for name, said in fields.items()))
        self.fields = dict(fields)


def values_of(given: Mapping[str, Any], package: Package | None = None) -> dict[str, Any]:
    """What `packages.create` or `edit` takes, of a whole package in the words of `/api/v1/packages`.

    Raises:
        Unfit: it contradicts itself or another package, or cannot be read.
    """
    try:
        data = _form_data(given)
    except Unreadable:
        text = _("This is no speed of RouterOS, such as 1M/4M.")
        raise Unfit({"rate_limit": [text]}) from None
    editor = Editor(data, package=package)
    if not editor.is_valid():
        raise Unfit(_reasons(editor))
    return editor.values()


def _form_data(given: Mapping[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for word, value in given.items():
        if word in {"rate_limit", "hours"} or value is None or value is False:
            continue
        data[_FIELDS.get(word, word)] = "on" if value is True else value
    data |= speed_parts(rate_limit.parse(given.get("rate_limit") or ""))
    if len(given.get("hours") or ()) > WINDOWS:
        raise Unfit({"hours": [_("At most %(count)d windows.") % {"count": WINDOWS}]})
    for place, window in enumerate(given.get("hours") or ()):
        data[f"days_{place}"] = [str(day) for day in window["days"]]
        data[f"from_{place}"], data[f"till_{place}"] = window["start"], window["end"]
    return data


def _reasons(editor: Editor) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for form, default in (
        (editor.main, None),
        (editor.speed, "rate_limit"),
        (editor.hours, "hours"),
    ):
        for field, errors in form.errors.items():
            word = default or _WORDS.get(field, field)
            found.setdefault("zone" if field == "zone" else word, []).extend(map(str, errors))
    return found


def entered(package: Package) -> dict[str, Any]:
    """A package in the words of `/api/v1/packages`; what is sent back unchanged changes nothing."""
    terms = packages.terms_of(package)
    until = packages.last_day(package)
    return {
        "name": package.name,
        "description": package.description,
        "price": package.price_idr,
        "selling_price": package.selling_price_idr,
        "reseller_price": package.reseller_price_idr,
        "popular": package.popular,
        "active": package.active,
        "profile": package.profile,
        "sold_until": until and until.isoformat(),
        "valid_for": package.valid_for,
        "online_time": entries.write_online(package.online_s) if package.online_s else "",
        "data": _size(package.quota_bytes),
        "data_upload": _size(package.quota_upload_bytes),
        "data_download": _size(package.quota_download_bytes),
        "rate_limit": package.rate_limit,
        "devices": package.devices,
        "hours": [
            {
                "days": sorted(one.days),
                "start": write_time(one.start),
                "end": write_time(one.end),
            }
            for one in windows_of(terms)
        ],
        "zone": package.zone,
        "at_end": package.at_end,
        "slow_profile": package.slow_profile,
        "auto_create": package.auto_create,
        "sync": package.sync,
        "site_ids": [site.pk for site in package.sites.all()],
        "router_ids": [router.pk for router in package.routers.all()],
    }


def _size(amount: int | None) -> str:
    return entries.write_size(amount) if amount else ""


#: A new package, where nothing is said.
USUAL: Mapping[str, Any] = {
    "description": "",
    "price": 0,
    "reseller_price": 0,
    "popular": False,
    "active": True,
    "devices": 1,
    "zone": "WIB",
    "at_end": "remove",
    "auto_create": True,
    "sync": True,
}


def older_values(given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What `packages.create` takes of an object of the older system, and notes for people on what was decided.

    Raises:
        Unfit: it contradicts itself or another package, or cannot be read; its own words name the fields.
    """
    found = older_packages.read(given)
    if found.problems:
        raise Unfit({key: [_problem(found, given, key)] for key in found.problems})
    try:
        values = values_of({**USUAL, **found.values})
    except Unfit as unfit:
        raise Unfit({_OLDER.get(word, word): said for word, said in unfit.fields.items()}) from None
    return values, [str(_NOTES[note]()) for note in found.notes]


def new_values(given: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What `packages.create` takes of an object in either system's words, and notes on what was decided.

    Raises:
        Unfit: as of `values_of` and `older_values`.
    """
    if older_packages.is_older(given):
        return older_values(given)
    known = {**USUAL, "name": "", "selling_price": None, "profile": ""}
    strange = given.keys() - known.keys() - _OTHERS
    if strange:
        text = _("There is no such field.")
        raise Unfit({name: [text] for name in sorted(strange)})
    wrong = [name for name, value in given.items() if not _plain(name, value)]
    if wrong:
        text = _("This is not of the right kind.")
        raise Unfit({name: [text] for name in wrong})
    return values_of({**known, **given}), []


_OTHERS = frozenset(
    ("id", "sold_until", "valid_for", "online_time", "data", "data_upload", "data_download")
) | {"rate_limit", "hours", "slow_profile", "site_ids", "router_ids"}


def _plain(name: str, value: Any) -> bool:
    """Whether a value of a file is of a kind that the editor can judge."""
    if name == "hours":
        keys = {"days", "start", "end"}
        return isinstance(value, list) and all(
            isinstance(one, dict) and one.keys() == keys and isinstance(one["days"], list)
            for one in value
        )
    if name in {"site_ids", "router_ids"}:
        return isinstance(value, list)
    if name == "rate_limit":
        return isinstance(value, str)
    return value is None or isinstance(value, str | int | bool)


_OLDER = {
    "selling_price": "price",
    "profile": "mikrotikProfile",
    "online_time": "timeLimit",
    "data": "dataLimit",
    "valid_for": "duration",
    "sync": "syncWithMikrotik",
}


def _problem(found: Older, given: Mapping[str, Any], key: str) -> str:
    problem = found.problems[key]
    if isinstance(problem, entries.Why):
        return wording.refusal(problem, str(given.get(key)))
    told = {"time": given.get("timeLimit"), "duration": given.get("duration")}
    return {
        Problem.NO_NAME: _("Write a name."),
        Problem.NO_PRICE: _("The price is a whole number of rupiah, such as 5000."),
        Problem.NO_FLAG: _("This is true or false."),
        Problem.NO_TEXT: _("This is a text, such as “1h”, or null."),
        Problem.ENDS_BEFORE_ITS_TIME: _(
            "duration “%(duration)s” ends before timeLimit “%(time)s” could be used up. Make them equal, "
            "or the duration longer."
        )
        % told,
        Problem.NO_PROFILE: _(
            "syncWithMikrotik needs mikrotikProfile: the profile that is kept in step."
        ),
    }[problem]


_NOTES = {
    Note.ONLINE_ONLY: lambda: _(
        "duration and timeLimit are the same: as on the older system, time counts only while online."
    ),
    Note.DURATION_IS_TEXT: lambda: _(
        "The duration is no length of time; it became the description, and sets no limit."
    ),
    Note.ROUTERS_OWN: lambda: _(
        "Without mikrotikProfile the router's own profile “default” is used."
    ),
}


def as_older(package: Package) -> dict[str, Any]:
    """A package as the older system's object."""
    terms = packages.terms_of(package)
    duration = ""
    if terms.valid_for:
        duration = wording.span(terms.valid_for)
    elif terms.online_s:
        duration = wording.seconds(terms.online_s)
    return older_packages.write({**entered(package), "id": package.pk, "duration": duration})
