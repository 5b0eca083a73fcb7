"""The calls that the guide for integrations shows do what it says they do."""

import json
import re
import shlex
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.api.conftest import Api
from tests.cast import basic, person, send, usage

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "integrations.md"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^curl .*\n(?: .*\n)*", re.MULTILINE)


def calls() -> list[list[str]]:
    """Every curl command of the guide, in order, as words."""
    blocks = [text for language, text in BLOCK.findall(GUIDE.read_text()) if not language]
    found = [command for text in blocks for command in COMMAND.findall(text)]
    return [shlex.split(command.replace("\\\n", " ")) for command in found]


def carried_out(command: list[str], api: Api, ingest_key: str, item: int) -> int:
    """Makes one call of the guide; the status of its answer."""
    url = next(word for word in command if word.startswith("$HOLDFAST")).replace("$ITEM", str(item))
    address = urlsplit(url.removeprefix("$HOLDFAST"))
    verb = command[command.index("-X") + 1] if "-X" in command else "GET"
    body = command[command.index("-d") + 1] if "-d" in command else ""
    headers = api.headers if "-u" not in command else {"Authorization": basic(ingest_key)}
    if verb == "GET":
        return api.client.get(address.path, dict(parse_qsl(address.query)), headers=headers).status_code
    return api.client.generic(verb, address.path, body, content_type="application/json", headers=headers).status_code


def test_the_guide_shows_calls():
    assert len(calls()) >= 11
    for command in calls():
        if "-d" in command:
            json.loads(command[command.index("-d") + 1])


def test_every_call_of_the_guide_works(api, ingest_key, usage_drop, northwind, client, pump, east):
    person("maya", role="csm", group=east)
    send(client, ingest_key, usage())
    pump()
    [item] = api.list("work-items/", state="open")
    answers = {" ".join(command): carried_out(command, api, ingest_key, item["id"]) for command in calls()}
    assert {command: status for command, status in answers.items() if status not in (200, 201)} == {}
    assert api.one(f"work-items/{item['id']}/")["state"] == "done"
    assert api.one("accounts/acme-rockets/")["employees"] == 260


@pytest.mark.parametrize("path", sorted(set(re.findall(r"/api/v1/([a-z-]+/)", GUIDE.read_text()))))
def test_every_address_of_the_guide_exists(with_key, path):
    assert with_key("admin").get(path).status_code == 200
