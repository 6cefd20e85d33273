"""`/password`: a user changes his own; the one command that stands in no menu.

The trees of the versions leave it out; its arguments are those of the manual (User, "Password").
The text of a wrong old password is ours: none was found recorded.
"""

from typing import TYPE_CHECKING

from ronda.simulator.routers import traps
from ronda.simulator.routers.sessions import Session

if TYPE_CHECKING:
    from ronda.simulator.routers.router import VirtualRouter

COMMAND = "/password"
ARGUMENTS = ("old-password", "new-password", "confirm-new-password")


def change(router: "VirtualRouter", values: dict[str, str], session: Session) -> None:
    """Give the user of the session another password.

    Raises:
        Trap: the group lacks the policy, an argument is missing, or the passwords do not agree.
    """
    if not session.may("password"):
        raise traps.not_enough_permissions()
    for name in ARGUMENTS:
        if name not in values:
            raise traps.missing(name)
    row = router.menus["/user"].find(name=session.user)
    if row is None or row.hidden.get("password", "") != values["old-password"]:
        raise traps.Trap("failure: wrong old password")
    if values["new-password"] != values["confirm-new-password"]:
        raise traps.Trap("failure: passwords do not match")
    row.hidden["password"] = values["new-password"]
    router.log("system,info,account", f"user {session.user} changed his password")
