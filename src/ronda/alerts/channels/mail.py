"""E-mail by somebody's SMTP server. Standard library: the protocol needs nothing else."""

import hashlib
import smtplib
import socket
import ssl
from datetime import timedelta
from email.message import EmailMessage
from email.utils import formatdate

from django.utils.translation import gettext_lazy as _

from ronda.alerts.channels.calling import checked
from ronda.alerts.channels.port import (
    ANSWER_S,
    ChannelError,
    Kind,
    Message,
    Rate,
    Rates,
    Setting,
    Settings,
)

RATES = Rates(None, Rate(60, timedelta(minutes=1), burst=30))


def send(settings: Settings, message: Message) -> str:
    """Send one mail; its Message-ID, which is the same at every try.

    Raises:
        ChannelError: it was not, or perhaps not, taken.
    """
    mail = _mail(settings, message)
    port = int(settings["port"]) if settings["port"].isdigit() else 587
    address = str(checked(settings["host"], port, local=settings.local))
    handed_over = False
    try:
        with _connected(settings, address, port) as server:
            if settings["user"]:
                server.login(settings["user"], settings["password"])
            handed_over = True
            server.send_message(mail)
    except smtplib.SMTPAuthenticationError:
        raise ChannelError(
            str(_("The mail server refuses the user or the password.")), permanent=True, whole=True
        ) from None
    except smtplib.SMTPRecipientsRefused as error:
        code, told = next(iter(error.recipients.values()))
        raise _refused(code, told, recipient=True) from None
    except smtplib.SMTPResponseException as error:
        raise _refused(error.smtp_code, error.smtp_error) from None
    except (ssl.SSLCertVerificationError, smtplib.SMTPNotSupportedError):
        text = str(_("The mail server's encryption or certificate does not fit."))
        raise ChannelError(text, permanent=True, whole=True) from None
    except (OSError, smtplib.SMTPException):
        text = str(_("The mail server %(host)s does not answer.")) % {"host": settings["host"]}
        raise ChannelError(text, in_doubt=handed_over) from None
    return str(mail["Message-ID"])


class _Plain(smtplib.SMTP):
    """Calls the address that was checked; the name is still what a certificate has to show."""

    address = ""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return socket.create_connection((self.address, port), timeout)


class _Encrypted(smtplib.SMTP_SSL):
    """The same, encrypted from the first byte on."""

    address = ""

    def _get_socket(self, host: str, port: int, timeout: float) -> ssl.SSLSocket:
        bare = socket.create_connection((self.address, port), timeout)
        return self.context.wrap_socket(bare, server_hostname=host)


def _connected(settings: Settings, address: str, port: int) -> smtplib.SMTP:
    host = settings["host"]
    if settings["security"] == "tls":
        context = ssl.create_default_context()
        encrypted = _Encrypted(timeout=ANSWER_S, context=context)
        encrypted.address = address
        return _greeted(encrypted, host, port)
    server = _Plain(timeout=ANSWER_S)
    server.address = address
    _greeted(server, host, port)
    if settings["security"] == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


def _greeted(server: smtplib.SMTP, host: str, port: int) -> smtplib.SMTP:
    server._host = host  # type: ignore[attr-defined] # noqa: SLF001 -- smtplib sets it only when it connects at once
    code, told = server.connect(host, port)
    if code != 220:
        server.close()
        raise smtplib.SMTPConnectError(code, told)
    return server


def _mail(settings: Settings, message: Message) -> EmailMessage:
    mail = EmailMessage()
    try:
        mail["From"], mail["To"] = settings["sender"], message.to
        # Programs gather a thread by its references and by a subject that stays.
        answers = message.first.startswith("<")
        subject = f"Re: {message.first_subject}" if answers else message.subject
        mail["Subject"] = " ".join(subject.split())
        if answers:
            mail["In-Reply-To"] = mail["References"] = message.first
    except ValueError:
        text = str(_("This is no e-mail address."))
        raise ChannelError(text, permanent=True) from None
    mail["Date"] = formatdate(usegmt=True)
    digest = hashlib.sha256(message.key.encode()).hexdigest()[:32]
    domain = settings["sender"].rpartition("@")[2].strip("> ") or "localhost"
    mail["Message-ID"] = f"<{digest}@{domain}>"
    # RFC 3834: nobody's holiday programme is to answer.
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text)
    return mail


def _refused(code: int, told: bytes | str, *, recipient: bool = False) -> ChannelError:
    reason = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
    text = str(_("The mail server refused the message (%(code)d: %(told)s).")) % {
        "code": code,
        "told": reason[:200],
    }
    # RFC 3463: 5.7.x is the server's policy, which says nothing of the mailbox.
    gone = recipient and code in (550, 551, 553) and "5.7." not in reason
    return ChannelError(text, permanent=code >= 500, gone=gone)


KIND = Kind(
    "mail",
    _("E-mail (SMTP)"),
    "email",
    (
        Setting("host", _("Mail server")),
        Setting("port", _("Port"), default="587"),
        Setting(
            "security",
            _("Encryption"),
            default="starttls",
            choices=(("starttls", "STARTTLS"), ("tls", "TLS"), ("none", _("none"))),
        ),
        Setting("user", _("User"), required=False),
        Setting("password", _("Password"), secret=True, required=False),
        Setting("sender", _("Sender"), hint=_("Such as Shop <shop@example.net>")),
    ),
    send,
    idempotent=True,
    rates=lambda to: RATES,
    longest=100_000,
    says_link=True,
)
