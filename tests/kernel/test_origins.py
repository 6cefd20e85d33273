"""The address of an installation, read from what a person wrote."""

import pytest

from ronda.kernel.origins import read_origin


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://ronda.example", "https://ronda.example"),
        (" HTTP://Ronda.Example:8000/ ", "http://ronda.example:8000"),
        ("http://[2001:db8::1]:8000", "http://[2001:db8::1]:8000"),
        ("http://192.0.2.7", "http://192.0.2.7"),
    ],
)
def test_an_address_is_scheme_host_and_port(written: str, read: str):
    assert read_origin(written) == read


@pytest.mark.parametrize(
    "written",
    [
        "",
        "ronda.example",
        "ftp://ronda.example",
        "javascript:alert(1)",
        "https://",
        "https://ronda.example/shop",
        "https://ronda.example/?a=1",
        "https://ronda.example/#a",
        "https://joko@ronda.example",
        "https://ronda.example:0",
        "https://ronda.example:99999",
    ],
)
def test_anything_else_is_refused(written: str):
    with pytest.raises(ValueError, match="is no address such as"):
        read_origin(written)
