"""Lists of ONTs as files: JSON of the older systems, CSV, XLSX, KML/KMZ and GeoJSON, both ways.

Reading is bounded and all or nothing: a file is understood to its end or refused with a typed
`FormatError`; half a file is never handed on. Nothing here knows the database.
"""

from ronda.devices.formats.errors import FormatError
from ronda.devices.formats.listing import Kind, Limits, Listing
from ronda.devices.formats.reading import read_listing

__all__ = ["FormatError", "Kind", "Limits", "Listing", "read_listing"]
