"""Mounted without a path inside `portal.urls`: the names are portal:login, portal:logout, portal:activate, portal:password."""

from django.urls import path
from django.urls.resolvers import URLPattern

from accounts import factor_views, signing

urlpatterns: list[URLPattern] = [
    path("login/", signing.sign_in, name="login"),
    path("login/code/", signing.second, name="second_step"),
    path("logout/", signing.sign_out, name="logout"),
    path("activate/", signing.activate, name="activate"),
    path("account/", signing.account, name="account"),
    path("account/factor/", factor_views.factor, name="factor"),
    path("account/factor/phone/", factor_views.bind_phone, name="bind_phone"),
    path("account/factor/sheet/", factor_views.bind_sheet, name="bind_sheet"),
    path("account/factor/certificate/", factor_views.bind_certificate, name="bind_certificate"),
    path("account/factor/codes/", factor_views.print_codes, name="print_codes"),
    path("account/factor/remove/", factor_views.remove, name="remove_factor"),
    path("account/elevate/", factor_views.elevate, name="elevate"),
    path("account/elevations/<uuid:uuid>/end/", factor_views.end_elevation, name="end_elevation"),
    path("password/", signing.password, name="password"),
]
