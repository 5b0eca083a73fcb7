"""Errors of the REST API as problem details (RFC 9457), with every field that is wrong."""

import logging
import math
from http import HTTPStatus
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import set_rollback

from config.api.kinds import ADDRESS, kind_of

CONTENT_TYPE = "application/problem+json"
WHOLE = {"non_field_errors", NON_FIELD_ERRORS}
"""Names under which errors about no single field come."""
log = logging.getLogger(__name__)


class Overtaken(exceptions.APIException):
    """Two requests wrote the same thing at the same moment; the database kept one."""

    status_code = 409
    default_detail = "Somebody else wrote this at the same moment. Read it again, then decide."
    default_code = "overtaken"


class Busy(exceptions.APIException):
    """The database did not answer in time; nothing was written."""

    status_code = 503
    default_detail = "The database is busy. Nothing was changed; send it again."
    default_code = "busy"
    wait = 5


@csrf_exempt  # changes nothing
def unknown_path(request: HttpRequest, *place: str) -> HttpResponse:
    """Answers below /api/ where there is no route."""
    hint = "" if request.path.endswith("/") else " Addresses end with a slash."
    body = problem(404, "not_found", f"There is no such address.{hint} /api/v1/schema/ lists all of them.")
    return JsonResponse(body, status=404, content_type=CONTENT_TYPE)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's refusal of a request before any view saw it, such as a host that is not ours."""
    if not request.path.startswith("/api/"):
        return defaults.bad_request(request, exception)
    body = problem(400, "invalid", "The request is malformed, or its Host is not one of this installation.")
    return JsonResponse(body, status=400, content_type=CONTENT_TYPE)


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours."""
    if not request.path.startswith("/api/"):
        return defaults.server_error(request)
    body = problem(500, "error", "Something went wrong here. Nothing of what was asked is promised to have happened.")
    return JsonResponse(body, status=500, content_type=CONTENT_TYPE)


def too_many(wait_s: float) -> HttpResponse:
    """The answer where a limit is used up outside of the views of the REST API."""
    body = problem(429, "throttled", f"Too many requests. Try again in {math.ceil(wait_s)} seconds.")
    response = JsonResponse(body, status=429, content_type=CONTENT_TYPE)
    response["Retry-After"] = str(math.ceil(wait_s))
    return response


def second_step_missing() -> HttpResponse:
    """The answer to somebody in the console's session who has to set up two-step sign-in first."""
    body = problem(403, "second_step", "Two-step sign-in is demanded of you. Set it up on your security page.")
    return JsonResponse(body, status=403, content_type=CONTENT_TYPE)


def problem(status: int, code: str, detail: str) -> dict[str, Any]:
    """A problem; `code` and `message` say the same as on the signal doors, for clients that read both."""
    kind = kind_of(code)
    if kind is None:
        known = {"type": "about:blank", "title": HTTPStatus(status).phrase}
    else:
        known = {"type": f"{ADDRESS}{code}/", "title": kind.title, "remedy": kind.remedy}
    return known | {"status": status, "detail": detail, "code": code, "message": detail}


def problem_details(error: Exception, context: dict[str, Any]) -> Response | None:
    """The response for `error`; None for what is a fault of ours and must be seen as one."""
    known = _known(error)
    if known is None:
        return None
    set_rollback()
    if request := context.get("request"):
        # Also where the answer would have been YAML, or where nothing that is accepted can be made.
        request.accepted_renderer, request.accepted_media_type = JSONRenderer(), JSONRenderer.media_type
    body = problem(known.status_code, str(known.default_code), _sentence(known))
    if isinstance(known, exceptions.ValidationError):
        body["errors"] = _errors(known.detail)
    response = Response(body, status=known.status_code, content_type=CONTENT_TYPE)
    if header := getattr(known, "auth_header", None):
        response["WWW-Authenticate"] = header
    if wait := getattr(known, "wait", None):
        response["Retry-After"] = str(math.ceil(wait))
    return response


def _known(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, exceptions.APIException):
        return error
    if isinstance(error, Http404):
        return exceptions.NotFound("There is no such thing, or it is not yours to see.")
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, DjangoValidationError):
        return exceptions.ValidationError(error.message_dict if hasattr(error, "error_dict") else error.messages)
    if isinstance(error, IntegrityError):
        log.warning("A request was overtaken: %s.", type(error).__name__)  # its text may quote what was sent
        return Overtaken()
    if isinstance(error, OperationalError):
        log.exception("The database did not answer.")
        return Busy()
    return None


def _sentence(error: exceptions.APIException) -> str:
    if isinstance(error, exceptions.ValidationError):
        return "Some fields are wrong; see errors."
    return str(error.detail)


def _errors(detail: Any, path: str = "") -> list[dict[str, str]]:
    """Every message with the path of its field, whatever the nesting."""
    if isinstance(detail, dict):
        return [found for name, inner in detail.items() for found in _errors(inner, _below(path, name))]
    if isinstance(detail, list):
        nested = any(isinstance(inner, (dict, list)) for inner in detail)
        return [
            found
            for index, inner in enumerate(detail)
            for found in _errors(inner, f"{path}[{index}]" if nested else path)
        ]
    *above, last = path.split(".")
    return [{"field": ".".join(above) if last in WHOLE else path, "message": str(detail)}]


def _below(path: str, name: str | int) -> str:
    """The path of a field or of a place in a list."""
    if isinstance(name, int):
        return f"{path}[{name}]"
    return f"{path}.{name}" if path else name
