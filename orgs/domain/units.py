"""Units (单位): the places of work that party organisations stand in. One unit may carry several organisations."""

from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from audit.domain import record
from core import access
from core.dates import today
from core.errors import Conflict, DomainError, NotAllowed
from core.identity import normalise_uscc, uscc_valid
from core.locks import again_if_taken
from orgs.domain.standing import locked
from orgs.enums import Capability, UnitNature
from orgs.models import Organization, Unit
from orgs.rules import check_joint_units
from regulations.packs import pack

CLAUSE = "GB 32100《法人和其他组织统一社会信用代码编码规则》"


@dataclass(frozen=True)
class NewUnit:
    """A unit as a person enters it; the code may stay empty for units without one (village groups, works on site)."""

    name: str
    uscc: str = ""
    nature: str = UnitNature.OTHER


@again_if_taken("orgs_unit_uscc_once")
@transaction.atomic
def register_unit(new: NewUnit, organization: Organization, *, actor: User) -> Unit:
    """Attach the unit to `organization`; a unit already known by its credit code is the same unit."""
    organization = _locked(organization, actor)
    new = _checked(new)
    unit = Unit.objects.filter(uscc=new.uscc).first() if new.uscc else organization.units.filter(name=new.name, uscc="").first()
    if unit is None:
        unit = Unit.objects.create(name=new.name, uscc=new.uscc, nature=new.nature)
    elif unit.name != new.name:
        raise Conflict("uscc_other_name", "这个信用代码登记的是另一个名称的单位，请核对证照上的全称。", field="name")
    _attach(unit, organization, actor)
    return unit


@again_if_taken("orgs_unit_uscc_once")
@transaction.atomic
def edit_unit(unit: Unit, new: NewUnit, *, actor: User) -> Unit:
    """Correct a unit's particulars: by someone answering for every organisation in it."""
    unit = Unit.objects.select_for_update().get(pk=unit.pk)
    reach = access.scope(actor, Capability.ESTABLISH_ORGANIZATIONS)
    if not all(reach.covers(path) for path in unit.organizations.values_list("path", flat=True)):
        raise NotAllowed("unit_shared", "这个单位不只属于您的管理范围，请上级党组织修改。")
    new = _checked(new)
    if new.uscc and Unit.objects.filter(uscc=new.uscc).exclude(pk=unit.pk).exists():
        raise Conflict("uscc_taken", "这个信用代码已经登记给另一个单位。", field="uscc")
    before = {"name": unit.name, "uscc": unit.uscc, "nature": unit.nature}
    unit.name, unit.uscc, unit.nature = new.name, new.uscc, new.nature
    unit.save(update_fields=["name", "uscc", "nature"])
    record("edit_unit", actor=actor, kind="unit", subject=unit.uuid, details={"before": before, "after": vars(new)})
    return unit


@transaction.atomic
def detach_unit(unit: Unit, organization: Organization, reason: str, *, actor: User) -> Organization:
    """The organisation no longer stands in this unit; the unit itself stays on file."""
    organization = _locked(organization, actor)
    if not reason.strip():
        raise DomainError("reason_missing", "请写明解除的原因。", field="reason")
    if not organization.units.filter(pk=unit.pk).exists():
        raise Conflict("unit_not_attached", "这个单位已经不在名下。")
    organization.units.remove(unit)
    record(
        "detach_unit", actor=actor, kind="organization", subject=organization.uuid, path=organization.path,
        reason=reason, details={"unit": unit.name},
    )  # fmt: skip
    return organization


def _attach(unit: Unit, organization: Organization, actor: User) -> None:
    if organization.units.filter(pk=unit.pk).exists():
        raise Conflict("unit_attached", "这个单位已经在名下。如果是重复提交，它已经登记好了。", field="name")
    if organization.is_joint:
        check_joint_units(organization.units.count() + 1, pack("organisation", on=today(), at=organization.path))
    organization.units.add(unit)
    record(
        "attach_unit", actor=actor, kind="organization", subject=organization.uuid, path=organization.path,
        details={"unit": unit.name, "uscc": unit.uscc},
    )  # fmt: skip


def _locked(organization: Organization, actor: User) -> Organization:
    organization = locked(organization)
    access.require(actor, Capability.ESTABLISH_ORGANIZATIONS, organization.path)
    return organization


def _checked(new: NewUnit) -> NewUnit:
    name, uscc = new.name.strip(), normalise_uscc(new.uscc)
    if not name:
        raise DomainError("name_missing", "请填写单位全称。", field="name")
    if uscc and not uscc_valid(uscc):
        raise DomainError("uscc_invalid", "统一社会信用代码校验不通过，请对照证照逐位核对。", clause=CLAUSE, field="uscc")
    return NewUnit(name, uscc, new.nature)
