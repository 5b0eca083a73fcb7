from django.db import models

from accounts.catalogue.models import Product


def sold() -> models.QuerySet[Product]:
    """What can be sold today, by name."""
    return Product.objects.filter(is_active=True)
