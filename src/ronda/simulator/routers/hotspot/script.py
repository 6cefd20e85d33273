"""The part of RouterOS's script language that schedulers of a hotspot use, parsed and run.

What is understood, and nothing else:

    # a comment                                     lines, or `;` between commands
    /ip hotspot user disable [find profile=kantor]  a command with its full path
    /ip hotspot user set [find where name="ani" or name="budi"] limit-uptime=1s
    /ip/hotspot/active/remove [find user="ani"]
    :log info "text"                                also /log info "text"
    :foreach i in=[/ip hotspot user find where comment~"vc-"] do={ /ip hotspot user remove $i }
    /ip hotspot cookie remove [find where user=[/ip hotspot user get $i name]]
    :delay 5s                                       :put "text"   (nothing happens)

Conditions of `find` are `name=value`, `name!=value` and `name~"regular expression"`; several are
joined by `and`, `or` or a space (and). A text escapes `"`, `\\`, `$`, `?`, and any byte as `\\XX`.
Anything else is a syntax error, as it is for a router.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ronda.simulator.routers.wire import to_bytes, to_text

Row = Mapping[str, str]
Test = Callable[[Row], bool]

TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>"(?:[^"\\]|\\.)*")
      | (?P<mark>[\[\]{};\n])
      | (?P<word>(?:[^\s"\[\]{};=~!]|!(?!=))+)
      | (?P<sign>!=|=|~)
    )""",
    re.VERBOSE,
)
# A word after one of these is what it works on, not a part of its path.
VERBS = {"add", "set", "remove", "enable", "disable", "unset", "reset-counters", "run", "info"}
VERBS |= {"warning", "error", "debug"}
ESCAPES = {"n": b"\n", "r": b"\r", "t": b"\t", "_": b" "}
ESCAPED = re.compile(r"\\([0-9A-F]{2}|.)", re.DOTALL)


class SyntaxTrouble(ValueError):
    """The script is none that is understood; `where` is the word that was not expected."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a quoted text, a sign or a mark."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Variable:
    """`$i`."""

    name: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a `find`."""

    name: str
    sign: str
    wanted: "Value"


@dataclass(frozen=True, slots=True)
class Find:
    """`[find …]`: the ids of the rows that pass all of one group of conditions.

    `menu` "" is the menu of the command around it.
    """

    menu: str
    groups: tuple[tuple[Condition, ...], ...]


@dataclass(frozen=True, slots=True)
class Get:
    """`[/menu get ITEM PROPERTY]`."""

    menu: str
    item: "Value"
    name: str


