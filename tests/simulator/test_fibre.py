"""The fibre as the kernel sees it: real packets through a real interface."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ronda.simulator import tun
from ronda.simulator.fibre import Fibre, FibreUnavailable
from ronda.simulator.line import Line, Still
from ronda.simulator.neighbourhood import build
from ronda.simulator.network import Layout
from ronda.simulator.people import people_of
from ronda.simulator.scenario import Story
from tests.fibre import open_fibre, require_fibre, reserved_layout
from tests.simulator.probe import ping


@pytest.fixture(scope="module")
def shared():
    with open_fibre() as fibre:
        yield fibre


@pytest.fixture
def fibre(shared):
    """The module's fibre with everything set back: opening one costs 0.1 s, and there are many."""
    shared.clear()
    return shared


def has_gone(interface: str, within: float = 30.0) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if not Path("/sys/class/net", interface).exists():
            return True
        os.sched_yield()
    return False


def test_every_address_answers_after_the_configured_delay_in_both_families(fibre):
    hosts = fibre.layout.hosts(50)
    fibre.delay(30.0)
    first = ping(hosts)
    assert set(first) == set(hosts)
    assert 30 <= min(first.values()) < 80
    fibre.delay(200.0)
    assert 200 <= min(ping(hosts).values()) < 400
    if not fibre.has_ipv6:
        pytest.skip("IPv6 is switched off on this machine")
    hosts6 = [fibre.layout.address6(index) for index in range(16, 66)]
    heard = ping(hosts6)
    assert set(heard) == set(hosts6)
    assert 200 <= min(heard.values()) < 400


def test_fping_agrees_with_what_was_configured(fibre):
    if shutil.which("fping") is None:
        pytest.skip("fping is missing: apt-get install fping")
    fibre.delay(40.0)
    host = fibre.layout.address(77)
    answer = subprocess.run(
        ["fping", "-q", "-c", "5", "-p", "50", "-t", "2000", host],
        check=False,
        capture_output=True,
        text=True,
    )
    least = float(answer.stderr.rsplit("= ", 1)[1].split("/")[0])
    assert "5/5/0%" in answer.stderr
    assert 40 <= least < 200


def test_the_configured_share_is_lost_and_counted(fibre):
    hosts = fibre.layout.hosts(2_000)
    before = fibre.tally()
    fibre.loss(0.25)
    heard = ping(hosts, wait=0.6)
    after = fibre.tally()
    assert after.asked - before.asked == 2_000
    assert after.silent - before.silent == 2_000 - len(heard)
    assert 0.2 < (2_000 - len(heard)) / 2_000 < 0.3


def test_what_is_cut_is_silent_and_answers_when_mended(fibre):
    hosts = fibre.layout.hosts(6)
    fibre.cut(hosts[:3])
    assert set(ping(hosts, wait=0.5)) == set(hosts[3:])
    fibre.mend(hosts[1:2])
    assert set(ping(hosts, wait=0.2)) == {hosts[1], *hosts[3:]}
    fibre.mend()
    assert set(ping(hosts)) == set(hosts)


def test_blindness_silences_the_canaries_too(fibre):
    canaries = fibre.layout.canaries()
    fibre.blind()
    assert ping([*canaries, *fibre.layout.hosts(5)], wait=0.2) == {}
    fibre.blind(False)
    assert set(ping(canaries)) == set(canaries)


def test_one_address_can_be_slower_than_the_rest(fibre):
    slow, fast = fibre.layout.hosts(2)
    fibre.delay(300.0, addresses=[slow])
    heard = ping([slow, fast])
    assert heard[slow] >= 300
    assert heard[slow] > heard[fast] >= 5


def test_ten_thousand_probes_at_once_lose_nothing_in_a_long_queue():
    with open_fibre(addresses=10_000) as fibre:
        hosts = fibre.layout.hosts(10_000)
        for _ in range(3):
            assert len(ping(hosts, wait=5.0)) == 10_000
        tally = fibre.tally()
        assert (tally.asked, tally.answered, tally.silent) == (30_000, 30_000, 0)


def test_a_short_queue_drops_a_burst_as_a_real_one_does():
    with open_fibre(queue=20) as fibre:
        heard = ping(fibre.layout.hosts(3_000), wait=0.5)
        assert len(heard) == fibre.tally().answered < 3_000


def test_a_scenario_plays_on_the_fibre_and_its_clock_can_be_moved():
    with reserved_layout(4_000) as layout:
        drawn = build(prefix=layout.prefix)
        story = Story("odp-cut", people_of(drawn))
        victims = [layout.address(one.index) for one in story.silent(60)]
        with open_fibre(story, layout=layout) as fibre:
            fibre.clock(0)
            assert 0 <= fibre.since() < 30
            assert len(ping(victims, wait=0.3)) >= len(victims) - 1
            fibre.clock(60)
            assert ping([*victims, layout.address(1)], wait=0.3).keys() == {layout.address(1)}
            assert ping([layout.address(layout.own - 1)], wait=0.1) == {}


