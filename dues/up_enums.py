"""Words of what happens to money that has come in: handed in, passed up and down, spent, published."""

from django.db import models


class HandInState(models.TextChoices):
    WAITING = "waiting", "待点收"
    RECEIVED = "received", "已点收"
    TAKEN_BACK = "taken_back", "已撤回"


HAND_IN_TRANSITIONS: dict[str, tuple[str, ...]] = {
    HandInState.WAITING: (HandInState.RECEIVED, HandInState.TAKEN_BACK),
    HandInState.RECEIVED: (),
    HandInState.TAKEN_BACK: (),
}


class TransferKind(models.TextChoices):
    REMITTANCE = "remittance", "上缴"
    LARGE = "large", "上缴大额党费"
    ALLOCATION = "allocation", "下拨"


class TransferState(models.TextChoices):
    PREPARED = "prepared", "待出纳付款"
    SENT = "sent", "在途"
    RECEIVED = "received", "已收到"
    DROPPED = "dropped", "已作废"


TRANSFER_TRANSITIONS: dict[str, tuple[str, ...]] = {
    TransferState.PREPARED: (TransferState.SENT, TransferState.DROPPED),
    TransferState.SENT: (TransferState.RECEIVED,),
    TransferState.RECEIVED: (),
    TransferState.DROPPED: (),
}


class SpendingState(models.TextChoices):
    PREPARED = "prepared", "待出纳付款"
    PAID = "paid", "已付"
    DROPPED = "dropped", "已作废"


SPENDING_TRANSITIONS: dict[str, tuple[str, ...]] = {
    SpendingState.PREPARED: (SpendingState.PAID, SpendingState.DROPPED),
    SpendingState.PAID: (),
    SpendingState.DROPPED: (),
}
