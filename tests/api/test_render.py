"""Answers are the JSON that they were before they were written quickly."""

import datetime as dt
import json
import uuid
from decimal import Decimal

import pytest
from django.utils.translation import gettext_lazy
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.serializer_helpers import ReturnDict, ReturnList

from config.api.render import Json
from tests.factories import accounts

PLAIN = dt.datetime(2026, 3, 4, 10, 0, 0, 120, tzinfo=dt.UTC)
VALUES = [
    {"a": [1, 2.5, None, True, "ü", "\u2028", "<script>"]},
    {"at": PLAIN, "on": PLAIN.date(), "id": uuid.UUID(int=7), "arr": Decimal("48000.00")},
    {"large": 10**400, "small": -(10**30)},
    {"lazy": gettext_lazy("Words")},
    ReturnDict({"x": ReturnList([1], serializer=None)}, serializer=None),
    [],
    "text",
    (1, 2),
]


@pytest.mark.parametrize("value", VALUES)
def test_it_says_the_same_as_the_framework(value):
    assert json.loads(Json().render(value)) == json.loads(JSONRenderer().render(value))


def test_nothing_is_nothing():
    assert Json().render(None) == b""


def test_what_is_no_json_is_refused_as_before():
    with pytest.raises(TypeError):
        Json().render({"x": object()})


def test_an_account_in_a_list_is_the_account_of_its_page(api, amelia, bruno):
    above = accounts.AccountFactory()
    account = accounts.AccountFactory(
        parent=above, domain="a.example", employees=7, tech_stack=["Slack"], goals="Grow", use_case="operations"
    )
    accounts.AccountMemberFactory(account=account, part="csm", user=amelia)
    accounts.AccountMemberFactory(account=account, part="ae", user=bruno)
    accounts.ExternalIdFactory.create_batch(2, account=account)
    accounts.AccountFactsFactory(account=account, stage="adopted")
    listed = {row["key"]: row for row in api.list("accounts/")}
    for one in (account, above):
        assert listed[one.key] == api.one(f"accounts/{one.key}/")
    assert listed[account.key]["csm"] == "amelia"
    assert listed[account.key]["stage"] == "adopted"
    assert len(listed[account.key]["external_ids"]) == 2
