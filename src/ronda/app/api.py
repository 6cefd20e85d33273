"""The JSON doors: `/api/v1` with OpenAPI, and `/api` with the older systems' paths and shapes."""

import math
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, AuthorizationError, HttpError, Throttled
from ninja.errors import ValidationError as NinjaValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser

import ronda
from ronda.accounts import api as accounts
from ronda.accounts.api_access import router as access_v1
from ronda.accounts.throttle import CallerThrottle
from ronda.alerts.api import router as alerts_v1
from ronda.alerts.api_addresses import router as addresses_v1
from ronda.alerts.api_channels import router as channels_v1
from ronda.alerts.api_duty import router as duty_v1
from ronda.alerts.api_messages import router as messages_v1
from ronda.alerts.api_rules import router as alert_rules_v1
from ronda.alerts.api_telling import router as telling_v1
from ronda.alerts.api_wordings import router as wordings_v1
from ronda.alerts.older import router as alerts_older
from ronda.app.scoping import guarded
from ronda.devices import api as devices
from ronda.devices import export_api, transfer_api
from ronda.hotspot.api import router as hotspot_v1
from ronda.hotspot.api_wanted import router as hotspot_wanted_v1
from ronda.hotspot.older import router as hotspot_older
from ronda.hotspot.older_usage import router as usage_older
from ronda.incidents.api import router as incidents_v1
from ronda.monitoring import api as monitoring
from ronda.monitoring import older as monitoring_older
from ronda.monitoring.maintenance_api import router as maintenance_v1
from ronda.overview import api as overview
from ronda.overview.usage_api import router as usage_v1
from ronda.routers import api as routers
from ronda.routers import older as routers_older
from ronda.shop.api_members import router as members_v1
from ronda.shop.api_orders import router as orders_v1
from ronda.shop.api_packages import router as packages_v1
from ronda.shop.api_payments import router as payments_v1
from ronda.shop.api_sales import router as sales_v1
from ronda.shop.api_vouchers import router as vouchers_v1
from ronda.shop.older_orders import router as orders_older
from ronda.shop.older_packages import router as packages_older
from ronda.shop.older_vouchers import router as vouchers_older
from ronda.upkeep import api as upkeep
from ronda.web.answers import Failure, Problem, Refused


class Objects(Parser):
    """Bodies of `/api/v1` are JSON objects.

    ninja reads fields off any value by attribute, so a list would pass as an object that leaves
    everything out, and `notices/delete` with a list by mistake would mean its default.
    """

    def parse_body(self, request: HttpRequest) -> Any:
        """The body's fields; whatever is raised here becomes 400."""
        body = super().parse_body(request)
        if not isinstance(body, dict):
            raise TypeError("not an object")
        return body


