"""Rows of handoffs and their checklists."""

import factory
from factory.django import DjangoModelFactory

from retention.handoffs.models import (
    Answer,
    Handoff,
    HandoffFile,
    HandoffItem,
    HandoffSection,
    HandoffTemplate,
    HandoffTurn,
    HandoffVersion,
    ItemReturn,
    Promise,
)
from tests.factories.accounts import AT, AccountFactory
from tests.factories.retention.work import WorkItemFactory


class HandoffTemplateFactory(DjangoModelFactory):
    class Meta:
        model = HandoffTemplate

    key = factory.Sequence("handoff-{}".format)
    name = "Sales to CS"


class HandoffVersionFactory(DjangoModelFactory):
    class Meta:
        model = HandoffVersion

    template = factory.SubFactory(HandoffTemplateFactory)
    number = 1
    giver = "ae"
    receiver = "csm"
    complete_within = "1 bd"
    accept_within = "1 bd"
    published_at = AT


class HandoffSectionFactory(DjangoModelFactory):
    class Meta:
        model = HandoffSection

    version = factory.SubFactory(HandoffVersionFactory)
    key = factory.Sequence("section-{}".format)
    name = "Value"
    position = factory.Sequence(lambda number: number)


class HandoffItemFactory(DjangoModelFactory):
    class Meta:
        model = HandoffItem

    version = factory.SubFactory(HandoffVersionFactory)
    section = factory.SubFactory(HandoffSectionFactory, version=factory.SelfAttribute("..version"))
    key = factory.Sequence("item-{}".format)
    name = "Use cases"
    position = factory.Sequence(lambda number: number)
    evidence = "text"
    is_blocking = True


class HandoffFactory(DjangoModelFactory):
    class Meta:
        model = Handoff

    account = factory.SubFactory(AccountFactory)
    version = factory.SubFactory(HandoffVersionFactory)
    key = factory.Sequence("hand:{}".format)
    state = "open"
    lacking = 1
    created_at = AT
    started_at = AT


class HandoffTurnFactory(DjangoModelFactory):
    class Meta:
        model = HandoffTurn

    handoff = factory.SubFactory(HandoffFactory)
    work = factory.SubFactory(WorkItemFactory, kind="handoff", account=factory.SelfAttribute("..handoff.account"))


class HandoffFileFactory(DjangoModelFactory):
    class Meta:
        model = HandoffFile

    handoff = factory.SubFactory(HandoffFactory)
    name = "sow.pdf"
    size = 6
    content = "handoffs/1/sow.pdf"
    uploaded_at = AT


class AnswerFactory(DjangoModelFactory):
    class Meta:
        model = Answer

    handoff = factory.SubFactory(HandoffFactory)
    item = factory.SubFactory(HandoffItemFactory, version=factory.SelfAttribute("..handoff.version"))
    text = "Reports for campaigns"
    changed_at = AT


class ItemReturnFactory(DjangoModelFactory):
    class Meta:
        model = ItemReturn

    handoff = factory.SubFactory(HandoffFactory)
    item = factory.SubFactory(HandoffItemFactory, version=factory.SelfAttribute("..handoff.version"))
    loop = 1
    reason = "vague_value"
    at = AT


class PromiseFactory(DjangoModelFactory):
    class Meta:
        model = Promise

    handoff = factory.SubFactory(HandoffFactory)
    what = "Single sign-on by March"
    created_at = AT
