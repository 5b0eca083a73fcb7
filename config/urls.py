"""Where everything answers."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from accounts.stakeholders import links
from accounts.team import password_pages
from config.api.kinds import KINDS, explained
from config.api.problems import unknown_path
from config.console import health, limits
from config.health.views import healthz, prometheus

handler400 = "config.api.problems.bad_request"
handler500 = "config.api.problems.server_error"
handler404 = "config.console.absent.not_found"
handler403 = "config.console.absent.forbidden"

urlpatterns = [
    path("", RedirectView.as_view(url="/admin/", permanent=False)),
    path("", include("accounts.ingestion.urls")),
    path("", include("accounts.sign_in.urls")),  # before the admin's own page to sign in
    path("api/v1/", include("config.api.urls")),
    path("api/problems/", explained, name="problems"),
    re_path(rf"^api/problems/(?P<code>{'|'.join(KINDS)})/$", explained, name="problem"),
    re_path(r"^(api|v1)(/|$)", unknown_path),
    path("healthz", healthz, name="healthz"),
    path("metrics", prometheus, name="metrics"),
    path("s/<str:token>/", links.shared, name="shared"),
    path("admin/health/", admin.site.admin_view(health.page), name="health"),
    path("admin/limits/", admin.site.admin_view(limits.page), name="limits"),
    path("admin/periods/", include("config.console.retention")),
    path("admin/conditions/", include("retention.builder.urls")),
    path("admin/notices/", include("accounts.outbox.admin.notices")),
    path("", include("retention.work.pages.calendar")),
    path("admin/book/", include("config.console.book.urls")),
    path("admin/dead-letters/", include("config.console.dead_letters")),
    path("admin/link/<str:name>/<str:token>/", password_pages.link_view, name="sign_in_link"),
    path("admin/", admin.site.urls),
]
