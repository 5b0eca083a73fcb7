from django.db import models

from accounts.catalogue.models import Product


def sold(*, keeping: int | None = None) -> models.QuerySet[Product]:
    """What can be sold today, by name; and the one that is named already, whatever became of it."""
    return Product.objects.filter(models.Q(is_active=True) | models.Q(pk=keeping))
