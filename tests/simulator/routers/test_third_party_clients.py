"""Three clients by other people do the same things and see the same: proof from outside.

node-routeros cannot read the `!empty` of 7.18 and later, so it meets older routers only.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import librouteros
import pytest
import routeros_api
from librouteros.exceptions import LibRouterosError
from routeros_api.exceptions import RouterOsApiError

from ronda.simulator.routers.control import SimulatedRouters

ROOT = Path(__file__).resolve().parents[3]
USERS = "/ip/hotspot/user"
INSTALL = "npm ci --ignore-scripts"


def expected(profile):
    """What each step gives: rows, or the text of the failure."""
    older = profile.startswith("v6")
    return {
        "wrong login": "invalid user name or password (6)",
        "print": [{"name": "MikroTik"}],
        "query": [{"name": "siti", "profile": "default", "disabled": "true"}],
        "stack": [
            {"name": "budi", "profile": "default", "disabled": "false"},
            {"name": "siti", "profile": "default", "disabled": "true"},
        ],
        "nothing": [],
        "count": [{"ret": "3"}],
        "add": [{"ret": "ID"}],
        "duplicate": "failure: already have user with this name for this server",
        "set": [],
        "changed": [{"name": "vc-1", "limit-uptime": "2h", "limit-bytes-total": "1048576"}],
        "parameter": "unknown parameter uptime-limit",
        "reference": "input does not match any value of profile",
        "command": "no such command",
        "menu": "no such command prefix",
        "remove": [],
        "removed": "no such item (4)" if older else "no such item",
    }


@pytest.fixture(params=["v6.49.10", "v7.16", "v7.24"])
def router(request):
    with SimulatedRouters(request.param) as routers:
        routers[0].insert(USERS, name="budi")
        routers[0].insert(USERS, name="siti", disabled="true")
        yield routers[0]


def test_librouteros(router):
    def connect(password):
        return librouteros.connect(router.host, router.user, password, port=router.port)

    api = connect(router.password)

    def tell(command, *words):
        return [
            {name: as_sent(value) for name, value in row.items()}
            for row in api.rawCmd(command, *words)
        ]

    results = play(lambda: connect("wrong"), tell, LibRouterosError)
    api.close()
    assert results == expected(router.profile)


def as_sent(value):
    """librouteros turns words into numbers and booleans by their looks."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_routeros_api(router):
    def pool(password):
        made = routeros_api.RouterOsApiPool(
            router.host, router.user, password, port=router.port, plaintext_login=True
        )
        pools.append(made)
        return made

    pools = []
    api = pool(router.password).get_api()

    def tell(command, *words):
        path, _, verb = command.rpartition("/")
        arguments = dict(word[1:].split("=", 1) for word in words if word[0] == "=")
        asked = [word[1:].encode() for word in words if word[0] == "?"]
        reply = api.get_resource(path).call(verb, arguments, additional_queries=asked)
        done = [{"ret": reply.done_message["ret"]}] if "ret" in reply.done_message else []
        return [dict(row) for row in reply] + done

    results = play(lambda: pool("wrong").get_api(), tell, RouterOsApiError)
    for each in pools:
        each.disconnect()
    # It keeps query words in a set: what the order decides is left to the other two.
    assert {**results, "stack": None} == {**expected(router.profile), "stack": None}


def play(log_in_wrongly, tell, failure):
    """The fixed script with a client that runs in this process."""
    results = {}

    def step(name, *words):
        try:
            results[name] = tell(*words)
        except failure as refused:
            results[name] = message_of(refused)

    try:
        log_in_wrongly()
    except failure as refused:
        results["wrong login"] = message_of(refused)
    only = "=.proplist=name,profile,disabled"
    step("print", "/system/identity/print")
    step("query", f"{USERS}/print", "?profile=default", "?disabled=true", only)
    step("stack", f"{USERS}/print", "?name=budi", "?name=siti", "?#|", only)
    step("nothing", f"{USERS}/print", "?name=nobody")
    step("count", f"{USERS}/print", "=count-only=")
    step("add", f"{USERS}/add", "=name=vc-1", "=limit-uptime=7200", "=comment=")
    made = f"=.id={results['add'][0]['ret']}"
    step("duplicate", f"{USERS}/add", "=name=vc-1")
    step("set", f"{USERS}/set", made, "=limit-bytes-total=1048576")
    limits = "=.proplist=name,limit-uptime,limit-bytes-total"
    step("changed", f"{USERS}/print", "?name=vc-1", limits)
    step("parameter", f"{USERS}/add", "=name=x", "=uptime-limit=1h")
    step("reference", f"{USERS}/add", "=name=x", "=profile=none such")
    step("command", f"{USERS}/fly")
    step("menu", "/no/such/menu/print")
    step("remove", f"{USERS}/remove", made)
    step("removed", f"{USERS}/remove", made)
    return with_id_named(results)


def message_of(refused):
    """The router's own words, out of however the client wraps them."""
    original = getattr(refused, "original_message", None)
    if original is not None:
        return original.decode() if isinstance(original, bytes) else original
    return getattr(refused, "message", None) or str(refused)


def with_id_named(results):
    """Ids differ from router to router."""
    assert results["add"][0]["ret"].startswith("*")
    return {**results, "add": [{"ret": "ID"}]}


@pytest.mark.parametrize("router", ["v6.49.10", "v7.16"], indirect=True)
def test_node_routeros(router):
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules" / "node-routeros").exists():
        missing = f"node-routeros is missing: {INSTALL}"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    script = ROOT / "tests/simulator/routers/third_party.mjs"
    run = subprocess.run(
        [node, str(script), router.host, str(router.port), router.user, router.password],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    results = json.loads(run.stdout)
    assert results.pop("cancel") == {"name": "heard"}
    assert results.pop("wrong login") == "Username or password is invalid"  # Its own words.
    wanted = {
        name: told for name, told in expected(router.profile).items() if name != "wrong login"
    }
    assert with_id_named(results) == wanted
