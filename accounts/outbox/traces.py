"""Messages that were written to a person."""

from django.db.models import Q

from accounts.outbox.models import Delivery, DeliveryBody
from accounts.privacy.person import Person, Trace, any_of, traces
from accounts.stakeholders.models import Stakeholder


def _written_to(person: Person) -> Q:
    addressed = (Q(address__iexact=address) for address in sorted(person.emails))
    to_them = Delivery.objects.filter(stakeholder__in=sorted(person.ids(Stakeholder))).values_list("pk", flat=True)
    return any_of(Q(pk__in=sorted(to_them)), *addressed)  # an OR over two tables would read all of both


traces.add("accounts.DeliveryBody", Trace(DeliveryBody, _written_to))
