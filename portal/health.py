"""What a supervisor asks: does it answer, and does the database."""

from django.db import connection
from django.http import HttpRequest, JsonResponse

from core.access import public


@public
def healthz(request: HttpRequest) -> JsonResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
