"""Kinds of payers, and where a base of dues stands."""

from django.db import models


class Kind(models.TextChoices):
    """Whose dues are reckoned how (《关于中国共产党党费收缴、使用和管理的规定》第一条至第六条)."""

    SALARIED = "salaried", "按月领工资"
    ANNUAL_PAY = "annual_pay", "年薪制"
    SELF_EMPLOYED = "self_employed", "个体经营等不按月取得收入"
    RETIRED = "retired", "离退休"
    VILLAGE_CADRE = "village_cadre", "领固定补贴的村干部"
    FARMER = "farmer", "农民"
    STUDENT = "student", "学生"
    NO_INCOME = "no_income", "下岗失业、领抚恤救济或低保"


# Whose amount is fixed: they declare nothing.
FIXED: tuple[str, ...] = (Kind.FARMER, Kind.STUDENT, Kind.NO_INCOME)


class Source(models.TextChoices):
    """How a base came about."""

    DECLARED = "declared", "本人申报"
    UNCHANGED = "unchanged", "本人确认不变"
    BRANCH = "branch", "支部代为登记"
    FIXED = "fixed", "定额，不用申报"


class StandardState(models.TextChoices):
    OPEN = "open", "待申报"
    DECLARED = "declared", "待支部确认"
    RETURNED = "returned", "已退回"
    CONFIRMED = "confirmed", "已确认"
    REPLACED = "replaced", "已由新的代替"
    LAPSED = "lapsed", "不再需要"


STANDARD_TRANSITIONS: dict[str, tuple[str, ...]] = {
    StandardState.OPEN: (StandardState.DECLARED, StandardState.LAPSED),
    StandardState.DECLARED: (StandardState.CONFIRMED, StandardState.RETURNED, StandardState.LAPSED),
    StandardState.RETURNED: (StandardState.DECLARED, StandardState.LAPSED),
    StandardState.CONFIRMED: (StandardState.REPLACED,),
    StandardState.REPLACED: (),
    StandardState.LAPSED: (),
}
# Somebody still has to do something about it.
UNSETTLED: tuple[str, ...] = (StandardState.OPEN, StandardState.DECLARED, StandardState.RETURNED)


class Ground(models.TextChoices):
    """Why an assessed amount is what it is."""

    STANDARD = "standard", "按确认的基数"
    CARRIED = "carried", "新的基数还没确认，先按上次的数"
    REDUCED = "reduced", "经批准少交"
    EXEMPT = "exempt", "经批准免交"
    ABROAD = "abroad", "出国（境）期间暂不交，回国后补交"
    OFF_ROLL = "off_roll", "当月不在册"


# What the work in the file (groups of the table `job`) suggests until somebody declares otherwise.
GROUP_KINDS: dict[str, str] = {
    "farmer": Kind.FARMER,
    "student": Kind.STUDENT,
    "retired": Kind.RETIRED,
}