class Described(NinjaAPI):
    """An API that describes itself once: its thousand answers take seconds of a processor to write down."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._documents: dict[str, OpenAPISchema] = {}

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The OpenAPI document; nobody may change it."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self._documents:
            self._documents[prefix] = super().get_openapi_schema(path_prefix=prefix)
        return self._documents[prefix]


v1 = Described(
    parser=Objects(),
    title="Ronda",
    version=ronda.__version__,
    description="Everything the pages do. Sign in with a token: `Authorization: Bearer …` "
    "(`ronda user token NAME` makes one).",
    urls_namespace="v1",
    docs_url="/docs",
    throttle=CallerThrottle(),
)
older = NinjaAPI(
    title="Ronda, older paths",
    urls_namespace="older",
    docs_url=None,
    openapi_url=None,
    throttle=CallerThrottle(),
)


def _failure(api: NinjaAPI, request: HttpRequest, status: int, problem: Problem) -> HttpResponse:
    if api is older:
        # Readers of the older paths look for these two keys.
        body: Any = {"success": False, "message": problem.message, "error": problem.message}
        return api.create_response(request, body, status=status)
    return api.create_response(request, Failure(error=problem).model_dump(), status=status)


def _answer_errors(api: NinjaAPI) -> None:
    def refused(request: HttpRequest, error: Refused) -> HttpResponse:
        return _failure(api, request, error.status, error.problem)

    def unknown(request: HttpRequest, error: Http404) -> HttpResponse:
        return _failure(
            api,
            request,
            404,
            Problem(code="not-found", message=str(error) or _("There is no such thing.")),
        )

    def stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return _failure(
            api, request, 401, Problem(code="sign-in", message=_("Sign in or send a token."))
        )

    def forbidden(request: HttpRequest, error: Exception) -> HttpResponse:
        return _failure(
            api,
            request,
            403,
            Problem(
                code="role",
                message=_("Your role does not allow this; ask an owner or administrator."),
            ),
        )

    def too_often(request: HttpRequest, error: Throttled) -> HttpResponse:
        answer = _failure(
            api,
            request,
            429,
            Problem(code="too-often", message=_("Too many requests; wait a little.")),
        )
        if error.wait:
            answer["Retry-After"] = str(math.ceil(error.wait))
        return answer

    def other(request: HttpRequest, error: HttpError) -> HttpResponse:
        return _failure(
            api, request, error.status_code, Problem(code="refused", message=str(error))
        )

    def badly_formed(request: HttpRequest, error: NinjaValidationError) -> HttpResponse:
        fields: dict[str, list[str]] = {}
        for item in error.errors:
            where = ".".join(str(part) for part in item["loc"][1:]) or str(item["loc"][0])
            fields.setdefault(where, []).append(str(item["msg"]))
        return _failure(
            api,
            request,
            422,
            Problem(code="invalid", message=_("Some values do not fit."), fields=fields),
        )

    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        fields = (
            dict(error.message_dict) if hasattr(error, "error_dict") else {"": list(error.messages)}
        )
        return _failure(
            api,
            request,
            422,
            Problem(code="invalid", message=_("Some values do not fit."), fields=fields),
        )

    for kind, handler in (
        (Refused, refused),
        (Http404, unknown),
        (AuthenticationError, stranger),
        (AuthorizationError, forbidden),
        (PermissionDenied, forbidden),
        (Throttled, too_often),
        (NinjaValidationError, badly_formed),
        (ValidationError, invalid),
        (HttpError, other),
    ):
        api.add_exception_handler(kind, handler)  # type: ignore[arg-type] # one list for all kinds


_answer_errors(v1)
_answer_errors(older)
v1.add_decorator(guarded("v1"))
older.add_decorator(guarded("older"))

v1.add_router("", devices.router)
v1.add_router("", accounts.router)
v1.add_router("", access_v1)
v1.add_router("", upkeep.router)
v1.add_router("", routers.router)
v1.add_router("", transfer_api.router)
v1.add_router("", export_api.router)
v1.add_router("", monitoring.router)
v1.add_router("", maintenance_v1)
older.add_router("", monitoring_older.router)
older.add_router("", routers_older.router)
v1.add_router("", incidents_v1)
v1.add_router("", alerts_v1)
v1.add_router("", telling_v1)
v1.add_router("", alert_rules_v1)
v1.add_router("", duty_v1)
v1.add_router("", addresses_v1)
v1.add_router("", channels_v1)
v1.add_router("", messages_v1)
v1.add_router("", wordings_v1)
v1.add_router("", overview.router)
v1.add_router("", usage_v1)
older.add_router("", alerts_older)
older.add_router("", usage_older)
older.add_router("", hotspot_older)
v1.add_router("", hotspot_v1)
v1.add_router("", hotspot_wanted_v1)
v1.add_router("", orders_v1)
older.add_router("", orders_older)
v1.add_router("", payments_v1)
v1.add_router("", packages_v1)
v1.add_router("", vouchers_v1)
v1.add_router("", sales_v1)
v1.add_router("", members_v1)
older.add_router("", packages_older)
older.add_router("", vouchers_older)
