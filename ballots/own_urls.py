"""Of a signed-in person's own part in a vote: teller, registrar, elector. Mounted at /me/ballots/."""

from django.urls import path

from ballots.doors import ceremony, registering

app_name = "own_ballots"
urlpatterns = [
    path("<uuid:uuid>/ceremony.json", ceremony.state, name="ceremony"),
    path("<uuid:uuid>/publish/<slug:step>", ceremony.publish, name="publish"),
    path("<uuid:uuid>/slips", registering.slips, name="slips"),
    path("<uuid:uuid>/token", registering.token, name="token"),
]
