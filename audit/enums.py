from django.db.models import TextChoices


class Part(TextChoices):
    """The open part is what auditors page through; the confidential part is readable one entry at a time, with the key."""

    OPEN = "open", "公开部分"
    CONFIDENTIAL = "confidential", "密封部分"


class ActorKind(TextChoices):
    """Who acted, as a plain value: the kinds of account, or a program (task, command) without a person."""

    PROGRAM = "program", "程序"
    MEMBER = "member", "党员"
    OFFICER = "officer", "工作人员"
    SYSTEM = "system", "系统管理员"
    SECURITY = "security", "安全保密管理员"
    AUDITOR = "audit", "安全审计员"


class Fault(TextChoices):
    """What a verification finds."""

    CHANGED = "changed", "记录被改动"
    MISSING = "missing", "记录被删除"
    CUT_OFF = "cut_off", "末尾被截去"
    LINK_BROKEN = "link_broken", "封条不相连"
    SEAL_CHANGED = "seal_changed", "封条被改动或伪造"
    KEY_MISSING = "key_missing", "密钥不在"
    RESTORE_FORGED = "restore_forged", "恢复记载不可信"
    ANCHOR_MISSING = "anchor_missing", "锚点缺失"
    ANCHOR_UNREADABLE = "anchor_unreadable", "锚点无法读取"
