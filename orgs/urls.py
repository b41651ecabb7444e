from django.urls import path

from orgs import explain_views, views

app_name = "orgs"
urlpatterns = [
    path("", views.tree, name="tree"),
    path("suggest/", views.suggest, name="suggest"),
    path("mine/", views.mine, name="mine"),
    path("why/", explain_views.why_here, name="why"),
    path("why/people/", explain_views.suggest_holders, name="suggest_holders"),
    path("simulate/", explain_views.simulate_here, name="simulate"),
    path("<uuid:uuid>/", views.node, name="node"),
    path("<uuid:uuid>/branches/", views.branches, name="branches"),
    path("<uuid:uuid>/establish/", views.establish, name="establish"),
    path("<uuid:uuid>/rename/", views.rename, name="rename"),
    path("<uuid:uuid>/move/", views.move, name="move"),
    path("<uuid:uuid>/attributes/", views.attributes, name="attributes"),
    path("<uuid:uuid>/parameters/", views.parameters, name="parameters"),
    path("<uuid:uuid>/units/", views.register_unit, name="register_unit"),
    path("<uuid:uuid>/units/<uuid:unit>/", views.edit_unit, name="edit_unit"),
    path("<uuid:uuid>/units/<uuid:unit>/detach/", views.detach_unit, name="detach_unit"),
]
