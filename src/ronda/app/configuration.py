"""Every setting of an installation: typed, documented, and refused by name when wrong.

Values come from the environment or a `.env` file, prefix `RONDA_`. Each secret can also come from a
file (`RONDA_SECRET_KEY_FILE`), as Docker and systemd hand secrets over. docs/settings.md is made from
the descriptions here (`ronda settings --markdown`), and a test keeps the two equal.
"""

import contextlib
import ipaddress
import os
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from ronda.kernel.origins import read_origin
from ronda.storage.sealing import is_key

PREFIX = "RONDA_"
SECRETS = ("SECRET_KEY", "SEAL_KEYS", "DATABASE_URL", "REDIS_URL")

# Values that stand in tutorials and in the systems this one replaces: a start with one of them is refused.
KNOWN_SECRETS = frozenset(
    {"secret", "changeme", "secret-key", "admin2025", "your-secret-key", "supersecretkey"}
)


class WrongSettings(Exception):
    """A setting has a value that cannot work; the text names each variable and says what fits."""


class Configuration(BaseSettings):
    """The settings of one installation; see each field's description."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True
    )

    data: Path = Field(
        Path("data"), description="Folder of the database, key files, uploads and backups."
    )
    database_url: SecretStr | None = Field(
        None,
        description="`postgres://user:password@host:port/name`. Empty: SQLite in the data folder.",
    )
    redis_url: SecretStr | None = Field(
        None,
        description="`redis://host:port/0` of a Redis or Valkey for cache and limits. "
        "Empty: inside the process on SQLite, in the database on PostgreSQL.",
    )
    secret_key: SecretStr | None = Field(
        None,
        description="Signs sessions and links, 32 characters or more. "
        "Empty: made at first start, kept in `secret.key` (0600).",
    )
    seal_keys: SecretStr | None = Field(
        None,
        description="Keys that seal the passwords of routers in the database, newest first, commas between; "
        "`ronda settings --new-seal-key` prints one. Empty: made at first start, kept in `seal.keys` (0600).",
    )
    bind: str = Field("127.0.0.1:8000", description="Address and port of the web server.")
    web_processes: int = Field(
        1,
        ge=1,
        le=16,
        description="Web processes that share the address; each takes a core and about 150 MB. "
        "Worth it where pages are slow because a core is full. On SQLite without Redis each counts "
        "`RONDA_API_PER_MINUTE` for itself. On Windows always one.",
    )
    hosts: Annotated[list[str], NoDecode] = Field(
        [],
        description="Host names people use in the browser, separated by commas. Needed when `bind` is not loopback.",
    )
    public_address: str = Field(
        "",
        max_length=200,
        description="Address at which people open Ronda, such as `https://ronda.example`: links in messages lead "
        "there. Empty: the first of `RONDA_HOSTS`, else the address of `RONDA_BIND` where others reach it.",
    )
    trusted_proxies: int = Field(
        0,
        ge=0,
        le=5,
        description="Reverse proxies in front; their `X-Forwarded-*` headers are believed.",
    )
    https: bool = Field(
        False, description="People reach the pages by HTTPS: cookies become secure, HSTS is sent."
    )
    site_name: str = Field(
        "Ronda", min_length=1, max_length=60, description="Name shown on every page."
    )
    time_zone: str = Field("Asia/Jakarta", description="Zone in which times are shown.")
    language: Literal["id", "en"] = Field(
        "id", description="Language of people who have chosen none."
    )
    interval_s: float = Field(
        30, ge=5, le=300, description="Seconds from one sweep of the fleet to the next."
    )
    timeout_ms: int = Field(
        1000, ge=100, le=5000, description="Milliseconds to wait for one reply."
    )
    max_pps: int = Field(
        2000,
        ge=10,
        le=200_000,
        description="Most probes a second; access gear limits ICMP, so stay modest.",
    )
    canaries: Annotated[list[str], NoDecode] = Field(
        [],
        description="Addresses that answer as long as our own line is well (gateway, far hosts), separated by commas. "
        "Empty: the default gateway and the system's name servers.",
    )
    notice_hold_s: float = Field(
        45,
        ge=0,
        le=600,
        description="Seconds that changes are gathered before one notice tells of them.",
    )
    repeated_outages: int = Field(
        3,
        ge=0,
        le=1000,
        description="Outages within `RONDA_REPEATED_HOURS` from which an ONT is told of as often lost; 0: none.",
    )
    repeated_hours: int = Field(
        24, ge=1, le=744, description="Hours within which outages of one ONT are counted together."
    )
    keep_samples_days: int = Field(
        400, ge=2, le=4000, description="Days of full-resolution history."
    )
    keep_hours_days: int = Field(3650, ge=30, le=36500, description="Days of hourly history.")
    keep_names_days: int = Field(
        90,
        ge=1,
        le=3650,
        description="Days that names and MAC addresses of hotspot users stay readable in what they used; "
        "older ones become pseudonyms (`ronda hotspot drop-key` makes those irreversible).",
    )
    keep_sessions_days: int = Field(
        400,
        ge=30,
        le=4000,
        description="Days that single sessions, readings and clients' days are kept; sums stay `keep_hours_days`.",
    )
    high_use_gb: float = Field(
        20,
        ge=0,
        le=100_000,
        description="A hotspot user who uses more than so many GB a day is told of; 0: nobody.",
    )
    users_near_percent: int = Field(
        90,
        ge=50,
        le=100,
        description="From so many percent of a limit on (licence, pool, devices of a user) it is told.",
    )
    api_per_minute: int = Field(
        3000,
        ge=30,
        le=1_000_000,
        description="Requests a person or address may send to the JSON API in a minute.",
    )
    keep_events_days: int = Field(
        30, ge=2, le=3650, description="Days of the inner event feed and of finished jobs."
    )
    keep_notices_days: int = Field(400, ge=7, le=3650, description="Days that notices stay.")
    keep_messages_days: int = Field(
        400, ge=7, le=3650, description="Days that messages to people outside stay on record."
    )
    keep_backups: int = Field(
        60, ge=3, le=10_000, description="Automatic backups kept of each kind."
    )
    pay_within_h: int = Field(
        24, ge=1, le=720, description="Hours a buyer has to pay an order of the shop."
    )
    transfer_suffix: bool = Field(
        True,
        description="Add a few rupiah to orders paid by transfer, by which each payment is recognised.",
    )
    upload_mb: int = Field(
        25, ge=1, le=500, description="Largest file that may be imported, in megabytes."
    )
    second_step: bool = Field(
        False,
        description="Owners and administrators must set up a second step before anything else.",
    )
    second_step_everybody: bool = Field(
        False, description="Everybody must, not only owners and administrators."
    )
    idle_hours: int = Field(
        72,
        ge=1,
        le=336,
        description="Hours after which a session that nobody used ends; each ends 14 days after sign-in anyway.",
    )
    breached_passwords: bool = Field(
        False,
        description="Refuse new passwords that are known from leaks: five characters of the password's SHA-1 are "
        "sent to api.pwnedpasswords.com, which never learns the password. Needs the internet.",
    )
    plain_sign_in: bool = Field(
        False,
        description="People may sign in over plain HTTP from the internet, where whoever is in between reads the "
        "password. Without it only from private networks; HTTPS works from everywhere.",
    )
    outside_places: Annotated[list[str], NoDecode] = Field(
        [],
        description="The only host names (with what lies below them) and networks that channels, gateways and the "
        "check of leaked passwords may call, separated by commas. Empty: all but forbidden ones.",
    )
    first_hour: bool = Field(
        True, description="The dashboard leads owners and administrators to the first-hour guide."
    )
    public_map: bool = Field(
        False, description="Show the map and the status page to people who are not signed in."
    )
    local_targets: bool = Field(
        False,
        description="Routers and fake payment gateways may lie on the machine that Ronda runs on: "
        "behind an SSH tunnel, or simulated. Otherwise nobody can make Ronda call itself.",
    )
    tiles_url: str = Field(
        "", description="Tile address of a base map you may use, with `{z}/{x}/{y}`."
    )
    tiles_attribution: str = Field("", description="Text that the base map's owner asks for.")
    pmtiles: Path | None = Field(
        None, description="A PMTiles file with the base map of your district."
    )
    demo: bool = Field(False, description="Set by `ronda run --demo`: the far end is simulated.")
    log_format: Literal["text", "json"] = Field("text", description="Shape of the log lines.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least level that is logged."
    )

    @field_validator("hosts", "canaries", "outside_places", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @field_validator("time_zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(
                f"{value!r} is no time zone; for example Asia/Jakarta, Asia/Makassar, Asia/Jayapura"
            ) from None
        return value

    @field_validator("public_address")
    @classmethod
    def _origin(cls, value: str) -> str:
        return read_origin(value) if value else ""

    @field_validator("bind")
    @classmethod
    def _bind(cls, value: str) -> str:
        host, port = split_bind(value)
        ipaddress.ip_address(host)
        if not 0 < port < 65536:
            raise ValueError(f"port {port} is not between 1 and 65535")
        return value

    @field_validator("tiles_url")
    @classmethod
    def _tiles(cls, value: str) -> str:
        if value and not (value.startswith(("http://", "https://", "/")) and "{z}" in value):
            raise ValueError("must start with https://, http:// or / and hold {z}, {x} and {y}")
        return value

    @field_validator("secret_key")
    @classmethod
    def _secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or value.get_secret_value() == "":
            return None
        text = value.get_secret_value()
        if text.lower() in KNOWN_SECRETS or len(set(text)) < 8 or len(text) < 32:
            raise ValueError(
                "is known, too short or too simple; take 32 random characters, or leave it out"
            )
        return value

    @field_validator("seal_keys")
    @classmethod
    def _seals(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or value.get_secret_value() == "":
            return None
        if not all(is_key(text) for text in split_keys(value)):
            raise ValueError("is no key; `ronda settings --new-seal-key` prints one")
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or value.get_secret_value() == "":
            return None
        if not value.get_secret_value().startswith(("postgres://", "postgresql://")):
            raise ValueError("must start with postgres:// (leave it out for SQLite)")
        return value

    @property
    def listens_to_others(self) -> bool:
        """Whether the web server can be reached from another machine."""
        return not ipaddress.ip_address(split_bind(self.bind)[0]).is_loopback

    @property
    def backups(self) -> Path:
        """Folder of the automatic backups."""
        return self.data / "backups"

    @property
    def sealing_keys(self) -> tuple[str, ...]:
        """The keys that were given for sealing, newest first; empty: they lie in the data folder."""
        return split_keys(self.seal_keys) if self.seal_keys else ()

    @property
    def sqlite(self) -> Path:
        """The SQLite file, used when no `database_url` is set."""
        return self.data / "ronda.sqlite3"


def split_keys(value: SecretStr) -> tuple[str, ...]:
    """Keys of a text with commas between them."""
    return tuple(part.strip() for part in value.get_secret_value().split(",") if part.strip())


def split_bind(value: str) -> tuple[str, int]:
    """Host and port of `127.0.0.1:8000` or `[::1]:8000`.

    Raises:
        ValueError: there is no port, or it is no number.
    """
    host, separator, port = value.rpartition(":")
    if not separator or not port.isdigit():
        raise ValueError(f"{value!r} is no address with a port; for example 127.0.0.1:8000")
    return host.strip("[]"), int(port)


def read_secret_files(environment: dict[str, str]) -> dict[str, str]:
    """Values of the `RONDA_*_FILE` variables in `environment`, by field name.

    Raises:
        WrongSettings: a file cannot be read, or the plain variable is set as well.
    """
    values: dict[str, str] = {}
    for name in SECRETS:
        path = environment.get(f"{PREFIX}{name}_FILE")
        if not path:
            continue
        if environment.get(f"{PREFIX}{name}"):
            raise WrongSettings(
                f"{PREFIX}{name} and {PREFIX}{name}_FILE are both set; keep one of them"
            )
        try:
            values[name.lower()] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise WrongSettings(
                f"{PREFIX}{name}_FILE: cannot read {path} ({error.__class__.__name__})"
            ) from error
    return values


@lru_cache(maxsize=1)
def configuration() -> Configuration:
    """The settings of this process, read once.

    Raises:
        WrongSettings: a value cannot work; the text names the variable, never a secret's value.
    """
    known = {f"{PREFIX}{name.upper()}" for name in Configuration.model_fields}
    known |= {f"{PREFIX}{name}_FILE" for name in SECRETS}
    unknown = sorted(
        name
        for name in os.environ
        if name.startswith(PREFIX) and name not in known and not name.startswith("RONDA_TEST_")
    )
    if unknown:
        raise WrongSettings(
            "unknown setting " + ", ".join(unknown) + "; docs/settings.md lists them all"
        )
    try:
        return Configuration(**read_secret_files(dict(os.environ)))  # type: ignore[arg-type] # raw text, validated there
    except ValidationError as error:
        lines = [
            f"{PREFIX}{'_'.join(str(part) for part in problem['loc'][:1]).upper()}: {problem['msg']}"
            for problem in error.errors(include_input=False, include_url=False)
        ]
        raise WrongSettings("\n".join(lines)) from None


def secret_keys(settings: Configuration) -> list[str]:
    """The signing keys, the one in force first; later ones only verify what was signed before.

    The configured one, else the key file's, which is made at first use (0600). To change keys, put a new
    line first into the file and restart; take the old line off when what it signed may end.
    """
    if settings.secret_key is not None:
        return [settings.secret_key.get_secret_value()]
    path = settings.data / "secret.key"
    if not path.exists():
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"secret.{os.getpid()}.new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
        # Linking, unlike renaming, never replaces a key that another process made meanwhile.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="ascii").split()
