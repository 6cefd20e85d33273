"""Checks of the routers: can their passwords be opened, and does each answer; nothing is connected to."""

from typing import TYPE_CHECKING

from ronda.app.configuration import Configuration
from ronda.cli.doctor.findings import Finding, fail, ok, warn

if TYPE_CHECKING:
    from ronda.routers.models import Router


def routers(_conf: Configuration) -> list[Finding]:
    """Every router in use that needs somebody; one line when all is well, none without routers."""
    from ronda.routers.models import Router
    from ronda.storage.sealing import keyring

    in_use = list(Router.objects.in_use())
    if not in_use:
        return []
    keys = keyring()
    if not keys.given and not keys.file.exists():
        # Opening a password would make a new file, and looking changes nothing.
        return [
            fail(
                "routers",
                f"{keys.file} is gone, so no stored password of a router can be opened",
                "bring the file back from a backup (ronda restore), or type each router's password again",
            )
        ]
    found = [finding for router in in_use if (finding := _trouble(router)) is not None]
    return found or [ok("routers", f"{len(in_use)} in use, each connected")]


def _trouble(router: "Router") -> Finding | None:
    from ronda.routers.models import Status
    from ronda.routers.service.credentials import PasswordUnreadable, password_of

    try:
        password_of(router)
    except PasswordUnreadable as unreadable:
        return fail(
            "routers",
            f"{router.name}: {unreadable.text}",
            f"ronda routers edit {router.pk} --new-password",
        )
    test = f"ronda routers test {router.pk} says what is wrong and how to repair it"
    if router.secret_next:
        return warn("routers", f"{router.name}: its password is being changed", test)
    if router.connection_status == Status.FAILED:
        return warn("routers", f"{router.name}: {router.error}", test)
    if router.connection_status == Status.NEVER:
        return warn("routers", f"{router.name}: not connected to yet", test)
    return None
