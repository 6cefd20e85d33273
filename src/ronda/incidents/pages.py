"""What higher slices add to the page of an incident, without incidents knowing them."""

from ronda.web.sections import Sections

incident_sections = Sections()
