from datetime import date

from django.urls import path, register_converter

from workflow import calendar_views, views


class DayConverter:
    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(DayConverter, "day")

app_name = "workflow"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("together/", views.together, name="together"),
    path("notices/read/", views.read, name="read"),
    path("calendar/", calendar_views.days, name="calendar"),
    path("calendar/<day:day>/clear/", calendar_views.clear, name="clear_day"),
    path("<uuid:uuid>/", views.case, name="case"),
    path("<uuid:uuid>/papers/<uuid:paper>/", views.paper, name="paper"),
]
