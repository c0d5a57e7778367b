"""Pages of the console that belong to no model; those of the models are Django admin's."""

from django.contrib import admin
from django.urls import path

from console.styleguide import styleguide

urlpatterns = [path("styleguide/", admin.site.admin_view(styleguide), name="styleguide")]
