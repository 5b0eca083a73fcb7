from django.urls import re_path

from accounts.ingestion.doors import CALLS, door

names = "|".join(sorted(CALLS, key=len, reverse=True))
urlpatterns = [re_path(rf"^v1/(?P<path>{names})/?$", door, name="signals")]
