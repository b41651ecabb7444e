"""How the tree keeps its past: one open version per node, closed and followed by the next on every change."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Min
from django.db.models.functions import Coalesce

from core import paths
from core.dates import today
from core.errors import DomainError
from orgs.enums import TreeVerb
from orgs.models import Organization, OrganizationVersion

COPIED = (
    "path", "parent_id", "code", "name", "short_name", "kind", "is_joint", "is_floating", "is_temporary",
    "is_village_or_community",
)  # fmt: skip


@dataclass(frozen=True)
class Paper:
    """What a change of the tree rests on: document number, effective date, reason."""

    document_no: str
    effective_on: date
    reason: str = ""


def check_paper(paper: Paper, *, since: date) -> None:
    if not paper.document_no.strip():
        raise DomainError("document_missing", "请填写批准文件的文号。", field="document_no")
    if paper.effective_on > today():
        raise DomainError("date_in_future", "生效日期不能晚于今天。", field="effective_on")
    if paper.effective_on < since:
        raise DomainError("date_before_history", f"生效日期不能早于上一次变动（{since:%Y年%-m月%-d日}）。", field="effective_on")


def stands_since(organization: Organization) -> date:
    """The day the node came to its present place. Paths are never reused, so the path names the stay."""
    here = OrganizationVersion.objects.filter(organization=organization, path=organization.path)
    return here.aggregate(day=Min("valid_from"))["day"]


def last_change_of(organization: Organization) -> date:
    return OrganizationVersion.objects.values_list("valid_from", flat=True).get(organization=organization, valid_to__isnull=True)


def last_change_below(path: str) -> date:
    """The latest change in the subtree of `path`, a departure from it included: a move may not be dated before it."""
    inside = OrganizationVersion.objects.filter(path__gte=path, path__lt=paths.upper(path))
    return inside.aggregate(day=Max(Coalesce("valid_to", "valid_from")))["day"]


def latest_version() -> int:
    """The number of the version written last: everything of a higher one came later."""
    return OrganizationVersion.objects.aggregate(last=Max("pk"))["last"] or 0


def open_version(organization: Organization, verb: str, paper: Paper, actor_name: str) -> OrganizationVersion:
    made = _version(organization, verb, paper, actor_name)
    made.save()
    return made


def next_version(organization: Organization, verb: str, paper: Paper, actor_name: str) -> OrganizationVersion:
    OrganizationVersion.objects.filter(organization=organization, valid_to__isnull=True).update(valid_to=paper.effective_on)
    return open_version(organization, verb, paper, actor_name)


def end_versions(organization: Organization, paper: Paper, actor_name: str) -> None:
    """The organisation ends: a last version of no day at all keeps the document and the moment."""
    ending = next_version(organization, TreeVerb.DISSOLVED, paper, actor_name)
    OrganizationVersion.objects.filter(pk=ending.pk).update(valid_to=paper.effective_on)


def version_subtree(organization: Organization, verb: str, paper: Paper, actor_name: str) -> None:
    """Close the open versions of the whole subtree and open new ones at the new paths, set-based."""
    inside = Organization.objects.filter(path__gte=organization.path, path__lt=paths.upper(organization.path))
    open_ones = OrganizationVersion.objects.filter(organization__in=inside, valid_to__isnull=True)
    open_ones.update(valid_to=paper.effective_on)
    OrganizationVersion.objects.bulk_create((_version(o, verb, paper, actor_name) for o in inside.iterator()), batch_size=2000)


def _version(organization: Organization, verb: str, paper: Paper, actor_name: str) -> OrganizationVersion:
    return OrganizationVersion(
        organization=organization, valid_from=paper.effective_on, verb=verb, document_no=paper.document_no.strip(),
        reason=paper.reason.strip(), actor_name=actor_name, **{name: getattr(organization, name) for name in COPIED},
    )  # fmt: skip
