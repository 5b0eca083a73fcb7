"""The doors: what they take, what they refuse and how, and that nothing is answered before it is stored."""

import gzip
import json
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from accounts.foundation.clock import now
from accounts.ingestion import doors, services, wire
from accounts.ingestion.models import InboxRequest
from accounts.team import keys
from accounts.team.models import ApiKey
from tests.accounts.ingestion.calls import group, track
from tests.cast import basic

Post = Any


def refusal(response: Any, status: int) -> dict[str, str]:
    """What a refusal says; always JSON with a code and a sentence, and nothing is stored."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/json"
    answer = response.json()
    assert answer.keys() == {"code", "message"}
    assert not InboxRequest.objects.exists()
    return answer


def test_a_request_is_stored_before_it_is_answered(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    monkeypatch.setattr(keys, "seen", lambda key, at: found.append(InboxRequest.objects.get().body))
    response = post({"batch": [track()]})
    assert response.status_code == 200
    assert response.json() == {"success": True, "accepted": 1}
    assert json.loads(bytes(found[0]))["batch"][0]["userId"] == "ada"


def test_when_nothing_could_be_stored_the_client_is_asked_to_come_again(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise DatabaseError("locked")

    monkeypatch.setattr(services, "accept", fail)
    response = post({"batch": [track()]})
    assert refusal(response, 503)["code"] == "try_again"
    assert int(response["Retry-After"]) > 0


@pytest.mark.parametrize("path", sorted(doors.CALLS))
@pytest.mark.parametrize("slash", ["", "/"])
def test_every_path_a_client_may_use_is_a_door(post: Post, path: str, slash: str) -> None:
    is_batch = doors.CALLS[path] == "batch"
    item = group() | {"type": None}
    response = post({"batch": [group()]} if is_batch else item, path + slash)
    assert response.status_code == 200, response.content
    assert InboxRequest.objects.get().call == doors.CALLS[path]


def test_all_documented_paths_are_doors() -> None:
    documented = {"batch", "import", "b", "track", "t", "identify", "i", "group", "g", "page", "p", "screen"}
    assert set(doors.CALLS) == documented | {"alias", "a"}


@pytest.mark.parametrize("way", ["basic", "bearer", "body"])
def test_the_key_comes_in_a_header_or_in_the_body(post: Post, ingest_key: str, way: str) -> None:
    body: dict[str, Any] = {"batch": [track()]}
    if way == "basic":
        response = post(body)
    elif way == "bearer":
        response = post(body, key=None, headers={"Authorization": f"Bearer {ingest_key}"})
    else:
        response = post(body | {"writeKey": ingest_key}, key=None, content_type="text/plain")
    assert response.status_code == 200
    assert ApiKey.objects.get().last_used_at is not None


def test_a_single_call_may_carry_the_key_too(post: Post, ingest_key: str) -> None:
    assert post(track() | {"writeKey": ingest_key}, "t", key=None).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Basic"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic \xe9\xe9"},
        {"Authorization": basic("hf_000000_no")},
        {"Authorization": basic("hf_\x00_no")},
        {"Authorization": "Bearer hf_a_b_c"},
        {"Authorization": "Digest x"},
    ],
)
def test_a_wrong_key_is_401(post: Post, headers: dict[str, str]) -> None:
    assert refusal(post({"batch": [track()]}, key=None, headers=headers), 401)["code"] == "wrong_key"


@pytest.mark.parametrize("key", [7, None, ["x"], "nobody", "hf_\x00_x", "\ud800"], ids=repr)
def test_a_wrong_key_in_the_body_is_401(post: Post, key: Any) -> None:
    assert refusal(post({"batch": [track()], "writeKey": key}, key=None), 401)["code"] == "wrong_key"


def test_a_revoked_key_is_401(post: Post) -> None:
    keys.revoke(ApiKey.objects.get(), by=None, at=now())
    assert refusal(post({"batch": [track()]}), 401)["code"] == "wrong_key"


def test_a_key_of_another_scope_is_401_and_says_which_to_make(post: Post, write_key: str) -> None:
    answer = refusal(post({"batch": [track()]}, key=write_key), 401)
    assert answer["code"] == "wrong_scope"
    assert "ingest" in answer["message"]


def test_a_strangers_body_is_not_even_unpacked(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "unpacked", None)
    refusal(post(b"x", key="hf_a_b"), 401)


def test_what_is_larger_than_a_request_may_be_is_413(post: Post) -> None:
    assert refusal(post(b" " * (wire.MAX_RAW + 1)), 413)["code"] == "too_large"


def test_a_lie_about_the_length_does_not_help(post: Post) -> None:
    refusal(post(b"{}", headers={"Content-Length": "9" * 5000}), 413)
    refusal(post(b"{}", headers={"Content-Length": "\xb2"}), 400)


def test_a_gzip_bomb_is_413(post: Post) -> None:
    bomb = gzip.compress(b" " * (wire.MAX_UNPACKED + 1))
    assert len(bomb) < wire.MAX_RAW
    assert refusal(post(bomb, headers={"Content-Encoding": "gzip"}), 413)["code"] == "too_large"


@pytest.mark.parametrize("headers", [{"Content-Encoding": "gzip"}, {}])
@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded", "application/octet-stream"]
)
def test_gzip_is_unpacked_whatever_the_content_type_says(
    post: Post, headers: dict[str, str], content_type: str
) -> None:
    body = gzip.compress(json.dumps({"batch": [track(), track()]}).encode())
    response = post(body, content_type=content_type, headers=headers)
    assert response.json() == {"success": True, "accepted": 2}


@pytest.mark.parametrize(
    "body", [b"\x1f\x8bnot gzip", gzip.compress(b"{}", mtime=0)[:-9], b"{}"], ids=["no gzip", "cut off", "plain"]
)
def test_gzip_that_does_not_unpack_is_400(post: Post, body: bytes) -> None:
    assert refusal(post(body, headers={"Content-Encoding": "gzip"}), 400)["code"] == "bad_gzip"


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b"", "truncated"),
        (b'{"batch":[{]}', "byte 11"),
        (b'{"batch":[{"properties":{"a":NaN}}]}', "byte 29"),
        ('{"batch":[]}'.encode("utf-16"), "byte 0"),
        (b'{"batch":' + b"[" * 100_000, "truncated"),
    ],
)
def test_what_is_not_json_is_400_and_names_the_place(post: Post, body: bytes, place: str) -> None:
    answer = refusal(post(body), 400)
    assert answer["code"] == "not_json"
    assert place in answer["message"]


@pytest.mark.parametrize(
    ("path", "body", "place"),
    [
        ("batch", {}, "`$.batch`"),
        ("batch", {"batch": {}}, "`$.batch`"),
        ("batch", {"batch": None}, "`$.batch`"),
        ("batch", [], "`$`"),
        ("track", [track()], "`$`"),
    ],
)
def test_json_that_is_no_call_is_400_and_names_the_place(post: Post, path: str, body: Any, place: str) -> None:
    answer = refusal(post(body, path), 400)
    assert answer["code"] == "bad_shape"
    assert place in answer["message"]


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_another_method_is_405(client: Client, ingest_key: str, method: str) -> None:
    response = getattr(client, method)("/v1/batch", headers={"Authorization": basic(ingest_key)})
    assert refusal(response, 405)["code"] == "method_not_allowed"
    assert response["Allow"] == "POST, OPTIONS"


def test_a_browser_on_another_site_may_send(client: Client, db: Any) -> None:
    headers = {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    response = client.options("/v1/batch", headers=headers)
    assert response.status_code == 204
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "POST" in response["Access-Control-Allow-Methods"]
    assert {"authorization", "content-type"} <= set(response["Access-Control-Allow-Headers"].split(", "))


def test_a_refusal_can_be_read_by_a_browser_too(post: Post) -> None:
    assert post(b"x")["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("bad", "code", "says"),
    [
        ({"type": "trak", "userId": "ada", "event": "x"}, "malformed", "`$.batch[1].type` is none of track, identify"),
        ({"type": "track", "event": "x"}, "malformed", "names nobody"),
        ({"type": "track", "userId": " ", "anonymousId": ""}, "malformed", "names nobody"),
        ({"type": "track", "userId": True}, "malformed", "`$.batch[1].userId`"),
        ({"type": "track", "userId": 1.5}, "malformed", "`$.batch[1].userId`"),
        ({"type": "track", "userId": {"a": 1}}, "malformed", "`$.batch[1].userId`"),
        ({"type": "track", "userId": "u" * 201}, "malformed", "longer than 200"),
        ({"type": "track", "userId": 10**5000}, "malformed", "`$.batch[1].userId`"),
        ({"userId": "ada"}, "malformed", "`$.batch[1].type`"),
        ({"type": "track", "userId": "ada"}, "malformed", "`$.batch[1].event`"),
        ({"type": "track", "userId": "ada", "event": " "}, "malformed", "`$.batch[1].event`"),
        (7, "malformed", "`$.batch[1]`"),
        (None, "malformed", "`$.batch[1]`"),
        (track(properties={"text": "x" * wire.MAX_ITEM}), "too_large", "32 KiB"),
    ],
)
def test_one_bad_item_does_not_cost_the_good_ones(post: Post, bad: Any, code: str, says: str) -> None:
    body = json.dumps({"batch": [track(), "BAD", track()]}).replace('"BAD"', _json(bad))
    answer = post(body).json()
    assert answer["accepted"] == 2
    [problem] = answer["quarantined"]
    assert (problem["index"], problem["code"]) == (1, code)
    assert says in problem["message"]


def _json(item: Any) -> str:
    if isinstance(item, dict) and item.get("userId") == 10**5000:
        return '{"type":"track","userId":1' + "0" * 5000 + "}"
    return json.dumps(item)


def test_items_beyond_the_limit_are_named_and_the_others_kept(post: Post) -> None:
    answer = post({"batch": [track()] * (wire.MAX_ITEMS + 3)}).json()
    assert answer["accepted"] == wire.MAX_ITEMS
    assert [problem["index"] for problem in answer["quarantined"]] == [2500, 2501, 2502]
    assert {problem["code"] for problem in answer["quarantined"]} == {"too_many"}


def test_the_answer_names_at_most_a_hundred(post: Post) -> None:
    answer = post({"batch": [7] * 300}).json()
    assert (answer["accepted"], len(answer["quarantined"])) == (0, 100)


def test_a_flood_of_items_is_refused_as_a_whole(post: Post) -> None:
    body = b'{"batch":[' + b",".join([b"1"] * (wire.MAX_KEPT_ITEMS + 1)) + b"]}"
    assert refusal(post(body), 413)["code"] == "too_many"


def test_half_an_emoji_costs_nothing(post: Post) -> None:
    for half in (r"\ud83d", r"\ude00", r"\ud83dx", r"a\ud83d\u0041", r"\ud83d\ud83d\ude00"):
        body = json.dumps({"batch": [track(), track(properties={"text": "HALF"})]}).replace("HALF", half)
        assert post(body).json() == {"success": True, "accepted": 2}


def test_what_is_nested_very_deep_costs_nothing(post: Post) -> None:
    body = json.dumps({"batch": [track(), track(properties="DEEP")]})
    deep = "[" * 10_000 + "]" * 10_000
    assert post(body.replace('"DEEP"', deep)).json() == {"success": True, "accepted": 2}


def test_what_surrounds_the_items_may_be_odd(post: Post) -> None:
    for odd in ("1e999", '"text"', "[]", "true", '{"groupId":[]}'):
        body = '{"batch":[%s],"context":%s,"sentAt":%s}' % (json.dumps(track()), odd, odd)  # noqa: UP031
        assert post(body).json() == {"success": True, "accepted": 1}
