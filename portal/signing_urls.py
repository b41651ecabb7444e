"""The doors belong to accounts, their names to the portal: portal:login, portal:logout, portal:activate, portal:password."""

from django.urls import include, path
from django.urls.resolvers import URLResolver

urlpatterns: list[URLResolver] = [path("", include("accounts.signing_urls"))]
