"""Where a person stands in the party, why they came, and why they left (rules.md §4, §9.3)."""

from django.db import models


class Standing(models.TextChoices):
    """党籍: one per person at a time; dates and grounds are facts beside it."""

    PROBATIONARY = "probationary", "预备党员"
    FULL = "full", "正式党员"
    SUSPENDED = "suspended", "停止党籍"
    REMOVED = "removed", "已出党"
    LEFT = "left", "已退党"
    TRANSFERRED = "transferred", "已转出"
    DECEASED = "deceased", "已去世"
    MERGED = "merged", "已并入另一份登记"


# Counted as party members (期末数); a suspended member is not, nor is one who has gone.
ON_ROLL: tuple[str, ...] = (Standing.PROBATIONARY, Standing.FULL)

_GOES = (Standing.REMOVED, Standing.LEFT, Standing.TRANSFERRED, Standing.DECEASED)

# 停止党籍 can be restored; who was removed or left can only join anew; who was transferred can be transferred back. A
# registration merged into another one is closed by `domain.merging` alone, whatever its standing was.
TRANSITIONS: dict[str, tuple[str, ...]] = {
    Standing.PROBATIONARY: (Standing.FULL, *_GOES),
    Standing.FULL: (Standing.SUSPENDED, *_GOES),
    Standing.SUSPENDED: (Standing.FULL, Standing.REMOVED, Standing.DECEASED),
    Standing.REMOVED: (Standing.PROBATIONARY,),
    Standing.LEFT: (Standing.PROBATIONARY,),
    Standing.TRANSFERRED: (Standing.PROBATIONARY, Standing.FULL),
    Standing.DECEASED: (),
    Standing.MERGED: (),
}


class LeaveReason(models.TextChoices):
    """出党: by which decision (rules.md §4 党籍状态机)."""

    PERSUADED = "persuaded", "劝其退党"
    PERSUADED_REMOVED = "persuaded_removed", "劝而不退除名"
    GAVE_UP = "gave_up", "自行脱党除名"
    REQUESTED = "requested", "要求退党除名"
    EXPELLED = "expelled", "开除党籍"
    CANCELLED = "cancelled", "取消预备党员资格"


# The standing each decision leads to: only who asked to leave has left, the others were removed.
STANDING_AFTER: dict[str, str] = {
    reason: Standing.LEFT if reason == LeaveReason.REQUESTED else Standing.REMOVED for reason in LeaveReason.values
}


class SuspensionReason(models.TextChoices):
    """停止党籍: on which ground."""

    LOST = "lost", "失去联系"
    SETTLED_ABROAD = "settled_abroad", "因私出国长期定居"
    STUDY_ABROAD = "study_abroad", "出国学习研究逾期未归"


class ReturnGround(models.TextChoices):
    """回到名册: by which decision."""

    RESTORED = "restored", "恢复党籍"
    READMITTED = "readmitted", "重新入党"
    CAME_BACK = "came_back", "转回"


# Every way off the roll, and the standing it leads to: 转出 and 去世 are named by their standing, the others by their ground.
STANDING_OF: dict[str, str] = {
    Standing.TRANSFERRED.value: Standing.TRANSFERRED,
    Standing.DECEASED.value: Standing.DECEASED,
    **dict.fromkeys(SuspensionReason.values, Standing.SUSPENDED),
    **STANDING_AFTER,
}
CONVERSION = "converted"
# What a decision about standing may rest on, in words.
GROUNDS: dict[str, str] = {
    Standing.TRANSFERRED.value: "转出",
    Standing.DECEASED.value: "去世",
    CONVERSION: "转正",
    **dict(SuspensionReason.choices),
    **dict(LeaveReason.choices),
    **dict(ReturnGround.choices),
}


class CountedGround(models.TextChoices):
    """党龄起算: from which fact the years are counted."""

    CONVERSION = "conversion", "转为正式党员之日"
    NO_PROBATION = "no_probation", "入党时不设预备期，自入党之日"
    RESTORED = "restored", "恢复党籍时认定"
    DECIDED = "decided", "组织认定"


class EnrolGround(models.TextChoices):
    """How a person comes onto the roll."""

    DEVELOPED = "developed", "发展"
    TRANSFERRED_IN = "transferred_in", "转入"
    RESTORED = "restored", "恢复"
    REGISTRY_BUILD = "registry_build", "建库"


