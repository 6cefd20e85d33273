"""One HTTP call to somebody else's server: bounded, to a checked address, with an outcome for each failure.

The name is looked up once, every address it has is checked, and the call goes to the address that was
checked, so that a name that changes its mind in between reaches nothing else. Redirects are not followed.
"""

import asyncio
import ipaddress
import logging
import socket
from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from ronda.alerts.channels.port import ANSWER_S, CONNECT_S, WHOLE_S, ChannelError
from ronda.kernel.outside import is_listed

MOST_BYTES = 64 * 1024
#: Clouds tell their machines secrets at these addresses; 169.254.0.0/16 is refused whole.
METADATA = frozenset(map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200", "192.0.0.192")))
#: RFC 6052: the last four bytes are an IPv4 address.
NAT64 = ipaddress.ip_network("64:ff9b::/96")

# httpx names every address it calls, and Telegram's holds the token.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `body` is JSON where it is some, else {}."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def after(self) -> timedelta | None:
        """How long the other side wants to be left alone, as it says in Retry-After."""
        return read_retry_after(self.headers.get("retry-after", ""), timezone.now())


#: Whoever wants to be left alone for longer is asked again after this.
LONGEST_REST = timedelta(days=1)


def read_retry_after(text: str, now: datetime) -> timedelta | None:
    """Seconds, or a date (RFC 9110, 10.2.3); None for neither."""
    told = text.strip()
    if told.isascii() and told.isdigit():
        return min(timedelta(seconds=int(told[:9])), LONGEST_REST)
    try:
        return min(max(parsedate_to_datetime(told) - now, timedelta()), LONGEST_REST)
    except (ValueError, TypeError):
        return None


def is_allowed(address: Address, *, local: bool) -> bool:
    """Whether a message may be sent there: never to a machine's metadata or to nonsense.

    To this machine, and to networks that are not everybody's, only when allowed.
    """
    found = _meant(address)
    if found.is_loopback:
        return local
    if found.is_link_local or found.is_unspecified or found.is_multicast or found in METADATA:
        return False
    site = isinstance(found, ipaddress.IPv6Address) and found.is_site_local
    return not found.is_reserved and not site and (local or found.is_global)


def _meant(address: Address) -> Address:
    """The IPv4 address inside one of IPv6, where it is only a wrapping: mapped, 6to4, Teredo or NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and address.teredo is not None:
        inner = address.teredo[1]
    if inner is None and address in NAT64:
        inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return inner or address


def post(
    url: str,
    *,
    local: bool,
    headers: Mapping[str, str] | None = None,
    json: Any = None,
    form: Mapping[str, str] | None = None,
    content: bytes | None = None,
) -> Answer:
    """Send by POST and give the answer, whatever its status.

    Raises:
        ChannelError: nothing came back, or the address may not be called.
    """
    sent = {"json": json, "data": form, "content": content}
    status, told, body = _called("POST", url, headers or {}, sent, local=local)
    return Answer(status, told, _json(body))


def get_text(url: str, *, local: bool, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
    """The status and the text of what lies there.

    Raises:
        ChannelError: nothing came back, or the address may not be called.
    """
    status, _told, body = _called("GET", url, headers or {}, {}, local=local)
    return status, body.decode("utf-8", "replace")


def _called(
    method: str, url: str, headers: Mapping[str, str], sent: dict[str, Any], *, local: bool
) -> tuple[int, Mapping[str, str], bytes]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise ChannelError(_("This is no http or https address."), permanent=True, whole=True)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = checked(parts.hostname, port, local=local)
    shown = f"[{address}]" if address.version == 6 else str(address)
    target = parts._replace(netloc=f"{shown}:{port}").geturl()
    try:
        return asyncio.run(
            _answered(method, target, {**headers, "Host": parts.netloc}, parts.hostname, sent)
        )
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
        raise ChannelError(_("%(host)s cannot be reached.") % {"host": parts.hostname}) from None
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
        text = _("%(host)s did not answer in time, or broke off.") % {"host": parts.hostname}
        raise ChannelError(text, in_doubt=True) from None


async def _answered(
    method: str, target: str, headers: Mapping[str, str], name: str, sent: dict[str, Any]
) -> tuple[int, Mapping[str, str], bytes]:
    """Bounded as a whole too: who sends a byte now and then would hold a worker for ever.

    Raises:
        TimeoutError: it took longer than `WHOLE_S`.
        httpx.HTTPError, httpx.InvalidURL: nothing came back.
    """
    timeout = httpx.Timeout(ANSWER_S, connect=CONNECT_S)
    async with (
        asyncio.timeout(WHOLE_S),
        httpx.AsyncClient(timeout=timeout, trust_env=False, follow_redirects=False) as client,
        client.stream(
            method, target, headers=headers, extensions={"sni_hostname": name}, **sent
        ) as answer,
    ):
        return answer.status_code, answer.headers, await _read(answer.aiter_bytes())


async def _read(parts: AsyncIterable[bytes]) -> bytes:
    body = b""
    async for part in parts:
        body += part
        if len(body) > MOST_BYTES:
            break
    return body


def _json(body: bytes) -> Any:
    import json

    try:
        return json.loads(body)
    except ValueError:
        return {}


def checked(host: str, port: int, *, local: bool) -> Address:
    """An address of this name, after all of them were found to be allowed; blocks.

    Raises:
        ChannelError: the name has no address, or one that may not be called.
    """
    if not is_listed(host, settings.RONDA.outside_places):
        text = _(
            "%(host)s is none of the places outside that an owner allows (RONDA_OUTSIDE_PLACES)."
        )
        raise ChannelError(text % {"host": host}, permanent=True, whole=True)
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise ChannelError(_("The name %(host)s has no address.") % {"host": host}) from None
    found = [ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in rows]
    if not found or not all(is_allowed(one, local=local) for one in found):
        text = _(
            "%(host)s leads to this machine, to a private network or to a machine's own secrets. An owner"
            " may allow the first two in the channel's settings."
        )
        raise ChannelError(text % {"host": host}, permanent=True, whole=True)
    return found[0]


def refuse(answer: Answer, who: str, told: str = "", *, whole: bool = True) -> None:
    """Raise for a status that is none of success, in the way that fits it.

    `whole` says that who asks for patience asks it of the whole channel, not of one address.

    Raises:
        ChannelError: the status is not 2xx.
    """
    status = answer.status
    if 200 <= status < 300:
        return
    words = {"who": who, "status": status, "told": told[:200] or _("no reason given")}
    if status in (401, 403):
        text = _("%(who)s refuses the token (%(status)d: %(told)s).") % words
        raise ChannelError(text, permanent=True, whole=True)
    if status == 429:
        text = _("%(who)s wants to be asked later (%(status)d).") % words
        raise ChannelError(text, after=answer.after, whole=whole)
    text = _("%(who)s refused the message (%(status)d: %(told)s).") % words
    if status == 503:
        raise ChannelError(text, after=answer.after, whole=True)
    # Another fault of the other side's may have come after it sent the message.
    raise ChannelError(text, permanent=status < 500, in_doubt=status >= 500, after=answer.after)


def nonsense(who: str) -> ChannelError:
    """For a success that does not speak as this side does: a proxy or a portal in between; nothing is certain."""
    text = _("%(who)s answered something else than it should; is a proxy or a portal in between?")
    return ChannelError(text % {"who": who}, in_doubt=True)
