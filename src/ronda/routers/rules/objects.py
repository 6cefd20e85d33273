"""Reading one object as people paste it: JSON, or a JavaScript literal out of a manual.

Accepted beyond JSON: comments, keys without quotes, single quotes, a comma at the end, a name and `=`
in front, a semicolon behind. Nothing is ever run.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

#: A settings object has 17 fields; what is much longer is something else.
LONGEST = 20_000
_DEEPEST = 8

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<name>[A-Za-z_$][A-Za-z0-9_$.]*)
    |(?P<mark>[{}\[\]:,=;])""",
    re.VERBOSE | re.DOTALL,
)
_WORDS = {"true": True, "false": False, "null": None, "undefined": None}


class NotAnObject(ValueError):
    """The text is no object; `line` is where it stops being one, counted from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    place: int


def read_object(text: str) -> dict[str, Any]:
    """The object in a text.

    Raises:
        NotAnObject: there is none, or something else besides.
    """
    if len(text) > LONGEST:
        raise NotAnObject(1)
    reader = _Reader(text)
    reader.skip_head()
    value = reader.value(0)
    while reader.take(";"):
        pass
    if not isinstance(value, dict) or reader.tokens:
        raise reader.wrong()
    return value


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[_Token] = []
        place = 0
        while place < len(text):
            match = _TOKEN.match(text, place)
            if match is None:
                raise NotAnObject(self._line(place))
            if match.lastgroup != "space":
                self.tokens.append(_Token(str(match.lastgroup), match[0], place))
            place = match.end()
        self.tokens.reverse()

    def skip_head(self) -> None:
        """Drop `const name =` and the like."""
        if self.tokens and self.tokens[-1].kind == "name":
            while self.tokens and (self.tokens[-1].kind == "name" or self.tokens[-1].text == "="):
                token = self.tokens.pop()
                if token.text in {"=", "default"}:
                    break

    def take(self, mark: str) -> bool:
        """Whether the next token is this mark, which is then behind us."""
        if self.tokens and self.tokens[-1].text == mark and self.tokens[-1].kind == "mark":
            self.tokens.pop()
            return True
        return False

    def value(self, depth: int) -> Any:
        """The value that stands next."""
        if depth > _DEEPEST:
            raise self.wrong()
        if self.take("{"):
            return self._pairs(depth)
        if self.take("["):
            return self._items(depth)
        token = self._next()
        if token.kind == "string":
            return self._string(token)
        if token.kind == "number":
            return float(token.text) if re.search(r"[.eE]", token.text) else int(token.text)
        if token.kind == "name" and token.text in _WORDS:
            return _WORDS[token.text]
        raise NotAnObject(self._line(token.place))

    def _pairs(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not self.take("}"):
            token = self._next()
            if token.kind not in {"string", "name"}:
                raise NotAnObject(self._line(token.place))
            key = self._string(token) if token.kind == "string" else token.text
            if not self.take(":"):
                raise self.wrong()
            found[key] = self.value(depth + 1)
            if not self.take(",") and not self._closes("}"):
                raise self.wrong()
        return found

    def _items(self, depth: int) -> list[Any]:
        found: list[Any] = []
        while not self.take("]"):
            found.append(self.value(depth + 1))
            if not self.take(",") and not self._closes("]"):
                raise self.wrong()
        return found

    def _closes(self, mark: str) -> bool:
        return bool(self.tokens) and self.tokens[-1].text == mark

    def _next(self) -> _Token:
        if not self.tokens:
            raise self.wrong()
        return self.tokens.pop()

    def _string(self, token: _Token) -> str:
        inner = token.text[1:-1]
        if token.text.startswith("'"):
            inner = inner.replace("\\'", "'").replace('"', '\\"')
        try:
            return str(json.loads(f'"{inner}"', strict=False))
        except ValueError:
            raise NotAnObject(self._line(token.place)) from None

    def wrong(self) -> NotAnObject:
        """The error at the place that was reached."""
        return NotAnObject(self._line(self.tokens[-1].place if self.tokens else len(self.text)))

    def _line(self, place: int) -> int:
        return self.text.count("\n", 0, place) + 1
