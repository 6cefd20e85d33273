"""E-mail by somebody's SMTP server. Standard library: the protocol needs nothing else."""

import hashlib
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate

from django.utils.translation import gettext_lazy as _

from ronda.alerts.channels.calling import checked
from ronda.alerts.channels.port import ANSWER_S, ChannelError, Kind, Message, Setting, Settings


def send(settings: Settings, message: Message) -> str:
    """Send one mail; its Message-ID, which is the same at every try.

    Raises:
        ChannelError: it was not, or perhaps not, taken.
    """
    mail = _mail(settings, message)
    port = int(settings["port"]) if settings["port"].isdigit() else 587
    checked(settings["host"], port, local=settings.local)
    handed_over = False
    try:
        with _connected(settings, port) as server:
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
        raise _refused(code, told) from None
    except smtplib.SMTPResponseException as error:
        raise _refused(error.smtp_code, error.smtp_error) from None
    except (ssl.SSLCertVerificationError, smtplib.SMTPNotSupportedError):
        text = str(_("The mail server's encryption or certificate does not fit."))
        raise ChannelError(text, permanent=True, whole=True) from None
    except (OSError, smtplib.SMTPException):
        text = str(_("The mail server %(host)s does not answer.")) % {"host": settings["host"]}
        raise ChannelError(text, in_doubt=handed_over) from None
    return str(mail["Message-ID"])


def _connected(settings: Settings, port: int) -> smtplib.SMTP:
    if settings["security"] == "tls":
        return smtplib.SMTP_SSL(
            settings["host"], port, timeout=ANSWER_S, context=ssl.create_default_context()
        )
    server = smtplib.SMTP(settings["host"], port, timeout=ANSWER_S)
    if settings["security"] == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


def _mail(settings: Settings, message: Message) -> EmailMessage:
    mail = EmailMessage()
    try:
        mail["From"], mail["To"] = settings["sender"], message.to
        mail["Subject"] = " ".join(message.subject.split())
    except ValueError:
        text = str(_("This is no e-mail address."))
        raise ChannelError(text, permanent=True) from None
    mail["Date"] = formatdate(usegmt=True)
    digest = hashlib.sha256(message.key.encode()).hexdigest()[:32]
    domain = settings["sender"].rpartition("@")[2].strip("> ") or "localhost"
    mail["Message-ID"] = f"<{digest}@{domain}>"
    mail.set_content(message.text)
    return mail


def _refused(code: int, told: bytes | str) -> ChannelError:
    reason = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
    text = str(_("The mail server refused the message (%(code)d: %(told)s).")) % {
        "code": code,
        "told": reason[:200],
    }
    return ChannelError(text, permanent=code >= 500)


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
)
