"""One invented ONT: the truth about it, and what its list says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ont:
    """An ONT in its tree OLT, PON, ODC, ODP.

    `written` is latitude and longitude as the list has them, numbers or damaged text; `latitude`
    and `longitude` are where it stands, also where the list leaves them empty. An empty `address`
    is one nobody filled in.
    """

    number: int
    customer_id: str
    name: str
    location: str
    latitude: float
    longitude: float
    written: tuple[float | str, float | str]
    address: str
    category: str
    area: str
    olt: str
    pon: str
    odc: str
    odp: str

    @property
    def spot(self) -> tuple[float, float]:
        """Latitude and longitude of where it stands."""
        return (self.latitude, self.longitude)


def share(count: int, of: int) -> int:
    """How many of a fault a list of `of` ONTs has, when one of 400 has `count`."""
    return count * of // 400
