"""Routers that are not there: RouterOS as its API shows it, from 6.42 to 7.24.

Wire, menus and commands are written from the vendor's manual and from the property trees of real
routers, on purpose without `ronda.routeros`: client and simulator prove each other.

`router.VirtualRouter` is one router: its menus with rows, `execute` for one command, a clock that
a test may drive. `api` speaks the binary API for it, `control` starts many at once and is what
tests and `ronda simulate` use.
"""
