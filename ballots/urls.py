"""The organiser's desk, mounted at /admin/ballots/."""

from django.urls import path

from ballots.views import acts, desk

app_name = "ballots"
urlpatterns = [
    path("", desk.votes, name="list"),
    path("new/", desk.new, name="new"),
    path("<uuid:uuid>/", desk.poll, name="poll"),
    path("<uuid:uuid>/revise/", desk.revise, name="revise"),
    path("<uuid:uuid>/form/", desk.form, name="form"),
    path("<uuid:uuid>/sheet/", desk.sheet, name="sheet"),
    path("<uuid:uuid>/convene/", acts.convene, name="convene"),
    path("<uuid:uuid>/replace/", acts.replace, name="replace"),
    path("<uuid:uuid>/restart/", acts.restart, name="restart"),
    path("<uuid:uuid>/freeze/", acts.freeze, name="freeze"),
    path("<uuid:uuid>/open/", acts.open_vote, name="open"),
    path("<uuid:uuid>/close/", acts.close, name="close"),
    path("<uuid:uuid>/announce/", acts.announce, name="announce"),
    path("<uuid:uuid>/abandon/", acts.abandon, name="abandon"),
]
