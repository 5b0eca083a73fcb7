"""A person asks us to forget them: nothing of theirs is left in any table, and nothing brings them back."""

import datetime as dt
import json

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection

from accounts.events.models import DirtyAccount
from accounts.foundation.models import AuditEntry
from accounts.foundation.records import Record
from accounts.portfolio.models import AccountEvent
from accounts.privacy import services as privacy
from accounts.privacy.mentions import mentions
from accounts.privacy.models import ErasedName, PersonRequest
from accounts.privacy.person import Person, gather, traces
from accounts.privacy.searching import Search
from accounts.stakeholders import services as stakeholders
from accounts.stakeholders.models import ProductUser, Stakeholder
from accounts.team.models import User
from tests.architecture.code import ROOT
from tests.factories import factory_of
from tests.factories.accounts import (
    AT,
    AccountFactory,
    DeliveryBodyFactory,
    DeliveryFactory,
    PageSessionFactory,
    ProductUserFactory,
    QuarantinedItemFactory,
    SignalEventFactory,
    SignalPayloadFactory,
    SourceFactory,
    StakeholderFactory,
    SurveyResponseFactory,
    TicketFactory,
    TouchTextFactory,
    VisitFactory,
    VisitorFactory,
)

pytestmark = pytest.mark.django_db
EMAIL, NAME, USER, VISITOR = "ada.moreau@northwind.example", "Ada Quillfeather", "usr-ada-77", "anon-ada-55"
SAID = f"{NAME} ({EMAIL}) said so"


@pytest.fixture
def account():
    return AccountFactory()


@pytest.fixture
def ada(account):
    return StakeholderFactory(account=account, name=NAME, email=EMAIL, title="Head of " + USER)


@pytest.fixture
def everywhere(account, ada):
    """Rows about her in every kind of row that traces find."""
    source = SourceFactory()
    user = ProductUserFactory(account=account, source=source, external_id=USER, email=EMAIL.upper(), name=NAME)
    event = SignalEventFactory(account=account, source=source, product_user=user)
    SignalPayloadFactory(event=event, item=json.dumps({"traits": {"email": EMAIL}}))
    VisitorFactory(source=source, product_user=user, anonymous=VISITOR)
    VisitFactory(source=source, anonymous=VISITOR, path=f"/people/{USER}")
    PageSessionFactory(account=account, visitor=USER)
    QuarantinedItemFactory(source=source, user_value=USER, item=SAID)
    TicketFactory(account=account, requester=ada, subject=SAID)
    SurveyResponseFactory(account=account, stakeholder=ada, comment=SAID)
    DeliveryBodyFactory(delivery=DeliveryFactory(account=account), address=EMAIL, text=SAID, subject=NAME)
    return source


def declared():
    """Every personal field of every model, with its declaration."""
    ours = [model for model in apps.get_models() if issubclass(model, Record)]
    return [(model, name, personal) for model in ours for name, personal in model.PERSONAL.items()]


def person(ada):
    return Person(rows={"accounts.Stakeholder": {ada.pk}})


def erase(ada):
    search = Search().further(gather(person(ada)), seconds=60)
    return privacy.erase(person(ada), search=search, by=None, at=AT)


