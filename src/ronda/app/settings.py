"""Django's settings, made from the installation's configuration; nothing here is tuned by operators."""

from pathlib import Path

from csp.constants import NONE, SELF

from ronda.app.configuration import configuration, secret_keys
from ronda.storage.database import postgres_settings, sqlite_settings
from ronda.web import assets

RONDA = configuration()
PACKAGE = Path(__file__).resolve().parent.parent

SECRET_KEY, *SECRET_KEY_FALLBACKS = secret_keys(RONDA)
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *RONDA.hosts]
CSRF_TRUSTED_ORIGINS = [f"{'https' if RONDA.https else 'http'}://{host}" for host in RONDA.hosts]

INSTALLED_APPS = [
    "ronda.web",
    "ronda.work",
    "ronda.accounts",
    "ronda.devices",
    "ronda.routers",
    "ronda.upkeep",
    "ronda.monitoring",
    "ronda.hotspot",
    "ronda.incidents",
    "ronda.shop",
    "ronda.alerts",
    "ronda.overview",
    "ronda.app",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "ninja",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "ronda.web.static_files.CompressedStaticFiles",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ronda.accounts.middleware.Door",
    "ronda.accounts.plain.NoPlainSignIn",
    "ronda.accounts.middleware.Refusals",
    "ronda.web.middleware.LanguageMiddleware",
    "ronda.web.middleware.ZoneMiddleware",
    "ronda.web.middleware.LiveVersionMiddleware",
    "ronda.accounts.seen.SeenMiddleware",
    "ronda.accounts.middleware.SignInRequired",
    "ronda.app.scoping.KeepToSites",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ronda.web.context.page",
                "ronda.app.context.tuned",
                "ronda.alerts.context.unread",
            ]
        },
    }
]

ROOT_URLCONF = "ronda.app.urls"
WSGI_APPLICATION = "ronda.app.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASES = {
    "default": postgres_settings(RONDA.database_url.get_secret_value())
    if RONDA.database_url
    else sqlite_settings(RONDA.sqlite)
}
# Sign-in limits must be counted across web processes, of which there may be several on PostgreSQL anyway.
_own_cache = (
    {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
    if RONDA.database_url or RONDA.web_processes > 1
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
)
if RONDA.redis_url:
    CACHES = {
        "default": {
            "BACKEND": "ronda.storage.shared_cache.SharedCache",
            "LOCATION": RONDA.redis_url.get_secret_value(),
        },
        "spare": _own_cache,
    }
else:
    CACHES = {"default": _own_cache}
# What is counted at every request of the API costs SQLite a write each, and is counted in each process there.
CACHES["process"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
THROTTLE_CACHE = (
    "process"
    if RONDA.web_processes > 1 and not (RONDA.database_url or RONDA.redis_url)
    else "default"
)

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "ronda.app.passwords.NotOfThePlace"},
    {"NAME": "ronda.app.passwords.NotLeaked"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "ronda.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_FORMS = {
    "login": "ronda.accounts.forms.LoginForm",
    "change_password": "ronda.accounts.forms.ChangePasswordForm",
}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
# Passwords are counted by accounts.service.lockout; these hold for the codes of the second step.
ACCOUNT_RATE_LIMITS = {"login": "", "login_failed": "10/m/ip,5/5m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = RONDA.trusted_proxies
MFA_ADAPTER = "ronda.accounts.second_steps.SecondStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "add_webauthn": "ronda.accounts.forms_passkey.AddPasskeyForm",
    "authenticate_webauthn": "ronda.accounts.forms_passkey.AuthenticatePasskeyForm",
    "login_webauthn": "ronda.accounts.forms_passkey.LoginPasskeyForm",
    "reauthenticate_webauthn": "ronda.accounts.forms_passkey.ReauthenticatePasskeyForm",
}
MFA_TOTP_ISSUER = RONDA.site_name
# A phone's clock may be half a minute off (RFC 6238, section 5.2).
MFA_TOTP_TOLERANCE = 1
USERSESSIONS_TRACK_ACTIVITY = False

# A browser takes a cookie of this name only from this very host, over HTTPS (RFC 6265bis, 4.1.3.2).
_HOST_ONLY = "__Host-" if RONDA.https else ""
SESSION_COOKIE_NAME = f"{_HOST_ONLY}ronda_session"
CSRF_COOKIE_NAME = f"{_HOST_ONLY}csrftoken"
SESSION_ENGINE = "ronda.accounts.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = RONDA.https
CSRF_COOKIE_HTTPONLY = False  # htmx and the live pages read it to send it back
CSRF_FAILURE_VIEW = "ronda.web.errors.csrf_failure"
SECURE_HSTS_SECONDS = 31_536_000 if RONDA.https else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if RONDA.trusted_proxies:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True

_tile_hosts = [RONDA.tiles_url.split("/{", 1)[0]] if RONDA.tiles_url.startswith("http") else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", *("/".join(host.split("/")[:3]) for host in _tile_hosts)],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

FORM_RENDERER = "ronda.web.form_renderer.FormRenderer"

LANGUAGE_CODE = RONDA.language
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = RONDA.time_zone

STATIC_URL = f"/static/{assets.digest()}/"
STATIC_ROOT = None  # served from the package by whitenoise; nothing is collected
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "ronda.web.static_files.StaticFiles"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False


def WHITENOISE_IMMUTABLE_FILE_TEST(path: str, url: str) -> bool:  # noqa: N802 -- whitenoise's name
    """Every static file may be kept for ever: its address changes when any of them does."""
    return True


DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008", "security.W012", "security.W016"]
NINJA_PAGINATION_PER_PAGE = 100
LOGGING_CONFIG = None  # ronda.app.logs sets it up, once a process
