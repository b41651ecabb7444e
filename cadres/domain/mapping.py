"""What a post may do: proposed by the organisation department at the top, approved once by the security administrator."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from audit.domain import record
from cadres.domain.following import align
from cadres.domain.holding import hold_access_of
from cadres.enums import MappingState
from cadres.models import Appointment, PostRole
from cadres.rules import posts, usual_mapping
from core import access, transitions
from core.errors import Conflict, DomainError, NotAllowed
from core.locks import again_if_taken
from orgs.domain.grants import one_at_a_time, require_security
from orgs.enums import Capability, Kind
from orgs.models import Organization, Role


def require_top(actor: User) -> None:
    """The organisation department of the whole installation: the mapping is one for all."""
    top = Organization.objects.get(parent__isnull=True)
    if not access.scope(actor, Capability.APPOINT_CADRES).covers(top.path):
        raise NotAllowed("top_only", "职务对应哪个角色，由最上级组织的组织部门提出。")


@again_if_taken("cadres_one_role_proposed")
@transaction.atomic
def propose_mapping(post: str, kind: str, role: Role, reason: str, *, actor: User) -> PostRole:
    """Ask that holders of `post` in organisations of `kind` get `role`. Nothing changes until it is approved."""
    require_top(actor)
    if post not in posts() or kind not in posts()[post].kinds:
        raise DomainError("post_not_here", f"{Kind(kind).label}没有这个职务。", field="post")
    if not reason.strip():
        raise DomainError("reason_missing", "请写明依据。", field="reason")
    same = PostRole.objects.filter(post=post, kind=kind)
    if same.filter(state=MappingState.PROPOSED).exists():
        raise Conflict("already_proposed", "这个职务已有一项等待批准的对应，请等安全保密管理员办理。", field="post")
    if same.filter(state=MappingState.IN_FORCE, role=role).exists():
        raise Conflict("mapping_unchanged", "这个职务现在就对应这个角色。", field="role")
    made = PostRole.objects.create(post=post, kind=kind, role=role, reason=reason.strip(), proposed_by=actor.full_name)
    _record("propose_mapping", made, actor, reason)
    return made


@transaction.atomic
def propose_usual(*, actor: User) -> list[PostRole]:
    """Propose what the platform recommends, as far as nothing is decided or proposed yet."""
    require_top(actor)
    decided = set(PostRole.objects.filter(state__in=(MappingState.PROPOSED, MappingState.IN_FORCE)).values_list("post", "kind"))
    roles = {r.code: r for r in Role.objects.all()}
    wanted = [(p, k, roles[r]) for p, k, r in usual_mapping() if (p, k) not in decided and r in roles]
    if not wanted:
        raise Conflict("nothing_to_propose", "推荐的对应都已经提出或在执行。")
    return [propose_mapping(p, k, r, "平台推荐的对应关系", actor=actor) for p, k, r in wanted]


@transaction.atomic
def approve_mapping(mapping: PostRole, *, actor: User) -> PostRole:
    """In force from now: the former role of the post ends, every holder's grants follow in one set-based step."""
    require_security(actor)
    hold_access_of(_concerned(mapping))
    mapping = _locked(mapping, actor)
    former = PostRole.objects.filter(post=mapping.post, kind=mapping.kind, state=MappingState.IN_FORCE).first()
    if former is not None:
        transitions.move(
            former, MappingState.ENDED, ended_by=actor.full_name, ended_at=timezone.now(), ended_why="由新的对应取代"
        )
    transitions.move(mapping, MappingState.IN_FORCE, decided_by=actor.full_name, decided_at=timezone.now())
    _record("approve_mapping", mapping, actor, mapping.reason)
    _realign(mapping, f"{mapping.post_name}对应的角色改变", actor)
    return mapping


@transaction.atomic
def refuse_mapping(mapping: PostRole, reason: str, *, actor: User) -> PostRole:
    mapping = _locked(mapping, actor)
    if not reason.strip():
        raise DomainError("reason_missing", "请写明不同意的理由。", field="reason")
    transitions.move(
        mapping, MappingState.REFUSED, decided_by=actor.full_name, decided_at=timezone.now(), decision=reason.strip()
    )
    _record("refuse_mapping", mapping, actor, reason)
    return mapping


@transaction.atomic
def end_mapping(mapping: PostRole, reason: str, *, actor: User) -> PostRole:
    """The post brings no access any more; what its holders got by it ends at once."""
    require_security(actor)
    hold_access_of(_concerned(mapping))
    mapping = _locked(mapping, actor)
    if not reason.strip():
        raise DomainError("reason_missing", "请写明停用的理由。", field="reason")
    transitions.move(mapping, MappingState.ENDED, ended_by=actor.full_name, ended_at=timezone.now(), ended_why=reason.strip())
    _record("end_mapping", mapping, actor, reason)
    _realign(mapping, f"{mapping.post_name}不再对应角色：{reason}", actor)
    return mapping


def _locked(mapping: PostRole, actor: User) -> PostRole:
    """Under the lock of all grants: no appointment is aligned by the mapping of a moment ago."""
    require_security(actor)
    one_at_a_time()
    return PostRole.objects.select_for_update(of=("self",)).select_related("role").get(pk=mapping.pk)


def _realign(mapping: PostRole, reason: str, actor: User) -> None:
    align(_concerned(mapping), reason, actor=actor)


def _concerned(mapping: PostRole) -> QuerySet[Appointment]:
    """Who holds the post or held it: the grants of these follow."""
    return Appointment.objects.filter(post=mapping.post, organization__kind=mapping.kind)


def _record(verb: str, mapping: PostRole, actor: User, reason: str) -> None:
    details = {"post": mapping.post_name, "kind": mapping.get_kind_display(), "role": mapping.role.code}
    record(verb, actor=actor, kind="mapping", subject=mapping.uuid, reason=reason, details=details)
