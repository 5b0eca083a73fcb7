"""What of the libraries stays out of the console: their tables say nothing to our people."""

from django.contrib import admin
from django.contrib.auth.models import Group
from django_q.models import Failure, OrmQ, Schedule, Success

for model in (Group, Failure, OrmQ, Schedule, Success):
    if admin.site.is_registered(model):
        admin.site.unregister(model)

admin.site.index_template = "holdfast/home.html"
