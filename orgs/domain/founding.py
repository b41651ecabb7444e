"""The beginning of an installation: the top node, the seed roles. There is no superuser to do it for us."""

import json
from datetime import date
from pathlib import Path

from django.db import transaction

from core.errors import Conflict
from orgs.domain.tree import NewOrganization, Paper, place
from orgs.enums import Kind
from orgs.models import Installation, Organization, Role

ROLES = Path(__file__).resolve().parent.parent / "data" / "roles.json"


def seed_roles() -> list[Role]:
    """The roles an installation starts with; the security administrator edits them from there."""
    return [
        Role.objects.get_or_create(
            code=seed["code"], defaults={"name": seed["name"], "capabilities": sorted(seed["capabilities"]), "note": seed["note"]}
        )[0]
        for seed in json.loads(ROLES.read_text())
    ]


def require_empty() -> None:
    if Organization.ever.exists():
        raise Conflict("already_founded", "已经有最上级组织，不能再次建立。")


@transaction.atomic
def found(
    *, name: str, short_name: str, code: str, document_no: str, established_on: date, actor_name: str, demo: bool = False
) -> Organization:
    """Make the top node and the seed roles in an empty installation; `demo` marks it as a demonstration for good."""
    require_empty()
    Installation.objects.create(is_demo=demo)
    seed_roles()
    new = NewOrganization(name=name, short_name=short_name, kind=Kind.COMMITTEE, code=code)
    return place(None, new, Paper(document_no, established_on, "平台启用"), actor_name=actor_name)
