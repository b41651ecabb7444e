from django.urls import path

from orgs import explain_views
from orgs import grant_views as views

app_name = "grants"
urlpatterns = [
    path("", views.grant_list, name="list"),
    path("give/", views.give, name="give"),
    path("suggest/people/", views.suggest_people, name="suggest_people"),
    path("suggest/organizations/", views.suggest_organizations, name="suggest_organizations"),
    path("why/", explain_views.why_anywhere, name="why"),
    path("simulate/", explain_views.simulate_anywhere, name="simulate"),
    path("roles/", views.roles, name="roles"),
    path("roles/new/", views.new_role, name="new_role"),
    path("roles/<slug:code>/", views.role, name="role"),
    path("seals/", views.seals, name="seals"),
    path("seals/<uuid:uuid>/lift/", views.lift, name="lift"),
    path("<uuid:uuid>/", views.grant, name="grant"),
]
