"""The second factor (二次验证): a phone application, a printed sheet of one-time codes, or a certificate the proxy checked."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import pyotp
from django.db import transaction
from django.utils import timezone

from accounts import queries, rules
from accounts.domain import sessions, tries
from accounts.enums import FactorMethod
from accounts.models import ClientCertificate, RecoveryCode, SecondFactor, SignedInSession, User
from audit.domain import record
from core.errors import Conflict, DomainError, NotAllowed
from core.locks import again_if_taken

T = TypeVar("T")
ISSUER = "党务"  # short: every sign makes the picture finer
CODE_LENGTH = 10  # of 31 signs: 49 bits, each good once and five tries a quarter of an hour


class CodeWrong(DomainError):
    """One answer for wrong, used and expired."""

    def __init__(self) -> None:
        super().__init__("second_factor_wrong", "验证码不对，或者已经用过、过期了。请看手机上最新的 6 位数再输。", field="code")


@dataclass(frozen=True)
class Sheet:
    """The only moment the codes exist on our side: for the printer, never stored."""

    user: User
    codes: tuple[str, ...]
    made_at: datetime


# --- binding ---


@transaction.atomic
def prepare_phone(user: User, *, actor: User) -> SecondFactor:
    """A secret waiting to be confirmed; a phone in force keeps working until then."""
    factor = _own_factor(user, actor)
    factor.pending = pyotp.random_base32()
    factor.save(update_fields=["pending_sealed"])
    return factor


def provisioning_address(factor: SecondFactor) -> str:
    """What the QR code says to the phone: the secret with the name of the account."""
    return pyotp.TOTP(factor.pending).provisioning_uri(name=factor.user.username, issuer_name=ISSUER)


def bind_phone(user: User, code: str, *, actor: User, here: SignedInSession | None) -> Sheet:
    """The first code from the phone shows that it holds the secret; spare codes are made with it."""
    return _counted(user, lambda: _bind_phone(user, code, actor, here))


@transaction.atomic
def _bind_phone(user: User, code: str, actor: User, here: SignedInSession | None) -> Sheet:
    factor = _own_factor(user, actor)
    step = rules.accepted_step(factor.pending, code, timezone.now(), queries.totp_window(), 0) if factor.pending else None
    if step is None:
        raise CodeWrong
    factor.secret, factor.pending, factor.last_step = factor.pending, "", step
    _confirm(factor, FactorMethod.TOTP, here)
    return _write_codes(factor.user, FactorMethod.TOTP)


@transaction.atomic
def prepare_sheet(user: User, *, actor: User) -> Sheet:
    """Codes for somebody without a phone, not in force until one of them is typed."""
    factor = _own_factor(user, actor)
    if queries.is_enrolled(factor.user):
        raise Conflict("factor_in_force", "已经有二次验证了。要换一种，请先用它验证一次。")
    return _write_codes(factor.user, FactorMethod.SHEET)


def bind_sheet(user: User, code: str, *, actor: User, here: SignedInSession | None) -> SecondFactor:
    """One code of the sheet shows that it was printed; that one is used up by it."""
    return _counted(user, lambda: _bind_sheet(user, code, actor, here))


@transaction.atomic
def _bind_sheet(user: User, code: str, actor: User, here: SignedInSession | None) -> SecondFactor:
    factor = _own_factor(user, actor)
    if queries.is_enrolled(factor.user):
        raise Conflict("factor_in_force", "已经有二次验证了。")
    if not _take_code(factor.user, code):
        raise CodeWrong
    return _confirm(factor, FactorMethod.SHEET, here)


def _own_factor(user: User, actor: User) -> SecondFactor:
    """The row, made when there is none; account first, factor second, as everywhere."""
    if actor.pk != user.pk:
        raise NotAllowed("not_own_factor", "只能办理自己的二次验证。")
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    factor, _ = SecondFactor.objects.select_for_update().get_or_create(user=locked)
    return factor


def _confirm(factor: SecondFactor, method: str, here: SignedInSession | None) -> SecondFactor:
    factor.method, factor.confirmed_at = method, timezone.now()
    factor.save(update_fields=["method", "confirmed_at", "secret_sealed", "pending_sealed", "last_step"])
    _mark(factor.user, here, method)
    record("bind_factor", actor=factor.user, kind="account", subject=factor.user.uuid, details={"factor": str(method)})
    return factor


def _mark(user: User, here: SignedInSession | None, method: str) -> None:
    """This session has shown the factor; places that were opened without it end."""
    sessions.end_others(user, here)
    if here is not None:
        SignedInSession.objects.filter(pk=here.pk).update(factor=method)


@again_if_taken("accounts_certificate_of_one_account")
@transaction.atomic
def bind_certificate(user: User, fingerprint: str, name: str, *, actor: User, here: SignedInSession | None) -> ClientCertificate:
    """The certificate of this very connection, as the proxy checked it."""
    factor = _own_factor(user, actor)
    if ClientCertificate.objects.filter(fingerprint=fingerprint).exists():
        raise Conflict("certificate_taken", "这张证书已经绑定了账号。")
    made = ClientCertificate.objects.create(user=factor.user, fingerprint=fingerprint, name=name[:200])
    _mark(factor.user, here, FactorMethod.CERTIFICATE)
    record("bind_factor", actor=user, kind="account", subject=user.uuid, details={"factor": "certificate"})
    return made


# --- showing it ---


def verify(user: User, typed: str) -> str:
    """The method by which `typed` is good for this person, once. Wrong ones are counted."""
    return _counted(user, lambda: _verify(user, typed))


@transaction.atomic
def _verify(user: User, typed: str) -> str:
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    factor = SecondFactor.objects.select_for_update().filter(user=locked, confirmed_at__isnull=False).first()
    if not locked.is_active:
        raise CodeWrong
    if factor is not None and factor.secret and _take_step(factor, typed):
        return FactorMethod.TOTP
    if (factor is not None or locked.certificates.exists()) and _take_code(locked, typed):
        record("use_recovery_code", actor=locked, kind="account", subject=locked.uuid)
        return FactorMethod.SHEET
    raise CodeWrong


def _take_step(factor: SecondFactor, typed: str) -> bool:
    step = rules.accepted_step(factor.secret, typed, timezone.now(), queries.totp_window(), factor.last_step)
    if step is not None:
        factor.last_step = step
        factor.save(update_fields=["last_step"])
    return step is not None


def _take_code(user: User, typed: str) -> bool:
    """Every unused code is compared, so that the place in the sheet does not show in the time taken."""
    plain = rules.plain_code(typed)
    hashed = rules.hashed_code(plain)
    unused = RecoveryCode.objects.select_for_update().filter(user=user, used_at=None).order_by("pk")
    good = [code for code in unused if secrets.compare_digest(code.hashed, hashed)]
    if len(plain) != CODE_LENGTH or not good:
        return False
    good[0].used_at = timezone.now()
    good[0].save(update_fields=["used_at"])
    return True


def _counted(user: User, attempt: Callable[[], T]) -> T:
    """One try after another, also of those sent at once: the count of wrong ones stands before the next is judged."""
    key, wrong = f"factor:{user.uuid}", None
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        tries.require_tries_left(key, queries.factor_tries())
        try:
            done = attempt()
        except CodeWrong as error:
            wrong = error
            tries.note_wrong_try(key)
            record("second_factor_failed", actor=None, kind="account", subject=user.uuid)
        else:
            tries.forget_tries(key)
    if wrong is not None:
        raise wrong
    return done


# --- codes, and the end of it ---


def print_codes(user: User, code: str, *, actor: User) -> Sheet:
    """A new sheet against one good code; the old sheet is void."""
    if actor.pk != user.pk:
        raise NotAllowed("not_own_factor", "只能办理自己的二次验证。")
    verify(user, code)
    return _print_codes(user)


@transaction.atomic
def _print_codes(user: User) -> Sheet:
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    factor = queries.factor_of(locked)
    sheet = _write_codes(locked, factor.method if factor else FactorMethod.CERTIFICATE)
    record("print_codes", actor=locked, kind="account", subject=locked.uuid, details={"count": len(sheet.codes)})
    return sheet


def _write_codes(user: User, method: str) -> Sheet:
    RecoveryCode.objects.filter(user=user).delete()
    plain = [_random_code() for _ in range(queries.codes_of_a_sheet(method))]
    now, made = timezone.now(), []
    for code in plain:
        row = RecoveryCode(user=user, made_at=now)
        row.hashed = rules.hashed_code(code)
        made.append(row)
    RecoveryCode.objects.bulk_create(made)
    return Sheet(user, tuple(f"{code[:5]}-{code[5:]}" for code in plain), now)


def _random_code() -> str:
    return "".join(secrets.choice(rules.CODE_ALPHABET) for _ in range(CODE_LENGTH))


def remove(user: User, code: str, *, actor: User) -> None:
    """Give the factor up, where none is required."""
    if actor.pk != user.pk:
        raise NotAllowed("not_own_factor", "只能办理自己的二次验证。")
    if queries.factor_required(user):
        raise NotAllowed("factor_required", "您的岗位必须有二次验证，不能取消；可以换一部手机。")
    verify(user, code)
    drop(user, actor=actor)


@transaction.atomic
def drop(user: User, *, actor: User, reason: str = "") -> None:
    """Everything beside the password goes. Part of verbs that have decided who may."""
    SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    ClientCertificate.objects.filter(user=user).delete()
    record("drop_factor", actor=actor, kind="account", subject=user.uuid, reason=reason)
