"""How what a person did in the product is found: by their ids there, and by those under which they visited before."""

from django.db.models import Q

from accounts.ingestion.models import PageSession, QuarantinedItem, SignalPayload, Visit, Visitor
from accounts.privacy.person import Person, Trace, any_of, traces
from accounts.stakeholders.models import ProductUser


def _is_visitor(person: Person) -> Q:
    return Q(product_user__in=sorted(person.ids(ProductUser)))


def _learn_visitor(person: Person, row: Visitor) -> None:
    person.called.add((row.source_id, row.anonymous))


def _visited(person: Person) -> Q:
    return any_of(
        *(Q(source=source) & (Q(user_value=value) | Q(anonymous=value)) for source, value in sorted(person.called))
    )


def _saw(person: Person) -> Q:
    seen_as = sorted({value for _, value in person.called})
    return Q(account__in=sorted(person.accounts), visitor__in=seen_as)


def _waits(person: Person) -> Q:
    named = (Q(source=source, user_value=value) for source, value in sorted(person.called))
    inside = (Q(item__icontains=address) for address in sorted(person.emails))
    return any_of(*named, *inside)


traces.add("accounts.Visitor", Trace(Visitor, _is_visitor, _learn_visitor))
traces.add("accounts.Visit", Trace(Visit, _visited))
traces.add("accounts.PageSession", Trace(PageSession, _saw))
traces.add("accounts.QuarantinedItem", Trace(QuarantinedItem, _waits, grows=True))
traces.add(
    "accounts.SignalPayload",
    Trace(SignalPayload, lambda person: Q(event__product_user__in=sorted(person.ids(ProductUser)))),
)
