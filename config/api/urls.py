"""Every route of the REST API, and the OpenAPI document."""

from typing import Any

from django.urls import path, re_path
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.routers import SimpleRouter

import accounts.api
import accounts.outbox.api
import plays.api
import retention.api
from accounts.team.api import MeView
from config.api.problems import unknown_path
from config.limits import api as limits
from retention.work import feed_api

router = SimpleRouter()
routes: dict[str, Any] = accounts.api.ROUTES | retention.api.ROUTES | plays.api.ROUTES | limits.ROUTES
for prefix, viewset in routes.items():
    router.register(prefix, viewset, basename=getattr(viewset, "basename", "") or prefix.rpartition("/")[2])

SINGLE: Any = {"get": "retrieve", "patch": "partial_update"}
schema = extend_schema(exclude=True)(SpectacularAPIView)

urlpatterns = [
    *router.urls,
    *(path(f"{name}/", one.as_view(SINGLE), name=name) for name, one in accounts.outbox.api.SINGLE.items()),
    path("calendar-feed/", feed_api.CalendarFeedViewSet.as_view(feed_api.VERBS), name="calendar-feed"),
    path("me/", MeView.as_view(), name="me"),
    path("schema/", schema.as_view(), name="schema"),
    re_path("", unknown_path, name="unknown"),
]
