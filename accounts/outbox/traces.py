"""Messages that were written to a person."""

from django.db.models import Q

from accounts.outbox.models import DeliveryBody
from accounts.privacy.person import Person, Trace, any_of, traces
from accounts.stakeholders.models import Stakeholder


def _written_to(person: Person) -> Q:
    addressed = (Q(address__iexact=address) for address in sorted(person.emails))
    return any_of(Q(delivery__stakeholder__in=sorted(person.ids(Stakeholder))), *addressed)


traces.add("accounts.DeliveryBody", Trace(DeliveryBody, _written_to))
