from django.urls.resolvers import URLPattern

app_name = "insight"
urlpatterns: list[URLPattern] = []
