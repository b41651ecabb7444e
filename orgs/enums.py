from django.db import models


class Kind(models.TextChoices):
    """Kinds of party organisation (rules.md §5.1, §10.2); joint, floating and temporary are attributes."""

    COMMITTEE = "committee", "党委"
    WORK_COMMITTEE = "work_committee", "工委"
    LEADING_GROUP = "leading_group", "党组"
    GENERAL_BRANCH = "general_branch", "党总支"
    BRANCH = "branch", "党支部"
    GROUP = "group", "党小组"


class UnitNature(models.TextChoices):
    """Nature of a unit (rules.md §10.2, not a national table: to be confirmed)."""

    STATE_FIRM = "1", "国有企业"
    PRIVATE_FIRM = "2", "非公有制企业"
    VILLAGE = "3", "农村"
    ORGAN = "4", "党政机关"
    SCHOOL = "5", "学校"
    INSTITUTION = "6", "其他事业单位"
    COMMUNITY = "7", "街道社区"
    SOCIAL = "8", "社会组织"
    OTHER = "9", "其他"


class Capability(models.TextChoices):
    """What may be granted on a node; each holds for the whole subtree, minus sealed parts."""

    VIEW_ORGANIZATIONS = "view_organizations", "查看组织"
    ESTABLISH_ORGANIZATIONS = "establish_organizations", "设立、更名、调整组织"
    SET_PARAMETERS = "set_parameters", "登记本地参数"
    VIEW_ACCESS = "view_access", "查看本级授权"
    VIEW_MEMBERS = "view_members", "查看党员"
    EDIT_MEMBERS = "edit_members", "登记和修改党员"
    REVEAL_IDENTITY = "reveal_identity", "查看号码明文"
    ISSUE_ACTIVATION = "issue_activation", "发放启用码"
    CHECK_IDENTITIES = "check_identities", "核对号码"
    IMPORT_MEMBERS = "import_members", "导入名册"
    EXPORT_MEMBERS = "export_members", "导出名册"
    VIEW_FIGURES = "view_figures", "查看统计"
    VIEW_SENSITIVE_RECORDS = "view_sensitive_records", "查看处分、困难、家庭等记录"
    APPROVE_MATTERS = "approve_matters", "审批下级事项"
    VIEW_CADRES = "view_cadres", "查看班子和任职"
    APPOINT_CADRES = "appoint_cadres", "任免和指派"
    APPROVE_EXPORTS = "approve_exports", "审批大批量导出"
    FILE_CHANGES = "file_changes", "向上级系统报送变动"
    TAKE_OUT = "take_out", "整体带出组织数据"
    VIEW_DUES = "view_dues", "查看党费交纳情况"
    COLLECT_DUES = "collect_dues", "收党费、确认基数"
    KEEP_DUES_CASH = "keep_dues_cash", "党费出纳"
    KEEP_DUES_BOOKS = "keep_dues_books", "党费会计"
    RUN_BALLOTS = "run_ballots", "组织无记名投票"


# What each capability lets a person do, in the words of the role page.
CAPABILITY_WORDS: dict[str, str] = {
    Capability.VIEW_ORGANIZATIONS: "看到组织树、沿革、单位和本地参数",
    Capability.ESTABLISH_ORGANIZATIONS: "凭文件设立下级、更名、调整隶属，登记单位",
    Capability.SET_PARAMETERS: "凭文件登记本级对规则的执行口径",
    Capability.VIEW_ACCESS: "看到谁对这个组织有什么权限",
    Capability.VIEW_MEMBERS: "看到党员名册和档案，号码打码",
    Capability.EDIT_MEMBERS: "登记党员、修改档案、变更党籍",
    Capability.REVEAL_IDENTITY: "写明理由后逐条看身份证号、手机、住址的明文",
    Capability.ISSUE_ACTIVATION: "给党员发启用码",
    Capability.CHECK_IDENTITIES: "核对待查的号码",
    Capability.IMPORT_MEMBERS: "上传名册、确认导入、撤销导入",
    Capability.EXPORT_MEMBERS: "导出名册，导出人和范围记入审计",
    Capability.VIEW_FIGURES: "看汇总数和看板，人数太少的格子不显示",
    Capability.VIEW_SENSITIVE_RECORDS: "看到处分、困难帮扶、家庭成员、出国境等记录，查看记入审计",
    Capability.APPROVE_MATTERS: "审批下级报来的事项：同意、退回、不同意，可凭一个文号一并办理",
    Capability.VIEW_CADRES: "看到职务、班子、任期和任职经历",
    Capability.APPOINT_CADRES: "凭文件任职、免职、指派代管；任职即有权限，免职即收回",
    Capability.APPROVE_EXPORTS: "批准别人提出的大批量导出，自己的要由别人批",
    Capability.FILE_CHANGES: "按上级系统的表样导出新变动并登记已报送",
    Capability.TAKE_OUT: "把一个组织的全部资料以开放格式带出，须第二人批准",
    Capability.VIEW_DUES: "看到党员交没交党费和汇总数，看不到每个人的金额",
    Capability.COLLECT_DUES: "确认党员的交纳基数、收党费，看到本支部党员的金额，查看记入审计",
    Capability.KEEP_DUES_CASH: "保管和收付党费款项；记账由另一位同志办",
    Capability.KEEP_DUES_BOOKS: "记党费账、核对；收付由另一位同志办",
    Capability.RUN_BALLOTS: "起草、封定、开始和截止无记名投票；谁投了什么谁也看不到",
}


class TreeVerb(models.TextChoices):
    ESTABLISHED = "established", "设立"
    RENAMED = "renamed", "更名"
    MOVED = "moved", "调整隶属"
    CHANGED = "changed", "属性变更"
    UPGRADED = "upgraded", "升格"
    MERGED = "merged", "并入"
    SPLIT = "split", "拆分"
    DISSOLVED = "dissolved", "撤销"
    REVERTED = "reverted", "撤回调整"


class ReorganisationKind(models.TextChoices):
    """The changes that more than one organisation, or its people, are drawn into."""

    UPGRADE = "upgrade", "升格"
    MERGE = "merge", "合并"
    SPLIT = "split", "拆分"
    DISSOLVE = "dissolve", "撤销"


class GrantState(models.TextChoices):
    """What a grant is at this moment; worked out from its term, never stored."""

    IN_FORCE = "in_force", "有效"
    TO_COME = "to_come", "尚未开始"
    EXPIRED = "expired", "已到期"
    REVOKED = "revoked", "已收回"


class Ground(models.TextChoices):
    """Why a capability holds on a node or does not (`orgs.explaining`)."""

    GRANT = "grant", "授权"
    ADMINISTRATOR = "administrator", "三员岗位"
    MEMBER = "member", "党员账号"
    INACTIVE = "inactive", "账号停用"
    ROLE = "role", "角色没有这项权限"
    REVOKED = "revoked", "已收回"
    EXPIRED = "expired", "已到期"
    TO_COME = "to_come", "尚未开始"
    SEAL = "seal", "封闭"
    LENT = "lent", "办理期间借用"
    LATE = "late", "正在生效"
    ELSEWHERE = "elsewhere", "在别处"
    NOTHING = "nothing", "没有授权"
