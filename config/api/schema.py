"""What the OpenAPI document says of every operation: how it can fail."""

from typing import Any

PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code", "message"],
    "properties": {
        "type": {"type": "string", "example": "about:blank"},
        "title": {"type": "string", "example": "Bad Request"},
        "status": {"type": "integer", "example": 400},
        "detail": {"type": "string", "example": "Some fields are wrong; see errors."},
        "code": {"type": "string", "description": "For machines.", "example": "invalid"},
        "message": {
            "type": "string",
            "description": "The same as detail.",
            "example": "Some fields are wrong; see errors.",
        },
        "errors": {
            "type": "array",
            "description": "With status 400: every field that is wrong.",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {
                    "field": {"type": "string", "example": "external_ids[0].source"},
                    "message": {"type": "string", "example": "There is no source 'prodct'. There are: product."},
                },
            },
        },
    },
}
ANSWERS = {
    "400": "The request is wrong; `errors` names every field.",
    "401": "The API key is missing, wrong, revoked or expired.",
    "403": "The key's scope or the role does not allow this.",
    "404": "There is no such thing, or it is not yours to see.",
    "409": "Not possible in the present state; nothing was changed.",
    "413": "The body is too large.",
    "415": "The body is not application/json.",
}
READS, WRITES = ("400", "401", "403"), ("400", "401", "403", "409", "413", "415")
VERBS = ("get", "post", "put", "patch", "delete")


def add_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Postprocessing hook: names the answers with which each operation can fail."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["responses"] = {f"Problem{code}": _response(text) for code, text in ANSWERS.items()}
    for path, operations in result["paths"].items():
        for verb, operation in operations.items():
            if verb in VERBS:
                _fails(operation, READS if verb == "get" else WRITES, found="{" in path)
    return result


def _fails(operation: dict[str, Any], codes: tuple[str, ...], *, found: bool) -> None:
    for code in (*codes, "404") if found else codes:
        operation["responses"].setdefault(code, {"$ref": f"#/components/responses/Problem{code}"})


def _response(text: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": text, "content": content}
