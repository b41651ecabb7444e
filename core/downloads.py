"""Files that people sent, given back: as a download that no browser opens inside our pages."""

from django.http import HttpResponse
from django.utils.cache import add_never_cache_headers
from django.utils.http import content_disposition_header

LOCKED = "sandbox; default-src 'none'"


def locked_download(content: bytes, media_type: str, file_name: str, *, inline: bool = False) -> HttpResponse:
    """`inline` only for a picture that a page of ours shows. The type is the one that was found in the content."""
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Disposition"] = content_disposition_header(not inline, file_name)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = LOCKED
    add_never_cache_headers(answer)
    return answer
