"""Rows of the pages about access, the second factor and elevated sessions."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Elevation, SignedInSession
from tests.house.matrix import Row
from tests.people import Cast

BOTH = ("get", "post")


def chen(cast: Cast) -> dict[str, object]:
    return {"uuid": cast.members["chen"].uuid}


def session_of_secretary(cast: Cast) -> dict[str, object]:
    return {"uuid": SignedInSession.objects.create(user=cast["secretary"], token_hash=b"y" * 32).uuid}


def elevation_of_secretary(cast: Cast) -> dict[str, object]:
    session = SignedInSession.objects.create(user=cast["secretary"], token_hash=b"z" * 32)
    made = Elevation.objects.create(
        user=cast["secretary"], session=session, capability="undo_import", path=cast.branch.path, reason="导错",
        expires_at=timezone.now() + timedelta(minutes=30),
    )  # fmt: skip
    return {"uuid": made.uuid}


ROWS: dict[str, Row] = {
    "orgs:why": Row("anywhere", ("view_access",), methods=BOTH),
    "orgs:suggest_holders": Row("anywhere", ("view_access",), methods=("post",), data={"user": "李"}),
    "orgs:simulate": Row("anywhere", ("view_access",), methods=BOTH),
    "grants:why": Row("administrator", ("security",), methods=BOTH),
    "grants:simulate": Row("administrator", ("security",), methods=BOTH),
    "members:seers": Row("at", ("view_access",), "branch", "view_members", chen),
    "portal:seers": Row("own"),
    "portal:second_step": Row("leaves", methods=BOTH),
    "portal:factor": Row("signed_in"),
    "portal:bind_phone": Row("signed_in", methods=BOTH),
    "portal:bind_sheet": Row("signed_in", methods=("post",)),
    "portal:bind_certificate": Row("owner", methods=("post",)),
    "portal:print_codes": Row("signed_in", methods=("post",)),
    "portal:remove_factor": Row("signed_in", methods=("post",)),
    "portal:elevate": Row("signed_in", methods=BOTH),
    "portal:end_elevation": Row("owner", ("secretary",), arguments=elevation_of_secretary, methods=("post",)),
    "accounts:signed_in": Row("administrator", ("system",)),
    "accounts:end_for": Row(
        "administrator", ("system",), arguments=session_of_secretary, methods=("post",), data={"reason": "换岗"}
    ),
    "accounts:policies": Row("administrator", ("security",), methods=BOTH),
}
