"""Touches in the console: the list of all, and the short forms that open from any page."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.urls import URLPattern, path

from accounts.foundation.console import ConsoleAdmin
from accounts.touches.admin import logging, reviews, steps
from accounts.touches.models import Touch


@admin.register(Touch)
class TouchAdmin(ConsoleAdmin):
    """Every contact with customers and every note, newest first."""

    nothing_yet = "Nobody has logged a contact yet. Press Log touch above, or T on any page."
    list_display = ("happened_at", "account", "kind", "purpose", "is_two_way", "minutes", "logged_by")
    list_filter = ("kind", "purpose", "is_two_way")
    list_select_related = ("account", "logged_by")
    search_fields = ("account__name",)
    fields = (*list_display, "direction", "in_conversation", "said", "people", "source")
    readonly_fields = ("said", "people")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Touch]:
        return super().get_queryset(request).select_related("words")

    @admin.display(description="What was said")
    def said(self, touch: Touch) -> str:
        return touch.words.text if hasattr(touch, "words") else "Nothing was written down."

    @admin.display(description="With")
    def people(self, touch: Touch) -> str:
        return ", ".join(map(str, touch.stakeholders.all())) or "nobody was named"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path(route, wrap(view), name=f"accounts_touch_{name}")
            for route, view, name in (
                ("log/", logging.log_view, "log"),
                ("undo/", logging.undo_view, "undo"),
                ("accounts/", logging.accounts_view, "accounts"),
                ("next-step/<int:pk>/", steps.next_step_view, "next_step"),
                ("next-step/<int:pk>/done/", steps.done_view, "next_step_done"),
                ("pulse/<int:pk>/", steps.pulse_view, "pulse"),
                ("review/<int:pk>/plan/", reviews.plan_view, "review_plan"),
                ("review/<int:pk>/hold/", reviews.hold_view, "review_hold"),
                ("review/<int:pk>/cancel/", reviews.cancel_view, "review_cancel"),
                ("survey/<int:pk>/close/", reviews.close_loop_view, "survey_close"),
            )
        ]
        return own + super().get_urls()
