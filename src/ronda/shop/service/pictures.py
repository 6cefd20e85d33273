"""Pictures that people send, drawn anew: what comes out is a PNG of Ronda's own, whatever came in.

Nothing of the file but its pixels survives: no script, no place where a photo was taken.
"""

import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from PIL import Image

#: More than a logo needs, less than hurts.
MOST_BYTES = 2 * 1024 * 1024
MOST_PIXELS = 16_000_000
MOST_SIDE = 600
#: Of a phone's camera.
MOST_PHOTO_PIXELS = 60_000_000
TAKEN = ("PNG", "JPEG", "WEBP")


class NoPicture(ValueError):
    """It is no picture that is taken; the text says why, for people."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture drawn anew, and a short digest that changes with it."""

    png: bytes
    digest: str


def redraw(data: bytes, *, most_side: int = MOST_SIDE) -> Drawn:
    """The pixels of a PNG, JPEG or WebP file as a new PNG, no side longer than `most_side`.

    Raises:
        NoPicture: too big, damaged, or another kind of file.
    """
    # Imported here: it costs every process 0.1 s, and is needed once a month.
    from PIL import Image, UnidentifiedImageError

    if len(data) > MOST_BYTES:
        raise NoPicture(_("The file is larger than 2 MB; make it smaller."))
    try:
        with Image.open(io.BytesIO(data), formats=TAKEN) as found:
            png = b"" if found.width * found.height > MOST_PIXELS else _draw(found, most_side)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise NoPicture(_("This is no PNG, JPEG or WebP picture, or it is damaged.")) from None
    if not png:
        raise NoPicture(_("The picture has more than 16 million pixels; make it smaller."))
    return Drawn(png, hashlib.sha256(png).hexdigest()[:16])


def photograph(data: bytes, *, most_side: int, most_bytes: int) -> bytes:
    """The pixels of a PNG, JPEG or WebP file as a new JPEG, no side longer than `most_side`.

    Raises:
        NoPicture: too big, damaged, or another kind of file.
    """
    from PIL import Image, UnidentifiedImageError

    if len(data) > most_bytes:
        raise NoPicture(
            _("The file is larger than %(mb)d MB; make it smaller.") % {"mb": most_bytes // 1024**2}
        )
    try:
        with Image.open(io.BytesIO(data), formats=TAKEN) as found:
            small = found.width * found.height <= MOST_PHOTO_PIXELS
            jpeg = _develop(found, most_side) if small else b""
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise NoPicture(_("This is no PNG, JPEG or WebP picture, or it is damaged.")) from None
    if not jpeg:
        raise NoPicture(_("The picture has too many pixels; make it smaller."))
    return jpeg


def _develop(found: "Image.Image", most_side: int) -> bytes:
    from PIL import Image, ImageOps

    # Decodes a JPEG at a fraction of its size, so that a phone's photo needs little memory.
    found.draft("RGB", (most_side, most_side))
    upright = ImageOps.exif_transpose(found)
    upright.thumbnail((most_side, most_side))
    clean = Image.new("RGB", upright.size, "white")
    seen = upright.convert("RGBA")
    clean.paste(seen, mask=seen)
    written = io.BytesIO()
    clean.save(written, "JPEG", quality=80)
    return written.getvalue()


def _draw(found: "Image.Image", most_side: int) -> bytes:
    from PIL import Image, ImageOps

    upright = ImageOps.exif_transpose(found)
    upright.thumbnail((most_side, most_side))
    clean = Image.new("RGBA", upright.size)
    clean.paste(upright.convert("RGBA"))
    written = io.BytesIO()
    clean.save(written, "PNG", optimize=True)
    return written.getvalue()
