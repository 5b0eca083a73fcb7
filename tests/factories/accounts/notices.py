"""Rows of how people hear of things."""

import factory
from factory.django import DjangoModelFactory

from accounts.outbox.models import Digest, NoticeChoice
from tests.factories.accounts.people import UserFactory


class NoticeChoiceFactory(DjangoModelFactory):
    class Meta:
        model = NoticeChoice

    user = factory.SubFactory(UserFactory)
    purpose = "work"
    way = "digest"


class DigestFactory(DjangoModelFactory):
    class Meta:
        model = Digest

    user = factory.SubFactory(UserFactory)
    hour = 7
