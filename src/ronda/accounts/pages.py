"""What higher slices add to the page of a person, without accounts knowing them."""

from ronda.web.sections import Sections

person_sections = Sections()
