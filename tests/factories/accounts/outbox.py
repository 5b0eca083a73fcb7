"""What leaves, and where to."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from accounts.foundation.sealing import seal
from accounts.outbox.models import Delivery, DeliveryAttempt, DeliveryBody, WebhookEndpoint
from tests.factories.accounts.book import AccountFactory
from tests.factories.accounts.people import UserFactory
from tests.factories.accounts.times import AT

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class WebhookEndpointFactory(DjangoModelFactory):
    class Meta:
        model = WebhookEndpoint

    name = factory.Sequence("Warehouse {}".format)
    url = "https://hooks.example.com/holdfast"
    secret = factory.LazyFunction(lambda: seal(SECRET))
    created_at = AT


class DeliveryFactory(DjangoModelFactory):
    class Meta:
        model = Delivery

    purpose = "test"
    key = factory.Sequence("test:{}".format)
    channel = "email"
    account = factory.SubFactory(AccountFactory)
    user = factory.SubFactory(UserFactory, email="amelia@anchor.example")
    created_at = AT
    next_attempt_at = AT


class DeliveryBodyFactory(DjangoModelFactory):
    class Meta:
        model = DeliveryBody

    delivery = factory.SubFactory(DeliveryFactory)
    subject = "Something happened"
    text = "Northwind needs a call."
    keep_until = AT + dt.timedelta(days=90)


class DeliveryAttemptFactory(DjangoModelFactory):
    class Meta:
        model = DeliveryAttempt

    delivery = factory.SubFactory(DeliveryFactory)
    began_at = AT
