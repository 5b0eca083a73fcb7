"""A wrong amount of a contract is put right over the API, and the ledger shows what was corrected."""

import pytest

from tests.api.conftest import problems


@pytest.fixture
def key(api, northwind):
    contract = {"account": northwind.key, "arr": "480000", "starts_on": "2026-01-01", "ends_on": "2099-12-31"}
    return api.post("contracts/", contract).json()["key"]


def test_the_ledger_shows_the_correction_beside_what_it_corrects(api, key):
    answer = api.post(f"contracts/{key}/correct/", {"arr": "48000.00", "reason": "A zero too many"})
    assert (answer.status_code, answer.json()["arr"]) == (200, "48000.00")
    correction, first = sorted(api.list("arr-movements/", contract=key), key=lambda row: row["corrects"] is None)
    assert (first["kind"], first["amount"], first["corrects"]) == ("new", "480000.00", None)
    assert (correction["kind"], correction["amount"], correction["corrects"]) == ("new", "-432000.00", first["id"])
    assert correction["effective_on"] == first["effective_on"] == "2026-01-01"
    assert [row["id"] for row in api.list("arr-movements/", is_correction="true")] == [correction["id"]]
    assert [row["id"] for row in api.list("arr-movements/", is_correction="false")] == [first["id"]]
    before = {"recorded_before": correction["recorded_at"]}
    assert [row["id"] for row in api.list("arr-movements/", **before)] == [first["id"]]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"arr": "480000", "reason": "Typing"}, "arr"),
        ({"arr": "-1", "reason": "Typing"}, "arr"),
        ({"arr": "0.001", "reason": "Typing"}, "arr"),
        ({"arr": "1e400", "reason": "Typing"}, "arr"),
        ({"arr": "48000", "reason": " "}, "reason"),
        ({"arr": "48000"}, "reason"),
        ({"arr": "48000", "reason": "Typing", "currency": "EUR"}, "currency"),
    ],
)
def test_what_corrects_nothing_is_refused_by_field(api, key, body, field):
    assert field in problems(api.post(f"contracts/{key}/correct/", body))
    assert len(api.list("arr-movements/")) == 1


def test_a_key_that_reads_corrects_nothing(with_key, key):
    answer = with_key("read").post(f"contracts/{key}/correct/", {"arr": "1", "reason": "Typing"})
    assert answer.status_code == 403
