"""Answers that are files."""

from typing import TypeVar
from urllib.parse import quote

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Answer = TypeVar("Answer", bound=HttpResponseBase)


def download(content: bytes, name: str) -> HttpResponse:
    """A workbook to keep."""
    answer = attached(HttpResponse(content, content_type=XLSX), name)
    answer["Content-Length"] = str(len(content))
    return answer


def attached(answer: Answer, name: str) -> Answer:
    """To be saved under this name; nothing of it stays in a cache."""
    plain = "roster" + name[name.rfind(".") :]
    answer["Content-Disposition"] = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    add_never_cache_headers(answer)
    return answer
