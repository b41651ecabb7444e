from django.urls import path

from cadres.views import access, security, teams

app_name = "cadres"
urlpatterns = [
    path("", teams.appointments, name="list"),
    path("find/", teams.find, name="find"),
    path("organizations/<uuid:uuid>/", teams.team, name="team"),
    path("organizations/<uuid:uuid>/appoint/", teams.appoint, name="appoint"),
    path("organizations/<uuid:uuid>/people/", teams.people, name="people"),
    path("organizations/<uuid:uuid>/mappings/", access.propose, name="propose"),
    path("appointments/<uuid:uuid>/end/", teams.end, name="end"),
    path("appointments/<uuid:uuid>/term/", teams.term, name="term"),
    path("appointments/<uuid:uuid>/account/", teams.account, name="account"),
    path("appointments/<uuid:uuid>/delegate/", access.delegate, name="delegate"),
    path("appointments/<uuid:uuid>/restore/", security.restore, name="restore"),
    path("delegations/", access.delegations, name="delegations"),
    path("delegations/<uuid:uuid>/end/", access.end_delegation, name="end_delegation"),
    path("reviews/", access.reviews, name="reviews"),
    path("reviews/<uuid:uuid>/", access.review, name="review"),
    path("reviews/<uuid:uuid>/confirm/", access.confirm, name="confirm"),
    path("mappings/", security.mappings, name="mappings"),
    path("mappings/<uuid:uuid>/approve/", security.approve, name="approve"),
    path("mappings/<uuid:uuid>/refuse/", security.refuse, name="refuse"),
    path("mappings/<uuid:uuid>/stop/", security.stop, name="stop"),
    path("withdrawals/", security.withdrawals, name="withdrawals"),
    path("withdrawals/<uuid:uuid>/withdraw/", security.withdraw, name="withdraw"),
    path("withdrawals/<uuid:uuid>/keep/", security.keep, name="keep"),
]
