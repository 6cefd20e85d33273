"""Several web processes on one socket."""

import os
import socket
import sys

import pytest

from ronda.app.processes import Part, Webs


def test_one_web_process_opens_its_address_itself() -> None:
    (web,) = Webs().parts(())

    assert web.shared == ()
    assert "--listening" not in web.command


@pytest.mark.skipif(sys.platform == "win32", reason="sockets are not inherited there")
def test_several_are_given_the_same_socket() -> None:
    with socket.create_server(("127.0.0.1", 0)) as shared:
        first, second = Webs(2, shared).parts(())

        assert first.command == second.command
        assert first.command[-2:] == ["--listening", str(shared.fileno())]
        told = "import socket, sys; print(socket.socket(fileno=int(sys.argv[1])).getsockname()[1])"
        reader, writer = os.pipe()
        part = Part("web", [sys.executable, "-c", f"import os; os.dup2({writer}, 1); {told}",
                            str(shared.fileno())], shared=(shared.fileno(), writer))  # fmt: skip
        part.start(0.0)
        os.close(writer)
        with os.fdopen(reader) as answer:
            assert int(answer.read()) == shared.getsockname()[1]
        assert part.process is not None
        assert part.process.wait(60) == 0
        assert part.process.stdin is not None
        part.process.stdin.close()
