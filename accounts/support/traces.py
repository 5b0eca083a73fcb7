"""Tickets that a person asked for."""

from django.db.models import Q

from accounts.privacy.person import Trace, traces
from accounts.stakeholders.models import Stakeholder
from accounts.support.models import Ticket

traces.add("accounts.Ticket", Trace(Ticket, lambda person: Q(requester__in=sorted(person.ids(Stakeholder)))))
