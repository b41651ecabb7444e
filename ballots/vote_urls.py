"""Without a name: no cookie, session, address or log line (core.secrecy). Mounted at /vote/."""

from django.urls import path

from ballots.doors import voting

app_name = "vote"
urlpatterns = [
    path("<uuid:uuid>/facts.json", voting.facts, name="facts"),
    path("<uuid:uuid>/election.json", voting.election, name="election"),
    path("<uuid:uuid>/roll.json", voting.roll, name="roll"),
    path("<uuid:uuid>/register", voting.register, name="register"),
    path("<uuid:uuid>/cast", voting.cast, name="cast"),
    path("<uuid:uuid>/archive.bel", voting.archive, name="archive"),
]
