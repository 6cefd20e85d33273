"""What higher slices add to the pages of people, without accounts knowing them."""

from ronda.web.sections import Links, Sections

#: Blocks on the page of a person, which administrators see.
person_sections = Sections()
#: Doors on one's own profile: in `ready`, `profile_links.add(Link("alerts:mine", _("How I am reached"), "bell"))`.
profile_links = Links()
