"""A journey is one story: its steps keep their order, whatever else is shuffled."""

import pytest


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
