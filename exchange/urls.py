from django.urls import path

from exchange import views

app_name = "exchange"
urlpatterns = [
    path("", views.imports_list, name="list"),
    path("new/", views.new, name="new"),
    path("export/", views.export, name="export"),
    path("<uuid:uuid>/", views.batch, name="batch"),
    path("<uuid:uuid>/progress/", views.progress, name="progress"),
    path("<uuid:uuid>/columns/", views.columns, name="columns"),
    path("<uuid:uuid>/header/", views.header, name="header"),
    path("<uuid:uuid>/changes/", views.changes, name="changes"),
    path("<uuid:uuid>/missing/", views.missing, name="missing"),
    path("<uuid:uuid>/marked/", views.marked, name="marked"),
    path("<uuid:uuid>/rows/<int:row_no>/accept/", views.accept, name="accept"),
    path("<uuid:uuid>/rows/<int:row_no>/choose/", views.choose, name="choose"),
    path("<uuid:uuid>/commit/", views.commit, name="commit"),
    path("<uuid:uuid>/undo/", views.undo, name="undo"),
    path("<uuid:uuid>/cancel/", views.cancel, name="cancel"),
]
