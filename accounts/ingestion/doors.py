"""The signal doors: check key, size and shape, store, answer. What it means is found out afterwards, by the fold."""

import base64
import binascii
from typing import Any

from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from accounts.foundation.clock import now
from accounts.ingestion import services, wire
from accounts.ingestion.wire import Refused
from accounts.team import keys
from accounts.team.models import ApiKey

CALLS = {
    "batch": "batch",
    "import": "batch",
    "b": "batch",
    "track": "track",
    "t": "track",
    "identify": "identify",
    "i": "identify",
    "group": "group",
    "g": "group",
    "page": "page",
    "p": "page",
    "screen": "screen",
    "alias": "alias",
    "a": "alias",
}
"""Path → call, long and short as clients use them."""
METHODS = "POST, OPTIONS"


@csrf_exempt  # machines with a key of their own; no cookie is read
def door(request: HttpRequest, path: str) -> HttpResponse:
    """Answers one request of a Segment-compatible client: 200 once it is stored."""
    try:
        response = _answer(request, CALLS[path])
    except Refused as refused:
        response = JsonResponse({"code": refused.code, "message": refused.message}, status=refused.status)
        if refused.status == 405:
            response["Allow"] = METHODS
    except Error:  # the database is away, busy, or went away meanwhile
        response = JsonResponse({"code": "try_again", "message": "Nothing was stored. Send it again."}, status=503)
        response["Retry-After"] = "5"
    return _with_cors(response)


def _answer(request: HttpRequest, call: str) -> HttpResponse:
    if request.method == "OPTIONS":
        return HttpResponse(status=204)
    if request.method != "POST":
        raise Refused(405, "method_not_allowed", "Send signals with POST.")
    at, key = now(), _key(request)  # asked first: a stranger's body is not even unpacked
    body = wire.unpacked(_body(request), encoding=request.headers.get("Content-Encoding", ""))
    found = wire.checked(body, call=call)
    key = key or _known(found.write_key)
    services.accept(body, call=call, source=key.source, at=at)  # type: ignore[arg-type]
    keys.seen(key, at=at)
    answer: dict[str, Any] = {"success": True, "accepted": found.count - len(found.problems)}
    if found.problems:
        answer["quarantined"] = found.problems[:100]
    return JsonResponse(answer)


def _body(request: HttpRequest) -> bytes:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isascii() and length.isdigit() and (len(length) > 10 or int(length) > wire.MAX_RAW):
        raise Refused(413, "too_large", f"A request may hold {wire.MAX_RAW // 2**20} MiB. Send smaller batches.")
    try:
        return request.read(wire.MAX_RAW + 1)
    except UnreadablePostError as error:
        raise Refused(400, "cut_off", "The request ended early. Send it again.") from error


def _key(request: HttpRequest) -> ApiKey | None:
    """The key of HTTP Basic (as user name) or Bearer; None where the header is missing."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return _known(text)
    if scheme.lower() != "basic":
        return None
    try:
        name, _, _ = base64.b64decode(text, validate=True).decode("latin-1").partition(":")
    except (binascii.Error, ValueError):
        return _known(None)
    return _known(name)


def _known(text: str | None) -> ApiKey:
    key = keys.recognise(text, at=now()) if text else None
    if key is None:
        raise Refused(401, "wrong_key", "The write key is missing, wrong, revoked or expired.")
    if key.scope != ApiKey.Scope.INGEST or key.source is None:
        raise Refused(401, "wrong_scope", "This key may not send signals. Create one of scope ingest.")
    return key


def _with_cors(response: HttpResponse) -> HttpResponse:
    """Lets browsers on any site send signals: a write key is public there, and no cookie is involved."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Allow-Methods"] = METHODS
    response["Access-Control-Allow-Headers"] = "authorization, content-type, content-encoding"
    response["Access-Control-Max-Age"] = "86400"
    return response
