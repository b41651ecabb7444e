"""A member's own dues, mounted under /me/."""

from django.urls import path

from dues.views import own, papers, pay, published

app_name = "own_dues"
urlpatterns = [
    path("published/", published.published, name="published"),
    path("", own.mine, name="mine"),
    path("base/", own.base, name="base"),
    path("base/unchanged/", own.unchanged, name="unchanged"),
    path("relief/", own.relief, name="relief"),
    path("pay/", pay.pay, name="pay"),
    path("pay/ahead/", pay.ahead, name="ahead"),
    path("pay/extra/", pay.extra, name="extra"),
    path("pay/cash/", pay.cash, name="cash"),
    path("entrust/", pay.entrusting, name="entrust"),
    path("entrust/<uuid:uuid>/stop/", pay.stop_entrusting, name="stop_entrusting"),
    path("bank/<uuid:uuid>/", pay.sample_bank, name="sample_bank"),
    path("receipts/<uuid:uuid>/", papers.receipt, name="receipt"),
    path("statement/", papers.statement, name="statement"),
    path("letters/<slug:channel>/", pay.letters, name="letters"),
]
