"""Making a process ready: settings, Django, logging. Every command that needs the database calls it."""

import logging
import os
import sys

import click
import structlog

from ronda.accounts import doors

SECRET_WORDS = ("password", "secret", "token", "cookie", "authorization", "key")


def django(*, as_part: bool = False) -> None:
    """Read the settings, set Django up and start logging.

    Args:
        as_part: this process is a part of the running installation, and no command of a person.

    Exits with status 2 and one line for each wrong setting, naming its variable.
    """
    doors.process_is("work" if as_part else "terminal")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ronda.app.settings")
    from ronda.app.configuration import WrongSettings, configuration

    try:
        settings = configuration()
    except WrongSettings as wrong:
        click.echo(str(wrong), err=True)
        sys.exit(2)
    logs(settings.log_format, settings.log_level)
    import django as django_itself

    django_itself.setup()


def logs(shape: str, level: str) -> None:
    """Log lines to standard error as text or JSON; values under a secret's name are masked."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if shape == "json"
        else structlog.dev.ConsoleRenderer(
            # The pretty form prints local variables, and with them secrets.
            colors=sys.stderr.isatty(),
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        mask_secrets,
    ]
    if shape == "json":
        shared.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    output = logging.StreamHandler(sys.stderr)
    output.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [output]
    root.setLevel(level.upper())
    # Each request line would bury what matters; errors still come through.
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
    # Every address that is called, which nobody reads and some services put keys into.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("django.request").setLevel(logging.ERROR)


def mask_secrets(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """A log processor: a value whose name speaks of a secret is replaced by stars."""
    for name in event:
        if any(word in name.lower() for word in SECRET_WORDS):
            event[name] = "***"
    return event
