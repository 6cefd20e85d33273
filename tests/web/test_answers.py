"""What the API answers has one model for each shape, however many operations answer so."""

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
