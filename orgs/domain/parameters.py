"""Local parameters: a node's confirmed reading of what the central text leaves open."""

import json
from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Greatest

from accounts.models import User
from audit.domain import record
from core import access
from core.errors import DomainError
from orgs.domain.standing import locked
from orgs.enums import Capability
from orgs.models import LocalParameter, Organization
from regulations.packs import check_local_value
from regulations.values import ValueRefused


def end_parameters(organization: Organization, on: date) -> list[int]:
    """The organisation ends, and its own readings with it. Returns which, so that they can come back."""
    running = LocalParameter.objects.filter(organization=organization, ended_on__isnull=True)
    ids = list(running.values_list("pk", flat=True))
    running.update(ended_on=Greatest("effective_from", Value(on)))
    return ids


def restore_parameters(ids: Sequence[int]) -> None:
    LocalParameter.objects.filter(pk__in=ids).update(ended_on=None)


@transaction.atomic
def set_parameter(
    organization: Organization, pack_name: str, key: str, value: object, *, document_no: str, effective_from: date, actor: User
) -> LocalParameter:
    """Record `value` for `pack_name.key` from `effective_from` on; the former value ends the same day."""
    organization = locked(organization)
    access.require(actor, Capability.SET_PARAMETERS, organization.path)
    if not document_no.strip():
        raise DomainError("document_missing", "请填写批准文件的文号。", field="document_no")
    try:
        check_local_value(pack_name, key, value)
    except ValueRefused as refused:
        raise DomainError(refused.code, refused.message, field="value") from refused
    current = LocalParameter.objects.filter(organization=organization, pack=pack_name, key=key, ended_on__isnull=True)
    for old in current:
        if effective_from < old.effective_from:
            raise DomainError("date_before_history", "起用日期不能早于现行参数的起用日期。", field="effective_from")
        if old.value == value:
            raise DomainError("parameter_unchanged", "现行参数已经是这个值。", field="value")
        old.ended_on = effective_from
        old.save(update_fields=["ended_on"])
    made = LocalParameter.objects.create(
        organization=organization, pack=pack_name, key=key, value=value, document_no=document_no,
        effective_from=effective_from, recorded_by=actor.full_name,
    )  # fmt: skip
    record(
        "set_parameter", actor=actor, kind="organization", subject=organization.uuid, path=organization.path,
        reason=document_no, details={"parameter": f"{pack_name}.{key}", "value": json.dumps(value, ensure_ascii=False)},
    )  # fmt: skip
    return made
