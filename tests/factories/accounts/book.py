"""Our customers: accounts, their people and contracts, and what happened to them."""

import datetime as dt
from typing import Any

import factory
from factory.django import DjangoModelFactory

from accounts.contracts.models import ArrMovement, Contract
from accounts.events.models import DirtyAccount, Reaction
from accounts.identity.models import ExternalId
from accounts.portfolio.models import Account, AccountEvent, AccountMember
from accounts.stakeholders.models import ProductUser, Stakeholder, StakeholderRole, StakeholderTopic
from tests.factories.accounts.people import SourceFactory, UserFactory
from tests.factories.accounts.times import AT


class AccountFactory(DjangoModelFactory):
    class Meta:
        model = Account
        skip_postgeneration_save = True

    key = factory.Sequence("account-{}".format)
    name = factory.Sequence("Account {}".format)
    created_at = AT

    @factory.post_generation
    def root(self: Any, create: bool, extracted: Any, **kwargs: Any) -> None:
        """The top of its hierarchy: itself, where it has no parent."""
        self.root = extracted or (self.parent.root if self.parent else self)
        if create:
            self.save(update_fields=["root"])


class AccountMemberFactory(DjangoModelFactory):
    class Meta:
        model = AccountMember

    account = factory.SubFactory(AccountFactory)
    user = factory.SubFactory(UserFactory)
    part = "csm"
    since = AT


class AccountEventFactory(DjangoModelFactory):
    class Meta:
        model = AccountEvent

    kind = "account.created"
    account = factory.SubFactory(AccountFactory)
    at = AT
    recorded_at = AT


class ReactionFactory(DjangoModelFactory):
    class Meta:
        model = Reaction

    event = factory.SubFactory(AccountEventFactory)
    subscriber = "somebody"
    next_attempt_at = AT


class DirtyAccountFactory(DjangoModelFactory):
    class Meta:
        model = DirtyAccount

    account = factory.SubFactory(AccountFactory)
    what = "facts"
    at = AT


class StakeholderFactory(DjangoModelFactory):
    class Meta:
        model = Stakeholder

    account = factory.SubFactory(AccountFactory)
    name = "Sam Sponsor"


class StakeholderRoleFactory(DjangoModelFactory):
    class Meta:
        model = StakeholderRole

    stakeholder = factory.SubFactory(StakeholderFactory)
    role = "champion"


class StakeholderTopicFactory(DjangoModelFactory):
    class Meta:
        model = StakeholderTopic

    stakeholder = factory.SubFactory(StakeholderFactory)
    topic = "events"


class ProductUserFactory(DjangoModelFactory):
    class Meta:
        model = ProductUser

    source = factory.SubFactory(SourceFactory)
    external_id = factory.Sequence("user-{}".format)
    first_seen_at = AT


class ExternalIdFactory(DjangoModelFactory):
    class Meta:
        model = ExternalId

    source = factory.SubFactory(SourceFactory)
    value = factory.Sequence("acct-{}".format)
    account = factory.SubFactory(AccountFactory)


class ContractFactory(DjangoModelFactory):
    class Meta:
        model = Contract

    key = factory.Sequence("contract-{}".format)
    account = factory.SubFactory(AccountFactory)
    arr_minor = 4_800_000
    currency = "USD"
    signed_at = AT
    starts_on = dt.date(2026, 4, 1)
    ends_on = dt.date(2027, 3, 31)


class ArrMovementFactory(DjangoModelFactory):
    class Meta:
        model = ArrMovement

    contract = factory.SubFactory(ContractFactory)
    account = factory.SelfAttribute("contract.account")
    kind = "new"
    amount_minor = 4_800_000
    currency = "USD"
    effective_on = dt.date(2026, 4, 1)
    recorded_at = AT
    key = factory.Sequence("movement-{}".format)
