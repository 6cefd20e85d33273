"""The box of a simulated router: what it says of itself by version and board, its load, its files."""

import pytest

from ronda.simulator.routers.board.box import Box
from ronda.simulator.routers.board.models import MODELS
from ronda.simulator.routers.hotspot.guests import crowd
from ronda.simulator.routers.life import Life
from ronda.simulator.routers.router import VirtualRouter
from ronda.simulator.routers.traps import Trap
from tests.simulator.routers.test_life import HOUR, add, full, rows, with_hotspot
from tests.simulator.routers.village import PHONE


def boxed(version="v7.16", board="hex"):
    router = with_hotspot(version)
    life = Life(router)
    return router, life, Box(router, life, board)


def one(router, menu):
    (row,) = rows(router, menu)
    return row


def test_health_is_one_row_on_version_6_and_a_row_for_each_sensor_on_7():
    router, _, _ = boxed("v6.49.10")
    row = one(router, "/system/health")
    assert set(row) == {"voltage", "temperature"}
    assert 230 <= int(row["voltage"]) <= 250
    router, _, _ = boxed("v7.16")
    found = {
        row["name"]: (row["type"], float(row["value"])) for row in rows(router, "/system/health")
    }
    assert {name: unit for name, (unit, _) in found.items()} == {"voltage": "V", "temperature": "C"}
    assert 23 <= found["voltage"][1] <= 25
    assert all(row[".id"].startswith("*") for row in rows(router, "/system/health"))


@pytest.mark.parametrize("version", ["v6.49.10", "v7.24"])
def test_a_chr_has_no_sensors_no_board_and_a_licence_of_its_own_kind(version):
    router, _, _ = boxed(version, "chr")
    assert rows(router, "/system/health") == []
    assert one(router, "/system/routerboard") == {"routerboard": "false"}
    assert set(one(router, "/system/license")) == {"system-id", "level"}
    assert one(router, "/system/resource")["architecture-name"] == "x86_64"


@pytest.mark.parametrize("board", sorted(MODELS))
def test_every_board_describes_itself_with_whole_numbers(board):
    router, _, _ = boxed(board=board)
    row = one(router, "/system/resource")
    numbers = ("cpu-load", "free-memory", "total-memory", "free-hdd-space", "total-hdd-space")
    assert all(row[name].isdigit() for name in numbers)
    assert int(row["free-memory"]) < int(row["total-memory"])
    assert int(row["free-hdd-space"]) < int(row["total-hdd-space"])
    assert row["board-name"] == MODELS[board].board


def test_an_upgrade_from_6_to_7_turns_the_health_row_into_rows():
    router, _, _ = boxed("v6.49.10")
    one(router, "/system/health")
    router.upgrade("v7.16")
    assert {row["name"] for row in rows(router, "/system/health")} == {"voltage", "temperature"}


def test_a_busy_router_has_more_load_and_less_memory_than_an_idle_one():
    idle, _, _ = boxed()
    busy, life = full()
    Box(busy, life, "hex")
    busy.clock.advance(12 * HOUR)
    busy.tick()
    quiet, loaded = one(idle, "/system/resource"), one(busy, "/system/resource")
    assert int(loaded["free-memory"]) < int(quiet["free-memory"])
    assert all(1 <= int(row["cpu-load"]) <= 100 for row in (quiet, loaded))


def test_interfaces_count_what_guests_move_and_start_again_at_a_reboot():
    router, life, _ = boxed()
    add(router, "/ip/hotspot/user", name="ani")
    life.world.arrive(PHONE, "hotspot1")
    life.world.log_in(PHONE, "ani", "")
    life.world.spend(PHONE, bytes_in=1_000_000, bytes_out=9_000_000)
    ports = {row["name"]: row for row in rows(router, "/interface")}
    assert (ports["ether1"]["rx-byte"], ports["ether1"]["tx-byte"]) == ("9000000", "1000000")
    assert (ports["bridge1"]["rx-byte"], ports["bridge1"]["tx-byte"]) == ("1000000", "9000000")
    router.clock.advance(10)
    life.world.leave(PHONE)
    router.clock.advance(HOUR)
    later = {row["name"]: row for row in rows(router, "/interface")}
    assert int(later["ether1"]["rx-byte"]) > 9_000_000
    router.reboot()
    assert {row["rx-byte"] for row in rows(router, "/interface")} == {"0"}


def test_traffic_of_an_interface_is_measured_between_two_looks():
    router, life, _ = boxed()
    add(router, "/ip/hotspot/user", name="ani")
    life.world.arrive(PHONE, "hotspot1")
    life.world.log_in(PHONE, "ani", "")
    life.world.pace(PHONE, 10_000, 125_000)
    repeat = router.execute("/interface/monitor-traffic", ["=interface=ether1"])
    repeat.ask()
    router.clock.advance(10)
    router.tick()
    (row,) = repeat.ask().dicts()
    assert 1_000_000 <= int(row["rx-bits-per-second"]) <= 1_010_000


