"""What the OpenAPI document says of every operation besides what its room says."""

import re
from typing import Any

from config.api.examples import EXAMPLES
from config.api.problems import problem

PLAIN_KEY = "^[!#-\\[\\]-~]+$"

PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457). /api/problems/ lists all kinds.",
    "required": ["type", "title", "status", "detail", "code", "message"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "Leads to what this kind means."},
        "title": {"type": "string", "description": "The kind in a few words."},
        "remedy": {"type": "string", "description": "What to do."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong this time."},
        "code": {"type": "string", "description": "The kind, for machines."},
        "message": {"type": "string", "description": "The same as detail."},
        "errors": {
            "type": "array",
            "description": "With status 400: every field that is wrong.",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
WRONG = [{"field": "external_ids[0].source", "message": "There is no source 'prodct'. There are: product."}]
ANSWERS = {
    "400": ("invalid", "The request is wrong; `errors` names every field."),
    "401": ("key_expired", "The API key is missing, unknown, revoked or expired; `code` says which."),
    "403": ("key_scope", "The key's scope or the role does not allow this."),
    "404": ("not_found", "There is no such thing, or it is not yours to see."),
    "406": ("not_acceptable", "The answer would be JSON, and JSON is not accepted."),
    "409": (
        "conflict",
        "Not possible in the present state, or the first one is still running; nothing was changed.",
    ),
    "413": ("too_large", "The body is too large."),
    "415": ("unsupported_media_type", "The body is not of the kind that is taken here."),
    "422": ("idempotency_key_reused", "The Idempotency-Key was sent with another request before."),
    "429": ("throttled", "Too many calls in this minute."),
    "503": ("busy", "The database is busy; nothing was changed."),
}
"""Status → the kind that its example shows, and when it comes."""
WAITS = {"409", "429", "503"}
READS = ("400", "401", "403", "406", "429", "503")
WRITES = ("400", "401", "403", "406", "409", "413", "415", "422", "429", "503")
VERBS = ("get", "post", "put", "patch", "delete")
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A name of your own for the request: sent again, it has one effect and the same answer, for 3 days.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": PLAIN_KEY},
    "example": "7a3f6f0e-1c1b-4d53-9d0a-0d9c4b1d2e11",
}
LONGEST_SUMMARY = 100


def describe(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Postprocessing hook: gives each operation its summary, example, key and the answers with which it can fail."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    for schema in components["schemas"].values():
        for field in schema.get("properties", {}).values():
            if field.get("readOnly") and field.get("format") == "email":
                del field["format"]  # which an address that is not known is not
    components["parameters"] = {"IdempotencyKey": IDEMPOTENCY_KEY}
    components["responses"] = {f"Problem{code}": _response(code) for code in ANSWERS}
    tags: dict[str, str] = {}
    for path, operations in result["paths"].items():
        for verb, operation in operations.items():
            if verb in VERBS:
                operation["summary"] = _summary(operation, verb, path)
                _explain(operation, reads=verb == "get", found="{" in path)
                tags.setdefault(operation["tags"][0], operation["description"])
    result["tags"] = [{"name": name, "description": about} for name, about in sorted(tags.items())]
    return result


def _summary(operation: dict[str, Any], verb: str, path: str) -> str:
    """A line for tables of contents: what a write does, or which rows a read shows."""
    if verb != "get":
        first = re.split(r"[.:;](?:\s|$)", operation["description"], maxsplit=1)[0]
        return first if len(first) <= LONGEST_SUMMARY else f"{first[: LONGEST_SUMMARY - 1].rpartition(' ')[0]} …"
    words = " ".join(part for part in path.removeprefix("/api/v1/").split("/") if part and "{" not in part)
    shows = "List" if not operation["operationId"].endswith("_retrieve") else "Show"
    return f"{'Show one of' if path.endswith('}/') else shows} {words.replace('-', ' ')}"


def _explain(operation: dict[str, Any], *, reads: bool, found: bool) -> None:
    codes = READS if reads else WRITES
    for code in (*codes, "404") if found else codes:
        operation["responses"].setdefault(code, {"$ref": f"#/components/responses/Problem{code}"})
    operation["responses"] = dict(sorted(operation["responses"].items()))
    if not reads:
        operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/IdempotencyKey"})
    example = EXAMPLES.get(operation["operationId"])
    if example is not None:
        shown = next(iter(operation["requestBody"]["content"].values()))
        shown.setdefault("examples", {"Example": {"value": example}})


def _response(code: str) -> dict[str, Any]:
    kind, text = ANSWERS[code]
    example = problem(int(code), kind, text) | ({"errors": WRONG} if code == "400" else {})
    shown = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
    found: dict[str, Any] = {"description": text, "content": {"application/problem+json": shown}}
    if code in WAITS:
        waits = {"description": "Seconds to wait before it is sent again.", "schema": {"type": "integer"}}
        found["headers"] = {"Retry-After": waits}
    return found
