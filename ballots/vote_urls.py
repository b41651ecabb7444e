"""Without a name: no cookie, session, address or log line (core.secrecy). Mounted at /vote/."""

from django.urls import path

from ballots.doors import voting
from ballots.views import voting as pages

app_name = "vote"
urlpatterns = [
    path("verify_election.py", pages.verifier, name="verifier"),
    path("<uuid:uuid>/", pages.booth, name="booth"),
    path("<uuid:uuid>/board/", pages.board, name="board"),
    path("<uuid:uuid>/check/", pages.check, name="check"),
    path("<uuid:uuid>/facts.json", voting.facts, name="facts"),
    path("<uuid:uuid>/election.json", voting.election, name="election"),
    path("<uuid:uuid>/roll.json", voting.roll, name="roll"),
    path("<uuid:uuid>/register", voting.register, name="register"),
    path("<uuid:uuid>/cast", voting.cast, name="cast"),
    path("<uuid:uuid>/archive.bel", voting.archive, name="archive"),
]
