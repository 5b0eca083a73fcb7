"""Answers held against the OpenAPI document."""

from typing import Any

from openapi_schema_validator import OAS31Validator


def conforms(document: dict[str, Any], path: str, body: Any) -> None:
    """Asserts that `body` is what the document says a GET of `path` answers, with nothing it does not mention."""
    schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    found = list(OAS31Validator({**schema, "components": _closed(document)}).iter_errors(body))
    assert not found, "\n".join(f"{path} {error.json_path}: {error.message}" for error in found)


def _closed(document: dict[str, Any]) -> dict[str, Any]:
    """The components of the document, none of which allows a field that it does not name."""
    schemas = {
        name: {**schema, "additionalProperties": False} if "properties" in schema else schema
        for name, schema in document["components"]["schemas"].items()
    }
    return {"schemas": schemas}
