import pytest
from django.core.exceptions import ValidationError

from accounts.foundation.models import AuditEntry
from accounts.portfolio.models import AccountEvent
from accounts.stakeholders import services as stakeholders
from accounts.stakeholders.models import Stakeholder
from tests import trail
from tests.factories.accounts import AT, AccountFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return AccountFactory()


@pytest.fixture
def sam(account):
    return stakeholders.add(account, name="Sam Sponsor", roles=["champion", "finance"], by=None, at=AT)


def roles_of(stakeholder: Stakeholder) -> list[str]:
    return sorted(stakeholder.roles.values_list("role", flat=True))


def test_adding_gives_the_roles_and_tells_without_words_about_the_person(sam, account):
    assert roles_of(sam) == ["champion", "finance"]
    event = AccountEvent.objects.get()
    assert (event.kind, event.account, event.subject_id, event.data) == ("stakeholder.added", account, sam.pk, {})
    assert "Sam" not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"email": "no address"}, "email"),
        ({"influence": "total"}, "influence"),
        ({"roles": ["jester"]}, "role"),
    ],
)
def test_refuses_what_is_no_stakeholder_and_leaves_nothing(values, field, account):
    with pytest.raises(ValidationError) as refused:
        stakeholders.add(account, **{"name": "Sam", **values}, by=None, at=AT)
    assert field in refused.value.message_dict
    assert not Stakeholder.objects.exists()
    assert not AccountEvent.objects.exists()
    assert not AuditEntry.objects.exists()


def test_changing_sets_fields_and_leaves_roles_that_were_not_named(sam):
    changed = stakeholders.change(sam, title="CFO", by=None, at=AT)
    assert (changed.title, roles_of(sam)) == ("CFO", ["champion", "finance"])


def test_changing_gives_exactly_the_roles_that_were_named(sam):
    trail.forget()
    stakeholders.change(sam, roles=["finance", "legal"], by=None, at=AT)
    assert roles_of(sam) == ["finance", "legal"]
    verbs = sorted(AuditEntry.objects.values_list("verb", flat=True))
    assert verbs == ["stakeholder.role_add", "stakeholder.role_remove"]


def test_naming_the_same_again_changes_nothing(sam):
    trail.forget()
    stakeholders.change(sam, name="Sam Sponsor", roles=["finance", "champion"], by=None, at=AT)
    assert not AuditEntry.objects.exists()


def test_naming_no_roles_takes_them_all(sam):
    stakeholders.change(sam, roles=[], by=None, at=AT)
    assert roles_of(sam) == []


def test_a_refused_change_changes_nothing(sam):
    with pytest.raises(ValidationError):
        stakeholders.change(sam, title="CFO", roles=["jester"], by=None, at=AT)
    assert Stakeholder.objects.get().title == ""
    assert roles_of(sam) == ["champion", "finance"]
