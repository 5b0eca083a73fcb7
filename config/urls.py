"""Where everything answers."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from config.api.problems import unknown_path
from config.health import healthz

handler404 = "config.console.absent.not_found"
handler403 = "config.console.absent.forbidden"

urlpatterns = [
    path("", RedirectView.as_view(url="/admin/", permanent=False)),
    path("", include("accounts.ingestion.urls")),
    path("api/v1/", include("config.api.urls")),
    re_path(r"^(api|v1)(/|$)", unknown_path),
    path("healthz", healthz, name="healthz"),
    path("admin/book/", include("config.console.book.urls")),
    path("admin/", admin.site.urls),
]