class MovementKind(models.TextChoices):
    """期初 + 发展 + 转入 + 恢复 − 转出 − 死亡 − 出党 − 停止党籍 = 期末 (rules.md §9.3); 建库 is the opening itself."""

    DEVELOPED = "developed", "发展"
    TRANSFERRED_IN = "transferred_in", "转入"
    RESTORED = "restored", "恢复党籍"
    REGISTRY_BUILD = "registry_build", "建库"
    TRANSFERRED_OUT = "transferred_out", "转出"
    DECEASED = "deceased", "去世"
    REMOVED = "removed", "出党"
    SUSPENDED = "suspended", "停止党籍"
    CORRECTED = "corrected", "更正"
    CONVERTED = "converted", "转正"


# What each kind does to the number on the roll. A conversion changes the category, not the number.
MOVEMENT_SIGN: dict[str, int] = {
    MovementKind.DEVELOPED: 1,
    MovementKind.TRANSFERRED_IN: 1,
    MovementKind.RESTORED: 1,
    MovementKind.REGISTRY_BUILD: 1,
    MovementKind.TRANSFERRED_OUT: -1,
    MovementKind.DECEASED: -1,
    MovementKind.REMOVED: -1,
    MovementKind.SUSPENDED: -1,
    MovementKind.CORRECTED: -1,
    MovementKind.CONVERTED: 0,
}


class DutyKind(models.TextChoices):
    """职务经历: in the party or in an office."""

    PARTY = "party", "党内职务"
    ADMINISTRATIVE = "administrative", "行政职务"
    OTHER = "other", "其他职务"


class AwardLevel(models.TextChoices):
    """表彰奖励: of which level the awarding body is (not a national table: to be confirmed)."""

    NATIONAL = "national", "全国"
    PROVINCIAL = "provincial", "省级"
    CITY = "city", "市级"
    COUNTY = "county", "县级"
    LOCAL = "local", "基层"


class SanctionKind(models.TextChoices):
    """党纪处分 (纪律处分条例), and the suspension of rights of who is detained, which is no sanction but works like one."""

    WARNING = "warning", "警告"
    SERIOUS_WARNING = "serious_warning", "严重警告"
    REMOVAL = "removal", "撤销党内职务"
    WATCH = "watch", "留党察看"
    EXPULSION = "expulsion", "开除党籍"
    RIGHTS_SUSPENDED = "rights_suspended", "中止党员权利（依法留置、逮捕）"


class RectificationResult(models.TextChoices):
    """限期改正期满的结论."""

    CORRECTED = "corrected", "已改正"
    NOT_CORRECTED = "not_corrected", "未改正"


class AbroadPurpose(models.TextChoices):
    STUDY = "study", "学习研究"
    WORK = "work", "工作"
    FAMILY = "family", "探亲"
    SETTLE = "settle", "长期定居"
    OTHER = "other", "其他"


class HardshipKind(models.TextChoices):
    ILLNESS = "illness", "患病"
    DISABILITY = "disability", "残疾"
    LOW_INCOME = "low_income", "生活困难"
    DISASTER = "disaster", "遭受灾害"
    ALONE = "alone", "高龄独居"
    OTHER = "other", "其他"


class HelpKind(models.TextChoices):
    VISIT = "visit", "走访慰问"
    MONEY = "money", "慰问金、补助"
    CARE = "care", "生活照料"
    WORK = "work", "就业、生产帮扶"
    OTHER = "other", "其他"


class Relation(models.TextChoices):
    """称谓: family first, then main social relations."""

    SPOUSE = "spouse", "配偶"
    SON = "son", "儿子"
    DAUGHTER = "daughter", "女儿"
    FATHER = "father", "父亲"
    MOTHER = "mother", "母亲"
    BROTHER = "brother", "兄弟"
    SISTER = "sister", "姐妹"
    SPOUSE_FATHER = "spouse_father", "配偶的父亲"
    SPOUSE_MOTHER = "spouse_mother", "配偶的母亲"
    OTHER = "other", "其他主要社会关系"


class StudyMode(models.TextChoices):
    FULL_TIME = "full_time", "全日制教育"
    ON_THE_JOB = "on_the_job", "在职教育"


class Degree(models.TextChoices):
    """学位 (GB/T 6864 by rank only)."""

    BACHELOR = "bachelor", "学士"
    MASTER = "master", "硕士"
    DOCTOR = "doctor", "博士"


class RecordState(models.TextChoices):
    """A record of a life: it stands, or was withdrawn with a reason; it is never deleted."""

    STANDING = "standing", "有效"
    WITHDRAWN = "withdrawn", "已撤回"
