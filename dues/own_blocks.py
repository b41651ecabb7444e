"""What the parts of the room put on the member's page: each block is hung here in `ready()` and answers its own context."""

from collections.abc import Callable, Mapping

from django.http import HttpRequest

from members.models import Member

BLOCKS: list[Callable[[HttpRequest, Member], Mapping[str, object]]] = []
