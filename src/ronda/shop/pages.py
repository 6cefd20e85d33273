"""What higher slices add to the page of an order, without this one knowing them."""

from ronda.web.sections import Sections

order_sections = Sections()
