"""Of a signed-in person's own part in a vote: teller, registrar, elector. Mounted at /me/ballots/."""

from django.urls import path

from ballots.doors import ceremony, registering
from ballots.views import own

app_name = "own_ballots"
urlpatterns = [
    path("", own.parts, name="list"),
    path("<uuid:uuid>/", own.teller, name="teller"),
    path("<uuid:uuid>/mine/", own.mine, name="mine"),
    path("<uuid:uuid>/print/", own.slips, name="print"),
    path("<uuid:uuid>/paper/", own.paper, name="paper"),
    path("<uuid:uuid>/ceremony.json", ceremony.state, name="ceremony"),
    path("<uuid:uuid>/publish/<slug:step>", ceremony.publish, name="publish"),
    path("<uuid:uuid>/slips", registering.slips, name="slips"),
    path("<uuid:uuid>/token", registering.token, name="token"),
]
