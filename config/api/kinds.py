"""Every kind of problem the REST API answers with: what it means, and what to do. Served below /api/problems/."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

ADDRESS = "/api/problems/"


@dataclass(frozen=True)
class Kind:
    """A kind of problem: its status, a title of few words, and the remedy."""

    status: int
    title: str
    remedy: str


NEW_KEY = "Ask an administrator for a new key (Settings → API keys), or make one with manage.py apikey create."
KINDS: dict[str, Kind] = {
    "invalid": Kind(400, "Invalid input", "Correct what errors names, then send it again."),
    "bad_gzip": Kind(400, "Body does not unpack", "Send it as plain JSON, or pack it anew with gzip."),
    "parse_error": Kind(400, "Unreadable body", "Send one JSON value in UTF-8."),
    "idempotency_key_malformed": Kind(
        400, "Malformed idempotency key", "Send a fresh random name, such as a UUID, of at most 255 characters."
    ),
    "not_authenticated": Kind(401, "No API key", "Send Authorization: Bearer KEY, or sign in to the console."),
    "authentication_failed": Kind(401, "Not authenticated", "Send Authorization: Bearer KEY with a key of yours."),
    "key_unknown": Kind(401, "Unknown API key", f"Check that the whole key was copied. {NEW_KEY}"),
    "key_revoked": Kind(401, "Revoked API key", NEW_KEY),
    "key_expired": Kind(401, "Expired API key", NEW_KEY),
    "key_user_inactive": Kind(401, "API key without a user", NEW_KEY),
    "key_scope": Kind(
        403, "Scope of the key too narrow", "Use a key whose scope covers the call: read, write or admin."
    ),
    "permission_denied": Kind(403, "Not allowed", "Ask an administrator for a role that reaches this."),
    "second_step": Kind(403, "Second step missing", "Set it up under Your security in the console; keys need none."),
    "not_found": Kind(404, "Not found", "Check the address and the key in it; lists show what is there for you."),
    "method_not_allowed": Kind(405, "No such verb here", "Use a verb that the header Allow names."),
    "not_acceptable": Kind(406, "Answers are JSON", "Accept application/json."),
    "conflict": Kind(409, "Not possible in the present state", "Read it again, then decide."),
    "overtaken": Kind(409, "Overtaken by another request", "Read it again, then decide."),
    "idempotency_key_in_use": Kind(
        409, "First request still running", "Send the same again after Retry-After seconds."
    ),
    "idempotency_answer_lost": Kind(
        409, "Carried out, answer lost", "Look whether it is there; use a new key only if it is not."
    ),
    "too_large": Kind(413, "Body too large", "Send less at a time."),
    "unsupported_media_type": Kind(
        415, "Bodies are JSON", "Send Content-Type: application/json; a file as multipart/form-data."
    ),
    "idempotency_key_reused": Kind(
        422,
        "Idempotency key used for something else",
        "Use a new key for a new request, the same body for the same key.",
    ),
    "throttled": Kind(429, "Too many requests", "Wait for Retry-After seconds; RateLimit says how much is left."),
    "error": Kind(500, "A fault of ours", "Tell who runs this installation; the log has the rest."),
    "busy": Kind(503, "Database busy", "Send the same again after Retry-After seconds."),
}


def kind_of(code: str) -> Kind | None:
    """The kind with this code."""
    return KINDS.get(code)


@csrf_exempt
@require_safe
def explained(request: HttpRequest, code: str = "") -> HttpResponse:
    """What `type` of a problem leads to: the kind, or all of them. For everybody, as it tells of nobody."""
    shown = {name: _shown(name, kind) for name, kind in KINDS.items()}
    if not code:
        return JsonResponse({"results": list(shown.values())})
    return JsonResponse(shown[code])


def _shown(code: str, kind: Kind) -> dict[str, object]:
    return {"type": f"{ADDRESS}{code}/", "status": kind.status, "title": kind.title, "remedy": kind.remedy}
