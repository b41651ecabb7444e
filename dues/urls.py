"""Dues at the desk, mounted under /admin/."""

from django.urls import include, path

from dues.views import arrears, bank, bases, collect

app_name = "dues"
urlpatterns = [
    path("", include("dues.up_urls")),
    path("", bases.bases, name="bases"),
    path("waiting/", bases.waiting, name="waiting"),
    path("arrears/", arrears.arrears, name="arrears"),
    path("arrears/<uuid:uuid>/", arrears.step, name="step"),
    path("arrears/<uuid:uuid>/letter/", arrears.letter, name="letter"),
    path("open/", bases.open_now, name="open"),
    path("assess/", bases.assess, name="assess"),
    path("members/<uuid:uuid>/", bases.person, name="person"),
    path("members/<uuid:uuid>/why/", bases.why, name="why"),
    path("members/<uuid:uuid>/declare/", bases.declare_for, name="declare"),
    path("members/<uuid:uuid>/return/", bases.give_back, name="return"),
    path("members/<uuid:uuid>/relief/", bases.relief_for, name="relief"),
    path("members/<uuid:uuid>/quarterly/", bases.quarterly, name="quarterly"),
    path("bank/", bank.accounts, name="bank_accounts"),
    path("bank/<uuid:uuid>/", bank.bank, name="bank"),
    path("bank/lines/<uuid:uuid>/", bank.line, name="bank_line"),
    path("bank/lines/<uuid:uuid>/decide/", bank.decide, name="bank_decide"),
    path("months/", collect.months, name="months"),
    path("months/<uuid:uuid>/", collect.month, name="month"),
    path("months/<uuid:uuid>/take/", collect.take, name="take"),
    path("months/<uuid:uuid>/close/", collect.close, name="close"),
    path("months/<uuid:uuid>/<uuid:member>/", collect.person, name="cash"),
    path("payments/<uuid:uuid>/refund/", bank.refund, name="refund"),
    path("payments/<uuid:uuid>/undo/", collect.undo, name="undo"),
]
