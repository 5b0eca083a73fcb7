"""Saying who a user of the product is, in the console."""

from django.urls import reverse

from accounts.stakeholders.models import ProductUser
from tests.factories.accounts import ProductUserFactory


def test_a_user_whose_account_is_not_known_yet_is_nobody_without_a_fault(client, admin_user):
    user = ProductUserFactory(account=None)
    client.force_login(admin_user)
    answer = client.post(reverse("admin:accounts_stakeholder_user", args=[user.pk]), {"stakeholder": ""}, follow=True)
    assert answer.status_code == 200
    assert "is no stakeholder" in answer.content.decode()
    assert ProductUser.objects.get().stakeholder is None


def test_a_user_whose_account_is_not_known_yet_is_no_stakeholder_of_any(client, admin_user):
    user = ProductUserFactory(account=None)
    client.force_login(admin_user)
    answer = client.post(reverse("admin:accounts_stakeholder_promote", args=[user.pk]), {"name": "Ida Wells"})
    assert answer.status_code == 400
    assert "not known yet whose user" in answer.content.decode()
