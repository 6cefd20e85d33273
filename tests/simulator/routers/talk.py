"""A plain blocking client of the API for tests, made of the simulator's own wire code."""

import socket
from typing import Self

from ronda.simulator.routers.control import Handle
from ronda.simulator.routers.wire import Decoder, encode_sentence, to_bytes, to_text

Sentence = list[str]


class Talk:
    """One connection; replies are lists of words, sentence by sentence."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), timeout=5)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._decoder = Decoder()
        self._heard: list[Sentence] = []

    @classmethod
    def to(cls, router: Handle, *, user: str = "", password: str = "") -> "Talk":
        """Connected and logged in."""
        talk = cls(router.host, router.port)
        name, word = user or router.user, password or router.password
        answer = talk.say("/login", f"=name={name}", f"=password={word}")
        assert answer == [["!done"]], answer
        return talk

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.socket.close()

    @staticmethod
    def is_turned_away(router: Handle) -> bool:
        """Whether the router takes the connection and ends it at once."""
        try:
            with Talk(router.host, router.port) as talk:
                return talk.ended()
        except ConnectionResetError:
            return True

    def send(self, *words: str) -> None:
        self.socket.sendall(encode_sentence(map(to_bytes, words)))

    def hear(self) -> Sentence:
        """The next sentence; EOFError when the router ended the connection."""
        while not self._heard:
            data = self.socket.recv(65_536)
            if not data:
                raise EOFError
            self._heard += [[*map(to_text, words)] for words in self._decoder.feed(data)]
        return self._heard.pop(0)

    def say(self, *words: str) -> list[Sentence]:
        """One command and every sentence up to its `!done`."""
        self.send(*words)
        said = [self.hear()]
        while said[-1][0] not in {"!done", "!fatal"}:
            said.append(self.hear())
        return said

    def ended(self) -> bool:
        """Whether the router has ended the connection and said nothing more."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionError:
            return True
