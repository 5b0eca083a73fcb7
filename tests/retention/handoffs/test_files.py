"""Files of a handoff over the REST API: sent as a form, fetched again, and refused where they should not be."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from accounts.foundation.models import AuditEntry
from retention.handoffs.models import HandoffFile
from retention.handoffs.services import answering
from tests.api.conftest import as_user, problems, with_key  # noqa: F401
from tests.factories import retention

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 signed"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def api(with_key):  # noqa: F811
    return with_key("write")


@pytest.fixture
def address(handoff):
    section = handoff.version.sections.first()
    retention.HandoffItemFactory(
        version=handoff.version, section=section, key="contract", evidence="file", position=900
    )
    return f"handoffs/{handoff.pk}/"


def a_file(content=PDF, name="contract.pdf"):
    return SimpleUploadedFile(name, content)


def put(api, path, body, **more):
    data = body if isinstance(body, bytes) else encode_multipart(BOUNDARY, body)
    kind = more.pop("content_type", MULTIPART_CONTENT)
    return api.client.generic("PUT", f"/api/v1/{path}", data, content_type=kind, headers=api.headers, **more)


def test_a_file_is_given_and_fetched_again(api, address, handoff):
    made = put(api, f"{address}items/contract/file/", {"file": a_file(), "revision": 0})
    assert made.status_code == 200, made.content
    line = next(one for one in made.json()["items"] if one["key"] == "contract")
    assert (line["value"], line["revision"], line["is_done"]) == ("contract.pdf", 1, True)
    got = api.get(f"{address}files/{line['file']}/")
    assert b"".join(got.streaming_content) == PDF
    assert got["Content-Disposition"] == 'attachment; filename="contract.pdf"'
    assert (got["Content-Type"], got["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
    bytes_alone = api.client.get(
        f"/api/v1/{address}files/{line['file']}/", headers={**api.headers, "Accept": "application/octet-stream"}
    )
    assert bytes_alone.status_code == 200
    entry = AuditEntry.objects.get(verb="handoff.upload")
    assert (entry.door, entry.after["name"], entry.account_id) == ("api", "contract.pdf", handoff.account_id)


def test_whoever_saves_second_is_told(api, address):
    path = f"{address}items/contract/file/"
    put(api, path, {"file": a_file(), "revision": 0})
    again = put(api, path, {"file": a_file(name="other.pdf"), "revision": 0})
    assert (again.status_code, "contract.pdf" in again.json()["detail"]) == (409, True)
    assert HandoffFile.objects.count() == 1
    assert put(api, path, {"file": a_file(name="other.pdf"), "revision": 1}).status_code == 200


def test_one_that_is_too_large_is_refused_with_a_remedy(api, address, monkeypatch):
    path = f"{address}items/contract/file/"
    announced = put(api, path, {"file": a_file(), "revision": 0}, CONTENT_LENGTH=str(60 * 2**20))
    assert "or a link to it" in announced.json()["detail"]
    assert problems(announced, 413) == {}
    monkeypatch.setattr(answering, "LARGEST_FILE", 10)
    assert "at most" in problems(put(api, path, {"file": a_file(b"x" * 11), "revision": 0}))["file"]
    assert "empty" in problems(put(api, path, {"file": a_file(b""), "revision": 0}))["file"]
    assert not HandoffFile.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"file": "words", "revision": 0}, "file"),
        ({"revision": 0}, "file"),
        ({"file": a_file()}, "revision"),
        ({"file": a_file(), "revision": "x"}, "revision"),
        ({"file": a_file(), "revision": 0, "other": "x"}, "other"),
        ({"file": a_file(), "revision": 0, "more": a_file()}, "more"),
        ({"file": a_file(name="x" * 300), "revision": 0}, "file"),
    ],
)
def test_a_form_that_is_wrong_names_the_field(api, address, body, field):
    assert field in problems(put(api, f"{address}items/contract/file/", body))
    assert not HandoffFile.objects.exists()


def test_what_is_no_form_is_refused(api, address):
    path = f"{address}items/contract/file/"
    assert put(api, path, b"{}", content_type="application/json").status_code == 415
    assert put(api, path, b"nonsense").status_code == 400
    assert put(api, path, b"x", content_type="multipart/form-data").status_code == 400
    many = {f"part{number}": a_file() for number in range(150)}
    assert put(api, path, many | {"revision": 0}).status_code == 400
    long = encode_multipart(BOUNDARY, {"revision": "9" * (9 * 2**20)})
    assert put(api, path, long).status_code in (400, 413)
    assert not HandoffFile.objects.exists()


def test_a_name_leads_nowhere(api, address, tmp_path):
    for number, name in enumerate(("../../etc/passwd", "a\\..\\b.pdf", "<script>.html")):
        made = put(api, f"{address}items/contract/file/", {"file": a_file(name=name), "revision": number})
        assert made.status_code == 200, made.content
    assert {one.name for one in HandoffFile.objects.all()} == {"passwd", "b.pdf", "<script>.html"}
    assert all(tmp_path in path.parents for path in tmp_path.rglob("*") if path.is_file())


def test_an_item_of_another_kind_and_one_that_is_not_there(api, address):
    refused = put(api, f"{address}items/use_cases/file/", {"file": a_file(), "revision": 0})
    assert "another kind of evidence" in problems(refused)["file"]
    assert put(api, f"{address}items/nothing/file/", {"file": a_file(), "revision": 0}).status_code == 404


def test_who_may_not_see_the_handoff_gets_and_gives_nothing(api, address, as_user, carla, with_key, handoff):  # noqa: F811
    put(api, f"{address}items/contract/file/", {"file": a_file(), "revision": 0})
    number = HandoffFile.objects.get().pk
    other = as_user(carla)
    assert other.get(f"{address}files/{number}/").status_code == 404
    assert put(other, f"{address}items/contract/file/", {"file": a_file(), "revision": 1}).status_code == 404
    elsewhere = retention.HandoffFactory()
    assert api.get(f"handoffs/{elsewhere.pk}/files/{number}/").status_code == 404
    assert api.get(f"{address}files/999999/").status_code == 404
    reads = with_key("read")
    assert reads.get(f"{address}files/{number}/").status_code == 200
    assert put(reads, f"{address}items/contract/file/", {"file": a_file(), "revision": 1}).status_code == 403
    HandoffFile.objects.get().content.delete(save=False)
    assert api.get(f"{address}files/{number}/").status_code == 404


def test_a_key_for_repeats_works_for_a_file_too(api, address):
    api.headers["Idempotency-Key"] = "one"
    path = f"{address}items/contract/file/"
    first = put(api, path, {"file": a_file(), "revision": 0})
    second = put(api, path, {"file": a_file(), "revision": 0})
    assert (first.status_code, second.status_code, second["Idempotent-Replayed"]) == (200, 200, "true")
    assert HandoffFile.objects.count() == 1
