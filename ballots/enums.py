from django.db import models


class Mode(models.TextChoices):
    """How people vote. Which of them a vote may use is decided by the procedure it belongs to."""

    PAPER = "paper", "纸质票"
    VERIFIABLE = "verifiable", "可验证电子票"
    BOTH = "both", "电子票和纸质票并用"


class Phase(models.TextChoices):
    DRAFT = "draft", "起草"
    CEREMONY = "ceremony", "制作钥匙和登记"
    READY = "ready", "已封定"
    OPEN = "open", "投票中"
    CLOSED = "closed", "已截止"
    TALLIED = "tallied", "已计票"
    DONE = "done", "已公布"
    ABANDONED = "abandoned", "已中止"


TRANSITIONS: dict[str, tuple[str, ...]] = {
    Phase.DRAFT: (Phase.CEREMONY, Phase.READY, Phase.ABANDONED),
    Phase.CEREMONY: (Phase.READY, Phase.ABANDONED),
    Phase.READY: (Phase.CEREMONY, Phase.OPEN, Phase.ABANDONED),
    Phase.OPEN: (Phase.CLOSED, Phase.ABANDONED),
    Phase.CLOSED: (Phase.TALLIED, Phase.ABANDONED),
    Phase.TALLIED: (Phase.DONE,),
}


class Step(models.TextChoices):
    """What a teller has done last; each step opens when all tellers have done the one before."""

    NOTHING = "", "尚未开始"
    COMMIT = "commit", "已提交承诺"
    SHARE = "share", "已分发份额"
    CONFIRM = "confirm", "已核对并公布"
    REHEARSE = "rehearse", "已演练"
    DECRYPT = "decrypt", "已开箱"
    DESTROY = "destroy", "已销毁钥匙"


class EventKind(models.TextChoices):
    """The links of the chain, by the names of the archive's format."""

    SETUP = "Setup", "封定"
    BALLOT = "Ballot", "选票"
    END = "EndBallots", "截止"
    TALLY = "EncryptedTally", "加密合计"
    PARTIAL = "PartialDecryption", "部分解密"
    RESULT = "Result", "结果"