def test_closing_takes_the_interface_away_and_later_calls_say_so():
    with open_fibre() as fibre:
        interface, pid = fibre.interface, fibre.pid
        assert Path("/sys/class/net", interface).exists()
        fibre.close()
        fibre.close()
        assert has_gone(interface)
        assert not Path("/proc", str(pid)).exists()
        with pytest.raises(FibreUnavailable, match="has ended"):
            fibre.mend()


def test_a_parent_killed_without_warning_takes_the_interface_with_it():
    with reserved_layout(100) as layout:
        require_fibre()
        program = (
            "import sys, time\n"
            "from ronda.simulator.fibre import Fibre\n"
            "from ronda.simulator.network import Layout\n"
            f"fibre = Fibre(layout=Layout({layout.prefix!r}))\n"
            "print(fibre.interface, flush=True)\n"
            "sys.stdin.read()\n"
        )
        parent = subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": "src"},
        )
        with parent:
            interface = parent.stdout.readline().strip()
            assert Path("/sys/class/net", interface).exists()
            parent.kill()
        assert has_gone(interface)


def test_a_fibre_can_be_opened_inside_a_network_namespace():
    require_fibre()
    if shutil.which("unshare") is None or shutil.which("nsenter") is None:
        pytest.skip("unshare and nsenter are missing: apt-get install util-linux")
    room = subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE)
    with room:
        ours = Path("/proc/self/ns/net").readlink()
        theirs = Path("/proc", str(room.pid), "ns/net")
        while theirs.readlink() == ours:
            os.sched_yield()
        layout = Layout("10.0.0.0/8")
        with open_fibre(layout=layout, namespace=str(theirs), name="rondains") as fibre:
            assert not Path("/sys/class/net", fibre.interface).exists()
            command = ["nsenter", "--net=" + str(theirs), sys.executable, "-c"]
            program = (
                "from tests.simulator.probe import ping;"
                "print(sorted(ping(['10.1.2.3', '10.200.0.9'])))"
            )
            answer = subprocess.run([*command, program], check=True, capture_output=True, text=True)
            assert answer.stdout.strip() == "['10.1.2.3', '10.200.0.9']"
        room.stdin.close()


def test_a_prefix_that_is_already_routed_is_refused_by_name():
    with open_fibre() as fibre:
        with pytest.raises(FibreUnavailable, match=f"through the interface {fibre.interface}"):
            Fibre(layout=Layout(f"{fibre.layout.address(0)}/28"))
        assert tun.in_use(Layout("240.0.0.0/28").ipv4) is None


def test_an_address_elsewhere_is_refused_and_a_wrong_share_too(fibre):
    with pytest.raises(ValueError, match=r"192\.0\.2\.9 is not on this fibre"):
        fibre.cut(["192.0.2.9"])
    with pytest.raises(ValueError, match="not between 0 and 1"):
        fibre.loss(7)
    assert ping(fibre.layout.hosts(1))


def test_a_name_in_use_or_too_long_is_refused(fibre):
    with pytest.raises(FibreUnavailable, match=f"{fibre.interface} is in use"):
        tun.open_device(fibre.interface)
    with pytest.raises(FibreUnavailable, match="longer than 15 letters"):
        tun.open_device("a-very-long-name-%d")


def test_a_missing_device_and_a_missing_permission_tell_the_fix(monkeypatch, tmp_path):
    monkeypatch.setattr(tun, "DEVICE", tmp_path / "tun")
    assert "sudo modprobe tun" in tun.why_not()
    monkeypatch.undo()

    def refuse(*_arguments):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(tun.os, "open", refuse)
    assert "sudo setcap cap_net_admin" in tun.why_not()


def test_another_system_is_told_that_it_has_no_tun(monkeypatch):
    monkeypatch.setattr(tun.sys, "platform", "win32")
    assert tun.why_not() == ("A simulated fibre needs Linux: other systems have no /dev/net/tun.")


def test_an_ordinary_user_is_refused_by_the_kernel_itself():
    require_fibre()
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        os.write(writing, str(tun.why_not()).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as said:
        assert "needs root or the capability CAP_NET_ADMIN" in said.read()
    os.waitpid(child, 0)


def test_an_idle_fibre_costs_next_to_nothing(fibre):
    def cpu_seconds() -> float:
        fields = Path("/proc", str(fibre.pid), "stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    before = cpu_seconds()
    ping([fibre.layout.address(fibre.layout.own)], wait=0.1)
    assert ping(fibre.layout.hosts(333), wait=1.0)
    assert cpu_seconds() - before < 0.6


def test_a_dead_line_is_only_a_line(fibre):
    with open_fibre(Still(Line(dead=True)), addresses=100) as dead:
        assert ping(dead.layout.hosts(3), wait=0.1) == {}
        assert ping(fibre.layout.hosts(3)).keys() == set(fibre.layout.hosts(3))
