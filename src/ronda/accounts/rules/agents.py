"""What people call the browser behind a User-Agent header: pure. A guess for their eyes; nothing is decided by it."""

# The first that is found names it; Edge, Opera and Samsung say Chrome as well, and all say Safari.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("UCBrowser", "UC Browser"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
    ("python", "Python"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def named(agent: str) -> tuple[str, str]:
    """Browser and system, as `("Chrome", "Android")`; "" for what cannot be told."""
    return _first(agent, _BROWSERS), _first(agent, _SYSTEMS)


def _first(agent: str, names: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in names if mark.lower() in agent.lower()), "")
