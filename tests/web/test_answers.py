"""What the API answers is described once, however many operations answer so and however often it is asked for."""

from ronda.app.api import Described
from ronda.app.doors import doors
from ronda.web.answers import FAILURES, Failure


def test_a_failure_has_one_model_in_all_operations() -> None:
    models = {
        operation.response_models[status]
        for door in doors()
        for operation in door.operations
        if door.path.startswith("/api/v1/")
        for status in FAILURES
        if status in operation.response_models
    }
    assert [model.model_fields["response"].annotation for model in models] == [Failure]


def test_the_description_is_written_down_once() -> None:
    api = Described(urls_namespace="once")
    document = api.get_openapi_schema(path_prefix="/a/")
    assert api.get_openapi_schema(path_prefix="/a/") is document
    assert api.get_openapi_schema(path_prefix="/b/") is not document
