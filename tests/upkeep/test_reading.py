"""Health in the shapes that v6 and v7 print."""

from datetime import UTC, datetime, timedelta

from ronda.upkeep.service.reading import clock_off, health_of, number_of, sensors_of

NOW = datetime(2026, 11, 21, 5, 0, 10, tzinfo=UTC)


def test_the_row_of_a_v6_board():
    health = health_of(
        [
            {
                "uptime": "1w2d3h4m5s",
                "cpu-load": "7",
                "free-memory": "30000000",
                "total-memory": "67108864",
                "free-hdd-space": "3000000",
                "total-hdd-space": "16777216",
            }
        ],
        [{"voltage": "243", "temperature": "41", "fan1-speed": "3200", "psu1-state": "ok"}],
        [{"time": "12:00:40", "date": "nov/21/2026", "gmt-offset": "+07:00"}],
        NOW,
    )
    assert health.uptime_s == int(timedelta(days=9, hours=3, minutes=4, seconds=5).total_seconds())
    assert (health.cpu, health.memory_free, health.disk_total) == (7.0, 30_000_000, 16_777_216)
    assert health.sensors == (
        ("voltage", 24.3, "V"),
        ("temperature", 41.0, "C"),
        ("fan1-speed", 3200.0, "RPM"),
        ("psu1-state", "ok", ""),
    )
    assert (health.temperature, health.voltage) == (41.0, 24.3)
    assert health.clock_off_s == 30.5


def test_the_rows_of_a_v7_board():
    rows = [
        {".id": "*D", "name": "cpu-temperature", "value": "57", "type": "C"},
        {".id": "*E", "name": "board-temperature1", "value": "35", "type": "C"},
        {".id": "*F", "name": "psu1-voltage", "value": "24.1", "type": "V"},
        {".id": "*10", "name": "psu2-voltage", "value": "0", "type": "V"},
        {".id": "*11", "name": "fan-state", "value": "ok", "type": ""},
        {".id": "*12", "name": "jack-voltage"},
    ]
    health = health_of([{}], rows, [], NOW)
    assert (health.temperature, health.voltage) == (57.0, 24.1)
    assert sensors_of(rows)[-2:] == [("fan-state", "ok", ""), ("jack-voltage", "", "")]


def test_a_virtual_router_has_no_sensors_and_nonsense_is_unknown():
    health = health_of([], [], [{"time": "25:00:00"}], NOW)
    assert (health.uptime_s, health.cpu, health.temperature, health.clock_off_s) == (None,) * 4
    assert [
        number_of(text) for text in ("", "ok", "1e5", "\N{ARABIC-INDIC DIGIT ONE}", "-3.5", " 4")
    ] == [
        None,
        None,
        None,
        None,
        -3.5,
        4.0,
    ]


def test_a_clock_before_its_first_time_from_the_network_is_years_behind():
    row = {"time": "00:00:12", "date": "jan/02/1970", "gmt-offset": "+00:00"}
    assert clock_off(row, NOW) < -1_000_000_000
    assert clock_off({**row, "date": "2026-11-21", "time": "24:00:00"}, NOW) is None
    west = {"time": "01:00:10", "date": "2026-11-21", "gmt-offset": "-04:00"}
    assert clock_off(west, NOW) == 0.5
