"""The one shape of a JSON error of `/api/v1`, the exception that becomes it, and how a day is asked for."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from ninja import Schema
from ninja.operation import Operation
from pydantic import BaseModel, BeforeValidator


class Answer(BaseModel):
    """What lists of many rows answer with, made from dictionaries.

    ninja's `Schema` reads each field of each row through an object of its own, for the sake of models
    and of resolvers: half of the time that a list of fifty took.
    """


class Problem(Schema):
    """What went wrong: a stable `code`, a sentence in the caller's language, the fields concerned."""

    code: str
    message: str
    fields: dict[str, list[str]] = {}


class Failure(Schema):
    """The body of every answer that is not a success."""

    error: Problem


class Refused(Exception):
    """An expected refusal of a request; becomes a `Failure` with this status."""

    def __init__(
        self, status: int, code: str, message: str, fields: Mapping[str, list[str]] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.problem = Problem(code=code, message=message, fields=dict(fields or {}))


_model_of = Operation._create_response_model  # noqa: SLF001 -- ninja has no other door to it
_made: dict[Any, type[Schema] | None] = {}


def _made_once(operation: Operation, response_param: Any) -> type[Schema] | None:
    if response_param not in _made:
        _made[response_param] = _model_of(operation, response_param)
    return _made[response_param]


# ninja makes a class for every status of every operation, thirteen hundred of them, which took half the start of
# a web process; those of one shape are alike.
Operation._create_response_model = _made_once  # type: ignore[assignment]  # noqa: SLF001

# What any operation may answer besides its success; `response={200: …, **FAILURES}`.
FAILURES = dict.fromkeys((400, 401, 403, 404, 409, 422, 429, 503), Failure)


def _no_number(value: object) -> object:
    """Refuse `0` and the like, which would be taken as seconds since 1970."""
    if isinstance(value, str) and "-" not in value:
        raise ValueError("a day is written like 2026-11-21")
    return value


#: A day in an address, written as people write it.
IsoDay = Annotated[date, BeforeValidator(_no_number)]
