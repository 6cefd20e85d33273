"""Is every change on record? Each request of every test is watched: whatever changes something writes a
row of the audit trail, or its address stands here with the reason why not.

What counts as a change is what is written to the database besides the product's own bookkeeping.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
#: Tables that hold no decision of a person: sessions, the feed, jobs, counters, last uses.
BOOKKEEPING = re.compile(
    r"django_session|usersessions_usersession|work_|cache$|accounts_(apitoken|auditkey|auditrow|sighting|device|trial)"
    r"|django_migrations|sqlite_sequence"
)
#: Changes that leave no row, as "METHOD address pattern", and why.
UNRECORDED: dict[str, str] = {
    "POST /accounts/login/": "who waits for the second step is not in yet; signing in is recorded",
    "POST /accounts/reauthenticate/": "changes nothing; wrong passwords are counted",
    "POST /accounts/2fa/totp/activate/": "recorded after the commit, which these tests do not reach",
    "POST /accounts/2fa/totp/deactivate/": "recorded after the commit, which these tests do not reach",
    "POST /accounts/2fa/recovery-codes/generate/": "recorded after the commit, as above",
    "POST /api/v1/auth/refresh": "new tokens for old ones; signing in and out are recorded",
    "POST /sessions/<int:pk>/end/": "one's own sign-in; the list of sign-ins keeps it",
    "POST /setup/<str:key>/": "opening a link counts tries; choosing the password is recorded",
    "POST /api/ont-status/<int:ont_id>": "what another program measured, as the watch would have",
    "POST /api/notifications/mark-read/<int:notice_id>": "reading is no change of anything",
    "POST /notices/read/": "reading is no change of anything",
    "POST /for-me/read/": "reading one's own messages",
    "POST /onts/import/": "a draft that nobody sees yet; taking it is recorded",
    "POST /onts/import/<int:pk>/": "choices in a draft; taking it is recorded",
    "POST /onts/import/<int:pk>/discard/": "a draft that was not taken",
    "POST /api/v1/imports": "a draft that nobody sees yet; taking it is recorded",
    "PATCH /api/v1/imports/<int:pk>": "choices in a draft; taking it is recorded",
    "DELETE /api/v1/imports/<int:pk>": "a draft that was not taken",
    "POST /onts/new/": "a new area stays when its ONT is refused; the ONT's row names it",
    "POST /channels/<int:pk>/test/": "a message to oneself, listed among those sent",
    "POST /api/v1/channels/<number>/test": "a message to oneself, listed among those sent",
    "POST /reached/<int:pk>/add/": "an address that nobody proved yet; proving it is recorded",
    "POST /reached/address/<int:pk>/<slug:deed>/": "a code to prove an address; proving it is recorded",
    "POST /api/v1/people/<number>/addresses": "an address that nobody proved yet; proving it is recorded",
    "POST /api/v1/addresses/<number>/act": "a code to prove an address; proving it is recorded",
    "POST /reached/chat/": "a link that waits for its chat; the chat is recorded",
    "POST /api/record-history": "what another program counted, as a reading would have",
    "POST /api/log-active-users": "what another program counted, as a reading would have",
    "POST /buy/find/": "tries of a buyer to find an order, and the finding, are kept as such",
    "POST /pay/<int:pk>/callback": "every call of a gateway is kept as an event of the payment",
    "POST /shop/orders/<slug:number>/<slug:verb>/": "money that came too late is an event in the inbox",
    "POST /buy/o/<str:secret>/method/": "the buyer's own order, whose story tells it",
    "POST /buy/o/<str:secret>/proof/": "the buyer's own order, whose story tells it",
    "POST /shop/balance/": "a request; deciding on it is recorded",
    "POST /shop/resellers/<int:pk>/cash/": "the second press of one button is counted, and does nothing",
    "POST /shop/sell-card/": "a sale, with its seller in the books, which nobody can edit",
    "POST /shop/sell/<int:pk>/": "a sale, with its seller in the books, which nobody can edit",
    "POST /hotspot/refresh/": "a reading earlier than planned; it stands among the instructions",
    "POST /voucher/": "tries are counted",
}
_WRITES = re.compile(r'^\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) "?(\w+)"?', re.IGNORECASE)


class Watch:
    """What one request wrote."""

    def __init__(self) -> None:
        self.tables: set[str] = set()

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        answer = execute(sql, params, many, context)
        found = _WRITES.match(sql)
        # An update that met no row changed nothing; an INSERT … RETURNING has not counted yet.
        inserts = sql.lstrip()[:6].upper() == "INSERT"
        if found and (inserts or context["cursor"].rowcount != 0):
            self.tables.add(found[1])
        return answer

    @property
    def changed(self) -> set[str]:
        """The tables of truths that were written."""
        return {table for table in self.tables if not BOOKKEEPING.match(table)}

    @property
    def recorded(self) -> bool:
        """Whether a row of the trail was written."""
        return "accounts_auditrow" in self.tables


@contextmanager
def every_request_watched(told: Any) -> Iterator[None]:
    """While it lasts, `told(method, route, changed tables)` is called for each change without a row."""
    real = Client.request

    def request(client: Client, **values: Any) -> Any:
        method = values.get("REQUEST_METHOD", "GET")
        if method not in UNSAFE:
            return real(client, **values)
        watch = Watch()
        with connection.execute_wrapper(watch):
            answer = real(client, **values)
        # Asked only now: Django looks an address up when this is read, and there are refused ones.
        if answer.status_code < 400 and watch.changed and not watch.recorded:
            match = answer.resolver_match
            told(f"{method} /{match.route}" if match is not None else method, watch.changed)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "request", request)
        yield


def refuse(route: str, changed: set[str]) -> None:
    """Fail the test whose request changed something that nobody can look up later."""
    if route not in UNRECORDED:
        pytest.fail(
            f"{route} changed {', '.join(sorted(changed))} and wrote no row of the audit trail:"
            " call audit.record, or give the reason in tests/recorded.py"
        )
