from django.urls import path

from exchange import filing_views as views

app_name = "filings"
urlpatterns = [
    path("", views.filing_list, name="list"),
    path("new/", views.new, name="new"),
    path("<uuid:uuid>/", views.filing, name="filing"),
    path("<uuid:uuid>/fetch/", views.fetch, name="fetch"),
    path("<uuid:uuid>/withdraw/", views.withdraw, name="withdraw"),
]