def hits():
    """Table and column of every value anywhere that has one of her names, as the database tells it."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            for field in model._meta.concrete_fields:
                column, table = connection.ops.quote_name(field.column), connection.ops.quote_name(model._meta.db_table)
                for word in (EMAIL, NAME, USER, VISITOR):
                    cursor.execute(
                        f"SELECT 1 FROM {table} WHERE lower(CAST({column} AS text)) LIKE %s", [f"%{word.lower()}%"]
                    )
                    if cursor.fetchone():
                        found.append((model._meta.label, field.name, word))
    return found


def test_the_rows_about_her_are_in_every_kind_that_is_traced(everywhere, ada):
    held = {one.trace.model._meta.label for one in privacy.plan(person(ada)).holdings}
    assert held == set(traces)
    assert {label for label, _, _ in hits()} == set(traces)


def test_after_an_erasure_no_table_has_any_of_her_names(everywhere, ada):
    request = erase(ada)
    assert hits() == []
    assert request.rows["accounts.Stakeholder"] == 1
    assert set(request.rows) == set(traces)
    assert request.mentions == []


def test_what_arrives_before_the_erasure_begins_goes_too(everywhere, ada, monkeypatch):
    look = privacy._looked_through

    def and_then_more_arrives(person):
        seen = look(person)
        QuarantinedItemFactory(source=everywhere, user_value=USER, item=SAID)
        return seen

    monkeypatch.setattr(privacy, "_looked_through", and_then_more_arrives)
    assert erase(ada).rows["accounts.QuarantinedItem"] == 2
    assert hits() == []


def test_what_was_counted_stays_about_nobody(everywhere, ada, account):
    erase(ada)
    gone = Stakeholder.objects.get(pk=ada.pk)
    assert (gone.name, gone.email, gone.title, gone.left_at) == ("Erased person", "", "", AT)
    user = ProductUser.objects.get()
    assert (user.external_id, user.name, user.account) == (f"erased-{user.pk}", "", account)
    assert DirtyAccount.objects.filter(account=account, what="facts").exists()
    assert AccountEvent.objects.filter(account=account, kind="person.erased").count() == 1
    assert "Quillfeather" not in str(list(AuditEntry.objects.values()))


def test_a_namesake_and_other_people_are_left_alone(everywhere, ada, account):
    other = StakeholderFactory(account=account, name=NAME, email="another@northwind.example")
    ticket = TicketFactory(account=account, requester=other, subject="Printer on fire")
    erase(ada)
    other.refresh_from_db()
    ticket.refresh_from_db()
    assert (other.name, ticket.subject) == (NAME, "Printer on fire")


def test_words_of_ours_that_name_her_are_listed_and_not_touched(account, ada):
    words = TouchTextFactory(touch__account=account, text=f"Lunch with {NAME}.")
    elsewhere = TouchTextFactory(text=f"They know {NAME} from school.")
    request = erase(ada)
    assert request.mentions == [{"model": "accounts.TouchText", "id": words.pk, "field": "text"}]
    assert request.is_open
    assert NAME in TouchTextFactory._meta.model.objects.get(pk=elsewhere.pk).text
    privacy.settle(request, by=None, at=AT)
    assert not PersonRequest.objects.get().is_open
    with pytest.raises(ValidationError, match="left to look at"):
        privacy.settle(request, by=None, at=AT)


@pytest.mark.parametrize(
    ("model", "name"),
    [
        pytest.param(model, name, id=f"{model._meta.label}.{name}")
        for model, name, personal in declared()
        if model is not User and model._meta.label not in traces and name not in model.SECRET
    ],
)
def test_every_personal_field_that_no_trace_empties_is_searched(model, name, account, ada):
    field = model._meta.get_field(name)
    if field.get_internal_type() == "BinaryField":
        return  # the inbox: folded within seconds, and the fold leaves her out
    row = factory_of(model)(**{name: SAID[: field.max_length]})
    found = [(one.model, one.pk, one.field) for one in mentions(gather(person(ada)))]
    assert (model, row.pk, name) in found


def test_nobody_enters_her_again_unless_she_came_back(account, ada):
    erase(ada)
    with pytest.raises(ValidationError, match="asked us to forget"):
        stakeholders.add(account, name="A. Moreau", email=EMAIL.title(), by=None, at=AT)
    other = StakeholderFactory(account=account)
    with pytest.raises(ValidationError, match="asked us to forget"):
        stakeholders.change(other, email=EMAIL, by=None, at=AT)
    back = stakeholders.add(account, name="A. Moreau", email=EMAIL, came_back=True, by=None, at=AT)
    assert back.email == EMAIL
    assert not ErasedName.objects.exists()


def test_a_copy_has_her_data_and_no_one_elses(everywhere, ada, account):
    StakeholderFactory(account=account, name="Ben Other", email="ben@northwind.example")
    copy = privacy.copy_of(person(ada), by=None, at=AT)[1].plain()
    text = json.dumps(copy)
    assert set(copy) == {"made_at", "names", "accounts", "records"}
    assert len(copy["records"]) == len(traces)
    for word in (EMAIL, NAME, USER, VISITOR):
        assert word in text
    assert "Ben Other" not in text
    assert PersonRequest.objects.get().kind == "copy"


def test_about_nobody_there_is_neither_copy_nor_erasure():
    nobody = Person(emails={"nobody@nowhere.example"})
    with pytest.raises(privacy.NobodyFound, match="nothing about such a person"):
        privacy.copy_of(nobody, by=None, at=AT)
    with pytest.raises(privacy.NobodyFound):
        privacy.erase(nobody, search=Search(), by=None, at=AT + dt.timedelta(days=1))
    assert not PersonRequest.objects.exists()


def test_every_traced_row_has_something_personal_to_erase():
    for label, trace in traces.items():
        assert label == trace.model._meta.label
        assert issubclass(trace.model, Record)
        assert trace.model.PERSONAL


def test_the_guide_tells_of_every_personal_field():
    guide = (ROOT / "docs" / "privacy.md").read_text()
    rows = {line.split(" | ")[0].removeprefix("| "): line for line in guide.splitlines() if line.startswith("| ")}
    for model, name, personal in declared():
        if model is not User:
            row = rows[str(model._meta.verbose_name_plural).capitalize()]
            assert f"`{name}`" in row
            assert f" {personal.retention} " in row
