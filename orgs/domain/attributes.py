"""What kind of branch it is beside its kind: joint, floating, temporary, of a village or community."""

from dataclasses import asdict, dataclass

from django.db import transaction

from accounts.models import User
from audit.domain import record
from core import access
from core.errors import DomainError
from orgs.domain.tree import stand_still
from orgs.domain.versions import Paper, check_paper, last_change_of, next_version
from orgs.enums import Capability, TreeVerb
from orgs.models import Organization
from orgs.rules import check_attributes


@dataclass(frozen=True)
class Attributes:
    is_joint: bool = False
    is_floating: bool = False
    is_temporary: bool = False
    is_village_or_community: bool = False


def attributes_of(organization: Organization) -> Attributes:
    return Attributes(**{name: getattr(organization, name) for name in Attributes.__dataclass_fields__})


@transaction.atomic
def change_attributes(organization: Organization, new: Attributes, paper: Paper, *, actor: User) -> Organization:
    """Set the attributes from the day of the document on; the old ones stay in the versions."""
    organization = stand_still(organization)
    access.require(actor, Capability.ESTABLISH_ORGANIZATIONS, organization.path)
    before = attributes_of(organization)
    if new == before:
        raise DomainError("attributes_unchanged", "没有改动任何一项。")
    check_paper(paper, since=last_change_of(organization))
    check_attributes(organization.kind, is_joint=new.is_joint)
    for name, value in asdict(new).items():
        setattr(organization, name, value)
    organization.save(update_fields=list(asdict(new)))
    next_version(organization, TreeVerb.CHANGED, paper, actor.full_name)
    changed = {name: value for name, value in asdict(new).items() if value != getattr(before, name)}
    record(
        "change_attributes", actor=actor, kind="organization", subject=organization.uuid, path=organization.path,
        reason=paper.document_no, details=changed,
    )  # fmt: skip
    return organization
