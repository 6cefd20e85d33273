"""What higher slices add to the page of a router, without this one knowing them."""

from ronda.web.sections import Sections

router_sections = Sections()
