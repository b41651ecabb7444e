"""A secret ballot to try: opened when the demo is served and none is open, with links that vote at once."""

from django.db import transaction
from django.urls import reverse

from accounts.models import User
from ballots.domain import trying
from core.errors import DomainError
from orgs.models import Organization
from portal.demo.plan import SAMPLE_BRANCHES, SAMPLE_COMMITTEE

SLIPS = 5


def offered() -> list[str]:
    """Lines for people; nothing where this demonstration has no such branch or officers."""
    try:
        poll, codes = trying.running() or _begun()
    except (DomainError, Organization.DoesNotExist, User.DoesNotExist):
        return []
    booth, board = (reverse(f"vote:{page}", args=[poll.uuid]) for page in ("booth", "board"))
    return [
        "试投一票（每个链接一张选票凭条）：",
        *(f"  {booth}#{code}" for code in codes),
        f"  公告页 {board}",
        f"  开箱公布 manage.py try_vote --actor secretary --finish {poll.code}",
    ]


@transaction.atomic
def _begun() -> tuple[trying.Poll, list[str]]:
    branch = Organization.objects.get(name=SAMPLE_BRANCHES[0], parent__name=SAMPLE_COMMITTEE)
    tried = trying.begin(branch, User.objects.get(username="secretary"), SLIPS)
    return tried.poll, tried.codes
