"""The calendar that working days are counted by, kept by the system administrator."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from core.access import administrator
from core.dates import today
from core.errors import DomainError, NotAllowed
from workflow import queries
from workflow.domain import calendar
from workflow.forms import DayForm, refuse
from workflow.rules import Calendar, built_in
from workflow.tasks import recount

SYSTEM = administrator("system")
YEARS_AHEAD = 2


@SYSTEM
@require_http_methods(["GET", "POST"])
def days(request: HttpRequest) -> HttpResponse:
    form = DayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            calendar.set_day(data["day"], data["kind"], data["document_no"], actor=request.user, note=data["note"])
        except NotAllowed:
            raise
        except DomainError as error:
            refuse(form, error)
        else:
            recount.delay_on_commit(data["day"].isoformat())
            messages.success(request, f"已登记 {data['day']}。在办事项的工作日期限随后重算。")
            return redirect("workflow:calendar")
    known = queries.calendar()
    years = [(y, known.is_known(y)) for y in range(today().year, today().year + YEARS_AHEAD)]
    context = {
        "form": form, "years": years, "unknown": [y for y, is_known in years if not is_known],
        "recorded": queries.recorded_days(), "coming": _coming(known),
    }  # fmt: skip
    return render(request, "workflow/calendar.html", context, status=422 if form.errors else 200)


def _coming(known: Calendar) -> list[tuple[date, bool, str]]:
    """Days of the next 120 that are worked or off unlike an ordinary week: (day, worked, name)."""
    ahead = [today() + timedelta(days=n) for n in range(120)]
    odd = [d for d in ahead if known.is_working(d) != (d.weekday() < 5)]
    return [(d, known.is_working(d), built_in().get(d) or "") for d in odd]


@SYSTEM
@require_POST
def clear(request: HttpRequest, day: date) -> HttpResponse:
    calendar.clear_day(day, request.POST.get("reason", ""), actor=request.user)
    recount.delay_on_commit(day.isoformat())
    messages.success(request, f"已撤销 {day} 的登记。")
    return redirect("workflow:calendar")
