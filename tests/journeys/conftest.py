"""A journey is one story: its steps keep their order, whatever else is shuffled."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.place import FLAGS, Installation, Visitor


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the steps of each journey back in the order in which they are written."""
    places = [place for place, item in enumerate(items) if item.get_closest_marker("story")]
    told = sorted(
        (items[place] for place in places),
        key=lambda item: (str(item.path), item.function.__code__.co_firstlineno, item.name),
    )
    for place, item in zip(places, told, strict=True):
        items[place] = item


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    path = os.environ.get("RONDA_TEST_CHROMIUM") or shutil.which("chromium")
    if not path:
        reason = "Chromium is missing: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=path, args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="module")
def session(browser: Browser, place: Installation) -> Iterator[Visitor]:
    """One browser for a whole journey, in front of the module's own `place`."""
    context = browser.new_context(viewport={"width": 1280, "height": 860}, locale="id-ID")
    visitor = Visitor(context, place)
    yield visitor
    context.close()


@pytest.fixture
def visitor(session: Visitor) -> Iterator[Visitor]:
    """The owner's browser; after every step nothing may have gone wrong in it."""
    session.page.set_viewport_size({"width": 1280, "height": 860})
    yield session
    complaints, session.complaints[:] = list(session.complaints), []
    assert complaints == []
