"""A new key for everything that is sealed."""

from ronda.accounts.models import Person
from ronda.accounts.service import audit
from ronda.storage import resealing


def renew(
    person: Person | None = None, *, new_key: bool = True, source: str = ""
) -> dict[str, resealing.Resealed]:
    """Make a new key and seal every secret with it; by place, how many were and how many no key opens.

    Args:
        new_key: False only seals with the newest key there is: what a killed run left, or after a
            person has put a new key in front of those in the settings.
    """
    found = resealing.renew(new_key=new_key)
    told = {str(place): result.count for place, result in found.items() if result.count}
    unreadable = sum(result.unreadable for result in found.values())
    audit.record(person, "seal.renew", "", after={**told, "unreadable": unreadable}, source=source)
    return {str(place): result for place, result in found.items()}
