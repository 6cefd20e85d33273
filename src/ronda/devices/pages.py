"""What higher slices add to the page of an ONT, without devices knowing them."""

from ronda.web.sections import Sections

ont_sections = Sections()
