"""What comes of people who asked us to forget them: counted, and forgotten."""

from accounts.foundation.clock import now
from accounts.ingestion.models import PageSession, QuarantinedItem, Visit, Visitor
from accounts.privacy import services as privacy
from accounts.privacy.person import Person
from accounts.privacy.searching import Search
from accounts.stakeholders.models import ProductUser
from tests.factories.accounts import StakeholderFactory

EMAIL, USER = "ada.moreau@northwind.example", "usr-ada-77"


def test_signals_of_hers_come_to_nothing_and_the_others_of_the_batch_stay(deliver, product, contoso):
    ada = StakeholderFactory(account=contoso, email=EMAIL)
    who = {"userId": USER, "context": {"groupId": "acct-7"}}
    deliver({"type": "identify", "messageId": "m1", "traits": {"email": EMAIL}, **who})
    privacy.erase(Person(rows={"accounts.Stakeholder": {ada.pk}}), search=Search(), by=None, at=now())
    deliver(
        {"type": "track", "event": "Report Viewed", "messageId": "m2", **who},
        {"type": "identify", "messageId": "m3", "userId": "new-id", "traits": {"email": EMAIL.upper()}},
        {"type": "page", "messageId": "m4", "userId": USER, "properties": {"path": "/pricing"}},
        {"type": "track", "event": "Report Viewed", "messageId": "m5", **(who | {"userId": "ben"})},
    )
    erased = ProductUser.objects.filter(external_id__startswith="erased-").get()
    assert [user.external_id for user in ProductUser.objects.exclude(pk=erased.pk)] == ["ben"]
    assert not any(model.objects.exists() for model in (Visit, Visitor, QuarantinedItem, PageSession))
    counts = product.counts.get()
    assert (counts.accepted, counts.repeated, counts.quarantined) == (5, 0, 0)
