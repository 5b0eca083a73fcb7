"""The OpenAPI document says of every operation what a reader needs, and nothing that is not so."""

import re
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator

from config.api.examples import EXAMPLES
from config.api.kinds import KINDS
from config.api.schema import ANSWERS, READS, VERBS, WRITES

Operations = list[tuple[str, str, dict[str, Any]]]


@pytest.fixture
def operations(document: dict[str, Any]) -> Operations:
    return [
        (path, verb, said) for path, verbs in document["paths"].items() for verb, said in verbs.items() if verb in VERBS
    ]


def lacking(operations: Operations, is_wrong: Any) -> list[str]:
    return [f"{verb.upper()} {path}" for path, verb, said in operations if is_wrong(path, verb, said)]


def test_the_document_is_of_openapi_3_1(document):
    assert document["openapi"].startswith("3.1")
    assert document["info"]["title"]
    assert document["info"]["description"]


def test_every_operation_has_a_line_for_the_table_of_contents(operations):
    line = re.compile(r"[A-Z][^\n]{3,99}")
    assert not lacking(operations, lambda path, verb, said: not line.fullmatch(said.get("summary", "")))


def test_every_operation_has_a_name_of_its_own_that_programs_can_have(operations):
    names = [said["operationId"] for _, _, said in operations]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)


def test_every_operation_stands_under_one_tag_that_is_described(document, operations):
    described = {tag["name"] for tag in document["tags"] if len(tag["description"].split()) >= 2}
    assert not lacking(operations, lambda path, verb, said: len(said["tags"]) != 1 or said["tags"][0] not in described)


def test_every_operation_says_each_way_in_which_it_can_fail(operations):
    def is_wrong(path: str, verb: str, said: dict[str, Any]) -> bool:
        expected = {*(READS if verb == "get" else WRITES), *(["404"] if "{" in path else [])}
        return not expected <= said["responses"].keys()

    assert not lacking(operations, is_wrong)


def test_every_failure_is_a_problem_with_an_example_of_it(document):
    for code, (kind, _) in ANSWERS.items():
        assert KINDS[kind].status == int(code)
        said = document["components"]["responses"][f"Problem{code}"]["content"]["application/problem+json"]
        assert said["example"]["type"] == f"/api/problems/{kind}/"
        schema = document["components"]["schemas"]["Problem"]
        OAS31Validator(schema).validate(said["example"])


def test_every_parameter_says_what_it_is_for(document, operations):
    known = document["components"]["parameters"]

    def is_wrong(path: str, verb: str, said: dict[str, Any]) -> bool:
        found = [known[one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in said.get("parameters", [])]
        return any(not one.get("description") and one["in"] != "path" for one in found)

    assert not lacking(operations, is_wrong)


def test_every_write_takes_a_key_for_repeats_and_no_read_does(operations):
    key = {"$ref": "#/components/parameters/IdempotencyKey"}
    assert not lacking(operations, lambda path, verb, said: (verb != "get") != (key in said.get("parameters", [])))


def test_every_body_is_shown_by_an_example_that_is_one(document, operations):
    components = {"schemas": document["components"]["schemas"]}
    wrong = []
    for path, verb, said in operations:
        if "requestBody" in said:
            body = next(iter(said["requestBody"]["content"].values()))
            shown = [one["value"] for one in body.get("examples", {}).values()]
            validator = OAS31Validator({**body["schema"], "components": components})
            faults = [error.message for value in shown for error in validator.iter_errors(value)]
            if not shown or faults:
                wrong.append(f"{verb} {path}: {faults or 'no example; see config/api/examples.py'}")
    assert not wrong


def test_no_example_is_left_of_an_operation_that_is_gone(operations):
    assert not EXAMPLES.keys() - {said["operationId"] for _, _, said in operations}


def test_every_schema_that_is_named_is_there_and_used(document):
    text = str(document)
    named = set(re.findall(r"#/components/schemas/([\w.-]+)", text))
    assert named == document["components"]["schemas"].keys()
