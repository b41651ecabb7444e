"""The states of an import, what each of its rows will do, and which refusals a person may overrule with proof."""

from django.db import models

from members.enums import ON_ROLL, Standing


class BatchState(models.TextChoices):
    UPLOADED = "uploaded", "已上传"
    READING = "reading", "正在检查"
    MAPPING = "mapping", "等待核对列"
    REVIEW = "review", "等待确认"
    COMMIT_REQUESTED = "commit_requested", "正在写入"
    COMMITTED = "committed", "已写入"
    UNDO_REQUESTED = "undo_requested", "正在撤销"
    UNDONE = "undone", "已撤销"
    FAILED = "failed", "没有读成"
    CANCELLED = "cancelled", "已取消"


_S = BatchState
TRANSITIONS: dict[str, tuple[str, ...]] = {
    _S.UPLOADED: (_S.READING, _S.FAILED, _S.CANCELLED),
    _S.READING: (_S.MAPPING, _S.REVIEW, _S.FAILED, _S.CANCELLED),
    _S.MAPPING: (_S.READING, _S.FAILED, _S.CANCELLED),
    _S.REVIEW: (_S.READING, _S.MAPPING, _S.COMMIT_REQUESTED, _S.CANCELLED),
    _S.COMMIT_REQUESTED: (_S.COMMITTED, _S.REVIEW, _S.READING),
    _S.COMMITTED: (_S.UNDO_REQUESTED,),
    _S.UNDO_REQUESTED: (_S.UNDONE, _S.COMMITTED),
    _S.UNDONE: (),
    _S.FAILED: (_S.CANCELLED,),
    _S.CANCELLED: (),
}
RUNNING: tuple[str, ...] = (_S.UPLOADED, _S.READING, _S.COMMIT_REQUESTED, _S.UNDO_REQUESTED)
WAITING: tuple[str, ...] = (_S.MAPPING, _S.REVIEW)
UNDER_WAY: tuple[str, ...] = (*RUNNING, *WAITING)


class RowAction(models.TextChoices):
    NEW = "new", "新增"
    UPDATE = "update", "更新"
    SAME = "same", "没有变化"
    REFUSED = "refused", "有问题"


# What a true row may be refused for: the number itself, and what rests on it. Taken in one by one as 号码待核.
ACCEPTABLE = frozenset(
    {
        "missing_id", "id_length", "id_checksum", "id_region", "id_birth", "id_precision_lost",
        "sex_contradicts_id", "birth_contradicts_id",
    }
)  # fmt: skip


class Withheld(models.TextChoices):
    """Why a cell that differs does not overwrite the file unless it is chosen."""

    OLDER = "older", "较旧，不覆盖"
    NAME = "name", "姓名差别大，请先确认是不是同一个人"


class FiledKind(models.TextChoices):
    NEW = "new", "新增"
    CHANGED = "changed", "变更"
    GONE = "gone", "减少"


class FilingState(models.TextChoices):
    FILED = "filed", "已报送"
    WITHDRAWN = "withdrawn", "已撤回"


FILING_TRANSITIONS: dict[str, tuple[str, ...]] = {
    FilingState.FILED: (FilingState.WITHDRAWN,),
    FilingState.WITHDRAWN: (),
}
# Whose file the superior's system keeps: the roll, and those whose membership is suspended.
FILED_STANDINGS: tuple[str, ...] = (*ON_ROLL, Standing.SUSPENDED)


class RequestKind(models.TextChoices):
    MEMBERS = "members", "导出名册"
    TAKE_OUT = "take_out", "整体带出"
    DUES = "dues", "党费登记表"


# What a task makes once it may; a taking out leaves as a stream.
PRODUCED: tuple[str, ...] = (RequestKind.MEMBERS, RequestKind.DUES)


class RequestState(models.TextChoices):
    WAITING = "waiting", "等待批准"
    APPROVED = "approved", "已批准"
    READY = "ready", "可以下载"
    REFUSED = "refused", "不同意"
    WITHDRAWN = "withdrawn", "已撤回"
    FAILED = "failed", "没有生成"
    EXPIRED = "expired", "已过期"


_R = RequestState
REQUEST_TRANSITIONS: dict[str, tuple[str, ...]] = {
    _R.WAITING: (_R.APPROVED, _R.REFUSED, _R.WITHDRAWN),
    _R.APPROVED: (_R.READY, _R.FAILED, _R.EXPIRED),
    _R.READY: (_R.EXPIRED,),
    _R.REFUSED: (),
    _R.WITHDRAWN: (),
    _R.FAILED: (),
    _R.EXPIRED: (),
}
