"""Which addresses tell us whether we can see: read from what the system says, or chosen."""

from ronda.monitoring.canaries import Canary, choose, default_gateways, name_servers

ROUTES = """Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
ppp0\t00000000\t00000000\t0001\t0\t0\t9\t00000000\t0\t0\t0
"""

RESOLVERS = """# made by the system
nameserver 127.0.0.53
nameserver 9.9.9.9
nameserver fe80::1%eth0
nameserver nonsense
search example.net
"""


def test_the_default_gateway_is_read_from_the_routes():
    assert default_gateways(ROUTES) == ["192.168.1.1"]


def test_name_servers_of_this_machine_itself_are_no_canaries():
    assert name_servers(RESOLVERS) == ["9.9.9.9", "fe80::1"]


def test_what_the_operator_chose_wins_and_each_is_a_domain_of_its_own():
    chosen = choose(["10.0.0.1", "8.8.8.8", "10.0.0.1"], [Canary("1.1.1.1", "gateway")])

    assert chosen == {-1: Canary("10.0.0.1", "10.0.0.1"), -2: Canary("8.8.8.8", "8.8.8.8")}


def test_without_a_choice_the_system_s_are_taken_and_none_is_allowed():
    assert choose([], [Canary("192.168.1.1", "gateway")]) == {-1: Canary("192.168.1.1", "gateway")}
    assert choose([], []) == {}
