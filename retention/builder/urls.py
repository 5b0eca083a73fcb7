from django.contrib import admin
from django.urls import path

from retention.builder import views

wrap = admin.site.admin_view
urlpatterns = [
    path("facts/", wrap(views.facts_view), name="condition_facts"),
    path("values/", wrap(views.values_view), name="condition_values"),
    path("count/", wrap(views.count_view), name="condition_count"),
]
