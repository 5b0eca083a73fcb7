"""Moves by hand: they count beside the criteria, with their reason, until a day or until the criteria say otherwise."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.facts.models import AccountFacts
from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account, AccountEvent
from accounts.team.models import User
from retention.lifecycle import jobs, moving
from retention.lifecycle.models import AccountStage, Lifecycle, StageChange, StagePlacement
from tests.retention.evaluation.facts import DAY, evaluate, know
from tests.retention.lifecycle.test_stages import FAR, STAGES, place, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(db: Any) -> Account:
    at = now()
    published(STAGES, at)
    made = portfolio.create(name="Northwind Traders", by=None, at=at)
    know(made, closed_won_at=at, features_used_30d=1, contract_end_date=FAR)
    evaluate(at)
    return made


def move(account: Account, stage: str, **given: Any) -> StagePlacement:
    return moving.move(
        account,
        lifecycle=Lifecycle.objects.get(),
        stage=stage,
        **{"reason": "The sponsor told us", "by": None, "at": now()} | given,
    )


def test_the_account_stands_where_it_was_put_and_the_reason_is_kept(account: Account) -> None:
    placement = move(account, "adopted")
    assert place(account) == ("adopted", "adopted")
    change = StageChange.objects.filter(account=account).first()
    assert change is not None
    assert (change.cause, change.placement, change.edge) == ("hand", placement, None)
    assert AccountEvent.objects.filter(account=account, kind="stage.changed").latest("id").data["to"] == "Adopted"
    assert AuditEntry.objects.get(verb="stage.move").account_id == account.pk


def test_it_holds_while_the_criteria_say_the_same_and_ends_when_they_say_something_new(account: Account) -> None:
    move(account, "renewal")
    know(account, closed_won_at=now(), features_used_30d=2, contract_end_date=FAR)
    evaluate(now())
    assert place(account) == ("renewal", "won")
    know(account, closed_won_at=now(), features_used_30d=5, contract_end_date=FAR)
    evaluate(now())
    assert place(account) == ("adopted", "adopted")
    assert StagePlacement.objects.get().ended_because == "criteria"


def test_until_a_day_it_holds_whatever_the_criteria_say_and_then_ends(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    move(account, "renewal", until=(now() + 3 * DAY).date())
    know(account, closed_won_at=now(), features_used_30d=5, contract_end_date=FAR)
    evaluate(now())
    assert place(account)[0] == "renewal"
    assert jobs.end_moves() == "0 given back"
    monkeypatch.setattr(jobs, "now", lambda: now() + 5 * DAY)
    assert jobs.end_moves() == "1 given back"
    assert place(account) == ("adopted", "adopted")
    assert StagePlacement.objects.get().ended_because == "date"


def test_given_back_the_criteria_count_again(account: Account) -> None:
    move(account, "adopted")
    moving.give_back(account, lifecycle=Lifecycle.objects.get(), by=None, at=now())
    assert place(account)[0] == "won"
    with pytest.raises(ValidationError, match="The criteria say already"):
        moving.give_back(account, lifecycle=Lifecycle.objects.get(), by=None, at=now())


def test_a_second_move_ends_the_first(account: Account) -> None:
    move(account, "adopted")
    move(account, "renewal")
    assert list(StagePlacement.objects.order_by("id").values_list("ended_because", flat=True)) == ["hand", ""]


def test_a_stage_that_is_gone_keeps_nobody(account: Account) -> None:
    move(account, "adopted")
    published([STAGES[0]], now())
    assert place(account)[0] == "won"
    assert StagePlacement.objects.get().ended_because == "gone"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"stage": "gone"}, "stage"),
        ({"stage": "won"}, "stage"),
        ({"stage": "adopted", "reason": "  "}, "reason"),
        ({"stage": "adopted", "reason": "x" * 501}, "reason"),
        ({"stage": "adopted", "until": dt.date(2020, 1, 1)}, "until"),
        ({"stage": "adopted", "until": dt.date(2200, 1, 1)}, "until"),
    ],
)
def test_what_cannot_be_is_refused_and_moves_nobody(account: Account, given: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        move(account, **given)
    assert list(refused.value.message_dict) == [field]
    assert place(account)[0] == "won"
    assert not StagePlacement.objects.exists()


def test_the_database_keeps_one_open_placement(account: Account) -> None:
    first = move(account, "adopted")
    with pytest.raises(IntegrityError), transaction.atomic():
        StagePlacement.objects.create(
            account=account, lifecycle=first.lifecycle, stage="won", reason="x", placed_at=now()
        )


def test_from_the_page_of_the_account(olga: User, request: pytest.FixtureRequest) -> None:
    Lifecycle.objects.update(is_primary=False)
    account = request.getfixturevalue("account")
    client = Client()
    client.force_login(olga)
    address = f"/admin/accounts/account/{account.pk}/move-stage/"
    answer = client.post(address, {"stage": "adopted", "reason": ""})
    assert answer.status_code == 400
    assert "Say why" in answer.content.decode()
    answer = client.post(address, {"stage": "adopted", "reason": "They signed it"}, follow=True)
    assert "is in Adopted now" in answer.content.decode()
    assert "They signed it" in answer.content.decode()
    answer = client.post(address, {"give_back": "1"}, follow=True)
    assert "The criteria say again" in answer.content.decode()
    assert AccountStage.objects.get(account=account, lifecycle__key="main").stage.key == "won"  # type: ignore[union-attr]
    assert AccountFacts.objects.get(account=account).stage == "won"
