from django.urls import path

from orgs import explain_views, reorganisation_views, term_views, views

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
    path("reorganisations/", reorganisation_views.reorganisations, name="reorganisations"),
    path("reorganisations/<uuid:uuid>/", reorganisation_views.reorganisation, name="reorganisation"),
    path("reorganisations/<uuid:uuid>/revert/", reorganisation_views.revert, name="revert"),
    path("terms/", term_views.terms, name="terms"),
    path("terms/<uuid:uuid>/shift/", term_views.shift, name="shift_term"),
    path("<uuid:uuid>/upgrade/", reorganisation_views.upgrade, name="upgrade"),
    path("<uuid:uuid>/merge/", reorganisation_views.merge, name="merge"),
    path("<uuid:uuid>/split/", reorganisation_views.split, name="split"),
    path("<uuid:uuid>/dissolve/", reorganisation_views.dissolve, name="dissolve"),
    path("<uuid:uuid>/term/", term_views.record, name="record_term"),
    path("<uuid:uuid>/attributes/", views.attributes, name="attributes"),
    path("<uuid:uuid>/parameters/", views.parameters, name="parameters"),
    path("<uuid:uuid>/units/", views.register_unit, name="register_unit"),
    path("<uuid:uuid>/units/<uuid:unit>/", views.edit_unit, name="edit_unit"),
    path("<uuid:uuid>/units/<uuid:unit>/detach/", views.detach_unit, name="detach_unit"),
]