Value = str | Variable | Find | Get


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its menu and verb, what it works on, and its arguments."""

    menu: str
    verb: str
    target: Value | None
    values: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """`:foreach`: the body for every row found."""

    variable: str
    rows: Find
    body: tuple["Step", ...]


Step = Command | Loop


class Router(Protocol):
    """What a script needs of a router."""

    def find(self, menu: str, test: Test) -> list[str]:
        """Ids of the rows that pass."""
        ...

    def get(self, menu: str, item: str, name: str) -> str:
        """A property of one row, by its id or name."""
        ...

    def do(self, command: str, values: Mapping[str, str]) -> None:
        """One command by its full path."""
        ...


def parsed(source: str) -> list[Step]:
    """The steps of a script.

    Raises:
        SyntaxTrouble: it is not of the part that is understood.
    """
    try:
        return _Parser(_tokens(source)).steps(until=None)
    except RecursionError:
        raise SyntaxTrouble("[") from None


def run(steps: Sequence[Step], router: Router, variables: Mapping[str, str] | None = None) -> None:
    """Do every step in turn; what the router raises ends the script.

    Raises:
        SyntaxTrouble: what came out of a variable is no regular expression.
    """
    known = dict(variables or {})
    for step in steps:
        if isinstance(step, Loop):
            for found in _found(step.rows, "", router, known):
                run(step.body, router, {**known, step.variable: found})
            continue
        values = {name: _text(value, step.menu, router, known) for name, value in step.values}
        if step.target is not None:
            numbers = _text(step.target, step.menu, router, known)
            if not numbers:
                continue
            values["numbers"] = numbers
        router.do(f"{step.menu}/{step.verb}", values)


def _text(value: Value, menu: str, router: Router, variables: Mapping[str, str]) -> str:
    if isinstance(value, Find):
        return ",".join(_found(value, menu, router, variables))
    if isinstance(value, Get):
        item = _text(value.item, value.menu, router, variables)
        return router.get(value.menu or menu, item, value.name)
    if isinstance(value, Variable):
        return variables.get(value.name, "")
    return value


def _found(find: Find, menu: str, router: Router, variables: Mapping[str, str]) -> list[str]:
    groups = [
        [_test(one, _text(one.wanted, "", router, variables)) for one in group]
        for group in find.groups
    ]
    return router.find(
        find.menu or menu, lambda row: any(all(test(row) for test in group) for group in groups)
    )


def _test(condition: Condition, wanted: str) -> Test:
    name = condition.name
    if condition.sign == "~":
        pattern = _pattern(wanted)
        return lambda row: pattern.search(row.get(name, "")) is not None
    either = {wanted, {"yes": "true", "no": "false"}.get(wanted, wanted)}
    same = condition.sign == "="
    return lambda row: (row.get(name, "") in either) is same


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error:
        raise SyntaxTrouble(text) from None


def _tokens(source: str) -> list[Token]:
    lines = [line if not line.lstrip().startswith("#") else "" for line in source.splitlines()]
    text = "\n".join(lines).replace("\\\n", " ")
    tokens: list[Token] = []
    place = 0
    while place < len(text):
        ends = re.compile(r"[^\S\n]*").match(text, place)
        start = ends.end() if ends else place
        if start >= len(text):
            break
        if text[start] == "\n":
            tokens.append(Token("mark", ";"))
            place = start + 1
            continue
        found = TOKEN.match(text, start)
        if found is None:
            raise SyntaxTrouble(text[start : start + 20])
        kind = found.lastgroup or ""
        raw = found[kind]
        tokens.append(Token(kind, _unquoted(raw) if kind == "text" else raw))
        place = found.end()
    return tokens


def _unquoted(raw: str) -> str:
    pieces, place = [], 1
    for found in ESCAPED.finditer(raw, 1, len(raw) - 1):
        word = found[1]
        byte = bytes.fromhex(word) if len(word) == 2 else ESCAPES.get(word, to_bytes(word))
        pieces += [to_bytes(raw[place : found.start()]), byte]
        place = found.end()
    return to_text(b"".join([*pieces, to_bytes(raw[place : len(raw) - 1])]))


class _Parser:
    """Recursive descent over the tokens; every method leaves the place after what it took."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._place = 0

    def steps(self, until: str | None) -> list[Step]:
        found: list[Step] = []
        while (token := self._peek()) is not None:
            if token.kind == "mark" and token.text == until:
                break
            if token.kind == "mark" and token.text == ";":
                self._place += 1
                continue
            step = self._step()
            if step is not None:
                found.append(step)
        if until is not None:
            self._expect(until)
        return found

    def _step(self) -> Step | None:
        first = self._word()
        if first == ":foreach":
            return self._loop()
        if first in (":delay", ":put"):
            self._value()
            return None
        if first == ":log":
            first = "/log"
        if not first.startswith("/"):
            raise SyntaxTrouble(first)
        words = [first.strip("/").replace("/", " ")]
        while (token := self._peek()) is not None and token.kind == "word" and not self._named():
            if token.text.startswith(("$", "*")) or words[-1].rpartition(" ")[2] in VERBS:
                break
            words.append(self._word())
        path = " ".join(words).split()
        if len(path) < 2:
            raise SyntaxTrouble(first)
        menu, verb = "/" + "/".join(path[:-1]), path[-1]
        if menu == "/log":
            return Command(menu, verb, None, (("message", self._value()),))
        return self._command(menu, verb)

    def _command(self, menu: str, verb: str) -> Command:
        target: Value | None = None
        values: list[tuple[str, Value]] = []
        while (token := self._peek()) is not None and token.text not in {";", "}", "]"}:
            if self._named():
                name = self._word()
                self._place += 1
                values.append((name, self._value()))
            elif target is None:
                target = self._value()
            else:
                raise SyntaxTrouble(token.text)
        return Command(menu, verb, target, tuple(values))

    def _loop(self) -> Loop:
        variable = self._word()
        self._exactly("in")
        rows = self._value()
        if not isinstance(rows, Find) or not rows.menu:
            raise SyntaxTrouble(variable)
        self._exactly("do")
        self._expect("{")
        return Loop(variable, rows, tuple(self.steps(until="}")))

    def _value(self) -> Value:
        token = self._peek()
        if token is None:
            raise SyntaxTrouble("the end")
        if token.text == "[" and token.kind == "mark":
            return self._bracket()
        if token.kind not in ("word", "text"):
            raise SyntaxTrouble(token.text)
        self._place += 1
        if token.kind == "word" and token.text.startswith("$"):
            return Variable(token.text[1:])
        return token.text

    def _bracket(self) -> Value:
        self._expect("[")
        words: list[str] = []
        while (token := self._peek()) is not None and token.kind == "word" and not self._named():
            if words and words[-1] == "get":
                break
            words.extend(self._word().strip("/").split("/"))
        if words and words[-1] == "where":
            words.pop()
        verb = words.pop() if words else ""
        menu = "/" + "/".join(words) if words else ""
        if verb == "find":
            found: Value = Find(menu, self._conditions())
        elif verb == "get":
            found = Get(menu, self._value(), self._property())
        else:
            raise SyntaxTrouble("[")
        self._expect("]")
        return found

    def _property(self) -> str:
        if self._named() and self._word() == "value-name":
            self._place += 1
        return self._word()

    def _conditions(self) -> tuple[tuple[Condition, ...], ...]:
        groups: list[list[Condition]] = [[]]
        while (token := self._peek()) is not None and token.text != "]":
            if token.kind == "word" and token.text in ("and", "or"):
                self._place += 1
                if token.text == "or":
                    groups.append([])
                continue
            groups[-1].append(self._condition())
        return tuple(tuple(group) for group in groups)

    def _condition(self) -> Condition:
        name = self._word()
        sign = self._peek()
        if sign is None or sign.kind != "sign":
            raise SyntaxTrouble(name)
        self._place += 1
        wanted = self._value()
        if sign.text == "~" and isinstance(wanted, str):
            _pattern(wanted)
        return Condition(name, sign.text, wanted)

    def _named(self) -> bool:
        following = self._tokens[self._place + 1 : self._place + 2]
        return bool(following) and following[0].kind == "sign"

    def _exactly(self, word: str) -> None:
        if self._word() != word:
            raise SyntaxTrouble(word)
        sign = self._peek()
        if sign is None or sign.text != "=":
            raise SyntaxTrouble(word)
        self._place += 1

    def _word(self) -> str:
        token = self._peek()
        if token is None or token.kind != "word":
            raise SyntaxTrouble(token.text if token else "the end")
        self._place += 1
        return token.text

    def _expect(self, mark: str) -> None:
        token = self._peek()
        if token is None or token.text != mark:
            raise SyntaxTrouble(mark)
        self._place += 1

    def _peek(self) -> Token | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None
