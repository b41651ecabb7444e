"""Mounted without a path inside `portal.urls`: the names are portal:login, portal:logout, portal:activate, portal:password."""

from django.urls import path
from django.urls.resolvers import URLPattern

from accounts import signing

urlpatterns: list[URLPattern] = [
    path("login/", signing.sign_in, name="login"),
    path("logout/", signing.sign_out, name="logout"),
    path("activate/", signing.activate, name="activate"),
    path("account/", signing.account, name="account"),
    path("password/", signing.password, name="password"),
]
