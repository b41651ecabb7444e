"""The books of nodes, below /admin/dues/."""

from django.urls import path

from dues.views import books

urlpatterns = [
    path("books/", books.books, name="books"),
    path("books/<uuid:uuid>/", books.node, name="node"),
    path("books/<uuid:uuid>/hand-in/", books.hand_in, name="hand_in"),
    path("books/<uuid:uuid>/account/", books.account, name="account"),
    path("books/<uuid:uuid>/bank-in/<slug:source>/", books.bank_in, name="bank_in"),
    path("books/<uuid:uuid>/interest/", books.interest, name="interest"),
    path("books/<uuid:uuid>/remit/", books.remit, name="remit"),
    path("books/<uuid:uuid>/remit-large/", books.remit_large, name="remit_large"),
    path("books/<uuid:uuid>/allocate/", books.allocate, name="allocate"),
    path("books/<uuid:uuid>/spend/", books.spend, name="spend"),
    path("books/<uuid:uuid>/publish/", books.publish, name="publish"),
    path("hand-ins/<uuid:uuid>/count/", books.count, name="count"),
    path("hand-ins/<uuid:uuid>/take-back/", books.take_back, name="take_back"),
    path("transfers/<uuid:uuid>/send/", books.send, name="send"),
    path("transfers/<uuid:uuid>/receive/", books.receive, name="receive"),
    path("transfers/<uuid:uuid>/drop/", books.drop, name="drop"),
    path("spendings/<uuid:uuid>/pay/", books.pay, name="pay"),
    path("spendings/<uuid:uuid>/drop/", books.drop_spending, name="drop_spending"),
    path("publications/<uuid:uuid>/", books.publication, name="publication"),
]
