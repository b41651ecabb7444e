from django.urls.resolvers import URLPattern

app_name = "orgs"
urlpatterns: list[URLPattern] = []
