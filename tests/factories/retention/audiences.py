"""Audiences of stakeholders."""

import factory
from factory.django import DjangoModelFactory

from retention.audiences.models import Audience


class AudienceFactory(DjangoModelFactory):
    class Meta:
        model = Audience

    key = factory.Sequence("audience-{}".format)
    name = factory.Sequence("Audience {}".format)
    roles = ["champion"]
