"""How well an account fits the ideal customer, as far as anybody can tell."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.facts import aging, projection
from accounts.facts.models import AccountFacts
from accounts.facts.services import set_custom
from accounts.foundation.models import AuditEntry
from accounts.portfolio import services as portfolio
from retention.fit.models import IdealProfile
from retention.fit.queries import fit_of
from retention.fit.services import Criterion, IdealDraft, define
from tests.factories.accounts import AT

HOUR = dt.timedelta(hours=1)
FITTING = {
    "industry": "Retail",
    "employees": 300,
    "tech_stack": ["HubSpot", "Slack"],
    "use_case": "operations",
    "region": "Europe",
}


def project(at=AT):
    while projection.project_dirty(at=at) or aging.project_aged(at=at):
        pass


def fit(account, at=AT):
    project(at)
    row = AccountFacts.objects.get(account=account)
    return row.icp_fit, row.icp_fit_band


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (FITTING, (100, "fit")),
        (FITTING | {"industry": "Farming"}, (72, "fit")),
        (FITTING | {"industry": "Farming", "tech_stack": ["Slack"]}, (50, "review")),
        (FITTING | {"industry": "Farming", "tech_stack": ["Slack"], "employees": 9}, (28, "bad_fit")),
        ({"industry": "Retail", "employees": 300}, (None, None)),
        ({"industry": "Retail", "employees": 300, "tech_stack": ["HubSpot"]}, (100, "fit")),
        ({}, (None, None)),
    ],
)
def test_the_score_is_the_share_of_the_weight_that_is_known(northwind, profile, expected):
    portfolio.change(northwind, by=None, at=AT, **profile)
    assert fit(northwind) == expected


def test_a_custom_fact_moves_the_score(northwind):
    portfolio.change(northwind, by=None, at=AT, **FITTING)
    assert fit(northwind) == (100, "fit")
    set_custom(northwind, {"stated_needs": ["cheap"]}, source="crm", at=AT)
    assert fit(northwind) == (90, "fit")
    set_custom(northwind, {"stated_needs": ["security"], "price_sensitive": True}, source="crm", at=AT)
    assert fit(northwind) == (100, "fit")


def changed(**values):
    profile = IdealProfile.objects.get()
    criteria = [Criterion(one.key, one.label, one.weight, one.matches) for one in profile.criteria.all()]
    return IdealDraft(**({"criteria": criteria, "fit_from": 60, "review_from": 40} | values))


def test_a_changed_definition_scores_every_account_anew(northwind):
    portfolio.change(northwind, by=None, at=AT, **FITTING | {"industry": "Farming"})
    assert fit(northwind) == (72, "fit")
    only = [Criterion("industry", "Farmers", 50, {"fact": "industry", "operator": "equal", "value": "Farming"})]
    define(changed(criteria=only, fit_from=90), by=None, at=AT + HOUR)
    assert fit(northwind, AT + HOUR) == (100, "fit")
    assert projection.differences(at=AT + HOUR) == {}


def test_a_profile_made_while_a_definition_was_being_written_is_made_again(northwind):
    portfolio.change(northwind, by=None, at=AT, **FITTING)
    fit(northwind, AT + HOUR)
    only = [Criterion("lumber", "Sells lumber", 10, {"fact": "industry", "operator": "equal", "value": "Lumber"})]
    define(changed(criteria=only), by=None, at=AT)
    assert fit(northwind, AT + 2 * HOUR) == (0, "bad_fit")


def test_publishing_the_same_again_changes_nothing(northwind):
    before = AuditEntry.objects.count(), IdealProfile.objects.get().changed_at
    define(changed(), by=None, at=AT + HOUR)
    assert (AuditEntry.objects.count(), IdealProfile.objects.get().changed_at) == before


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"fit_from": 30}, "review_from"),
        ({"criteria": []}, "criteria"),
        ({"criteria": [Criterion("a", "A", 0, {"fact": "industry", "operator": "isKnown"})]}, "criteria"),
        ({"criteria": [Criterion("a", "A", 101, {"fact": "industry", "operator": "isKnown"})]}, "criteria[0].weight"),
        ({"criteria": [Criterion("a", "A", 5, {"fact": "no", "operator": "isKnown"})]}, "criteria[0].matches.fact"),
    ],
)
def test_refuses_what_cannot_be_scored_and_names_it(northwind, values, field):
    with pytest.raises(ValidationError) as refused:
        define(changed(**values), by=None, at=AT)
    assert field in refused.value.message_dict
    assert IdealProfile.objects.get().criteria.count() == 8


def test_every_criterion_is_explained(northwind):
    portfolio.change(northwind, by=None, at=AT, industry="Farming", employees=300)
    project()
    found = {one.criterion.key: one.truth for one in fit_of(northwind).verdicts}
    assert (found["industry"], found["size"], found["needs"]) == (False, True, None)


def test_an_operator_changes_a_weight_and_sees_the_book(client, olga, northwind):
    portfolio.change(northwind, by=None, at=AT, **FITTING | {"industry": "Farming"})
    project()
    client.force_login(olga)
    address = reverse("admin:retention_idealprofile_changelist")
    page = client.get(address).content.decode()
    assert "Industry we know well" in page
    assert "Industry is one of" in page
    profile = IdealProfile.objects.get()
    weights = {f"weight_{one.key}": one.weight for one in profile.criteria.all()}
    body = {"fit_from": 60, "review_from": 40} | weights
    assert client.post(address, body | {"weight_size": 101}).status_code == 400
    assert client.post(address, body | {"weight_industry": 0}).status_code == 302
    assert profile.criteria.get(key="industry").weight == 0


def test_a_csm_reads_it_and_changes_nothing(client, amelia, northwind):
    client.force_login(amelia)
    address = reverse("admin:retention_idealprofile_changelist")
    answer = client.post(address, {"fit_from": 1, "review_from": 1})
    assert b"Publish" not in answer.content
    assert IdealProfile.objects.get().fit_from == 60
    tab = client.get(reverse("admin:accounts_account_change", args=[northwind.pk])).content.decode()
    assert "Less than 60 % of what counts is known" in tab