def test_device_mode_changes_when_somebody_presses_the_button_and_not_before():
    router, _, box = boxed("v7.24")
    router.menus["/system/device-mode"].one["hotspot"] = "no"
    router.execute("/system/device-mode/update", ["=hotspot=yes"])
    assert one(router, "/system/device-mode")["hotspot"] == "no"
    assert (box.press(), box.press()) == (True, False)
    assert one(router, "/system/device-mode")["hotspot"] == "yes"
    assert router.uptime() < 1


def test_ntp_says_whether_the_time_is_right():
    router, _, _ = boxed()
    router.lose_clock()
    assert one(router, "/system/ntp/client")["status"] == "waiting"
    router.learn_time()
    assert one(router, "/system/ntp/client")["status"] == "synchronized"


def read_file(router, name):
    text = ""
    while True:
        words = [f"=file={name}", f"=offset={len(text.encode())}", "=chunk-size=1000"]
        (row,) = router.execute("/file/read", words).dicts()
        if not row["data"]:
            return text
        text += row["data"]


def test_an_export_is_commands_that_can_be_read_again():
    router, _, _ = boxed()
    add(router, "/ip/hotspot/user/profile", name="1 jam", rate_limit="1M/2M", session_timeout="1h")
    add(router, "/ip/hotspot/user", name="ani", password='a"b$', profile="1 jam", comment="Bu Ani")
    router.execute("/export", ["=file=cadangan"])
    (row,) = rows(router, "/file")
    assert (row["name"], row["type"]) == ("cadangan.rsc", "script")
    text = read_file(router, "cadangan.rsc")
    assert text == row["contents"]
    assert int(row["size"]) == len(text)
    lines = text.replace("\\\r\n    ", "").split("\r\n")
    assert lines[0] == "# 2026-11-21 08:00:00 by RouterOS 7.16.2"
    assert 'add name="1 jam" rate-limit=1M/2M session-timeout=1h' in lines
    assert 'add comment="Bu Ani" name=ani profile="1 jam"' in lines
    router.execute("/export", ["=file=rahasia", "=show-sensitive="])
    assert 'password="a\\"b\\$"' in read_file(router, "rahasia.rsc")


def test_on_version_6_an_export_shows_passwords_unless_told_otherwise():
    router, _, _ = boxed("v6.49.10")
    add(router, "/ip/hotspot/user", name="ani", password="s3cret")
    router.execute("/export", ["=file=a"])
    router.execute("/export", ["=file=b", "=hide-sensitive="])
    shown, hidden = (row["contents"] for row in rows(router, "/file"))
    assert shown.startswith("# nov/21/2026 08:00:00 by RouterOS 6.49.10")
    assert ("s3cret" in shown, "s3cret" in hidden) == (True, False)
    assert "/ip hotspot user\r\nadd name=ani\r\n" in hidden


def test_a_backup_is_a_binary_file_that_can_be_read_in_pieces_from_7_13_on():
    router, _, _ = boxed()
    router.execute("/system/backup/save", ["=name=malam", "=dont-encrypt=yes"])
    (row,) = rows(router, "/file")
    assert (row["name"], row["type"], "contents" in row) == ("malam.backup", "backup", False)
    words = ["=file=malam.backup", "=offset=0", "=chunk-size=4"]
    (piece,) = router.execute("/file/read", words).dicts()
    assert piece["data"].encode("utf-8", "surrogateescape") == b"\x88\xac\xa1\xb1"
    with pytest.raises(Trap, match="out of range"):
        router.execute("/file/read", ["=file=malam.backup", "=chunk-size=99999"])
    with pytest.raises(Trap, match="no such item"):
        router.execute("/file/read", ["=file=other"])


def test_a_full_disk_refuses_a_backup_and_a_removed_file_makes_room():
    router, _, box = boxed()
    box.files.put("old.npk", "package", bytes(box.files.free - 10_000))
    with pytest.raises(Trap, match="action failed"):
        router.execute("/system/backup/save", ["=name=b"])
    router.execute("/file/remove", ["=.id=old.npk"])
    router.execute("/system/backup/save", ["=name=again"])


def test_the_same_seed_gives_the_same_load():
    def seen():
        router = VirtualRouter("v7.16", name="Balai", seed=4)
        Box(router, Life(router, crowd(4, 3, server="hotspot1")), "rb4011")
        router.clock.advance(1_234)
        return rows(router, "/system/resource"), rows(router, "/system/health")

    assert seen() == seen()
