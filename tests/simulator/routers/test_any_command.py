"""Whatever anybody sends, a simulated router answers or refuses; it never breaks."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ronda.simulator.routers.commands import Answer, Repeat
from ronda.simulator.routers.fleet import Fleet, Spec
from ronda.simulator.routers.furnish import complete
from ronda.simulator.routers.replies import Frame
from ronda.simulator.routers.traps import Trap

WORDS = """
    yes no 0 1 *0 *1 *2 *0,*1 default all none 1h 0s 1G 512k/2M ether1 api admin name full
    10.5.50.1 aa:bb:cc:dd:ee:ff
"""
VALUES = st.one_of(st.sampled_from(WORDS.split()), st.text(max_size=8))
API_WORDS = ".id numbers .proplist count-only once value-name copy-from no-such"
QUERIES = "?name ?-name ?name=default ?>uptime=5s ?#| ?#! ?#9 ?#x"


@pytest.fixture(scope="module", params=["v6.42", "v7.24"])
def router(request):
    spec = Spec(request.param, options={"tls": "off", "guests": 3})
    return Fleet([spec], furnish=[complete]).servings[0].router


@pytest.mark.slow
@given(data=st.data())
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_command_is_answered_or_refused(router, data):
    path = data.draw(st.sampled_from(sorted(router.menus)), "menu")
    commands = router.menus[path].schema.commands
    verb = data.draw(st.sampled_from(sorted(commands)), "verb")
    names = st.sampled_from([*sorted(commands[verb]), *API_WORDS.split()])
    given = data.draw(st.dictionaries(names, VALUES, max_size=6), "arguments")
    words = [f"={name}={value}" for name, value in given.items()]
    words += data.draw(st.lists(st.sampled_from(QUERIES.split()), max_size=3), "query")
    try:
        outcome = router.execute(f"{path}/{verb}", words)
    except Trap as refused:
        Frame(None).trap(refused)
        return
    answer = outcome.ask() if isinstance(outcome, Repeat) else outcome
    if isinstance(answer, Answer):
        Frame(None).answer(answer, has_empty=True)
    router.clock.advance(1.0)
    router.tick()
