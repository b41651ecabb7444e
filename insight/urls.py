from django.urls import path

from insight import views

app_name = "insight"
urlpatterns = [
    path("", views.home, name="home"),
    path("<uuid:uuid>/", views.node, name="node"),
    path("<uuid:uuid>/export/", views.export, name="export"),
    path("<uuid:uuid>/branches/", views.branches, name="branches"),
]
