from django.contrib import admin
from django.urls import path

from config.console.book import bulk, cells, views

wrap = admin.site.admin_view
urlpatterns = [
    path("", wrap(views.page), name="book"),
    path("export.csv", wrap(views.export), name="book_export"),
    path("assign/", wrap(bulk.assign_view), name="book_assign"),
    path("next-step/", wrap(bulk.step_view), name="book_step"),
    path("pulse/", wrap(bulk.pulse_view), name="book_pulse"),
    path("<int:pk>/csm/", wrap(cells.csm_view), name="book_csm"),
    path("filters/save/", wrap(bulk.save_filter_view), name="book_filter_save"),
    path("filters/<int:pk>/delete/", wrap(bulk.forget_filter_view), name="book_filter_delete"),
]
