from django.urls import path

from exchange import register_views as registers
from exchange import request_views as views

app_name = "exports"
urlpatterns = [
    path("", views.request_list, name="list"),
    path("take-out/", views.ask_take_out, name="take_out"),
    path("dues/<uuid:uuid>/", registers.register, name="register"),
    path("dues/files/<uuid:uuid>/", registers.fetch_register, name="register_file"),
    path("<uuid:uuid>/", views.request_page, name="request"),
    path("<uuid:uuid>/fetch/", views.fetch, name="fetch"),
    path("<uuid:uuid>/stream/", views.stream, name="stream"),
]
