"""How a person is found among stakeholders and product users, who they are to us and to the product."""

from django.db.models import Q

from accounts.privacy.person import Person, Trace, any_of, traces
from accounts.stakeholders import services
from accounts.stakeholders.models import ProductUser, Stakeholder


def _is_stakeholder(person: Person) -> Q:
    users = ProductUser.objects.filter(pk__in=sorted(person.ids(ProductUser)), stakeholder__isnull=False)
    linked = set(users.values_list("stakeholder", flat=True))  # a subquery beside an OR would read all rows
    return any_of(Q(pk__in=sorted(person.ids(Stakeholder) | linked)), _has_address(person))


def _has_address(person: Person) -> Q:
    return any_of(*(Q(email__iexact=address) for address in sorted(person.emails)))


def _learn_stakeholder(person: Person, row: Stakeholder) -> None:
    person.is_row(Stakeholder, row.pk)
    person.accounts.add(row.account_id)
    person.learn(email=row.email, name=row.name)


def _is_user(person: Person) -> Q:
    linked = Q(stakeholder__in=sorted(person.ids(Stakeholder)))
    named = (Q(source=source, external_id=value) for source, value in sorted(person.called))
    return any_of(Q(pk__in=sorted(person.ids(ProductUser))), linked, _has_address(person), *named)


def _learn_user(person: Person, row: ProductUser) -> None:
    person.is_row(ProductUser, row.pk)
    person.called.add((row.source_id, row.external_id))
    person.learn(email=row.email if "@" in row.email else "", name=row.name)
    if row.account_id:
        person.accounts.add(row.account_id)


traces.add("accounts.Stakeholder", Trace(Stakeholder, _is_stakeholder, _learn_stakeholder, also=services.erased))
traces.add("accounts.ProductUser", Trace(ProductUser, _is_user, _learn_user))
