"""The words of the books: accounts, kinds of transactions, and what becomes of a payment."""

from django.db import models


class Account(models.TextChoices):
    """What an amount stands on: debit is positive, credit negative.

    RECEIVABLE and ASSESSED are a memorandum of what is owed and always mirror each other. The others are the books proper, kept
    by what was really received and spent.
    """

    RECEIVABLE = "receivable", "应收党费"
    ASSESSED = "assessed", "应收对应"
    CASH = "cash", "库存现金"
    CHANNEL = "channel", "网上交纳待结算"
    BANK = "bank", "党费专户存款"
    IN_TRANSIT = "in_transit", "上缴在途"
    DUES = "dues", "党费收入"
    LARGE = "large", "代收大额党费"
    SURPLUS = "surplus", "多收待退"
    INTEREST = "interest", "利息收入"
    ALLOCATED = "allocated", "上级下拨"
    FROM_BELOW = "from_below", "下级上缴"
    REMITTED = "remitted", "上缴上级"
    GRANTED = "granted", "下拨下级"
    SPENT = "spent", "党费支出"


# What can be counted or stands in a bank: a node that holds any of it has something to hand over before it ends.
MONEY: tuple[str, ...] = (Account.CASH, Account.CHANNEL, Account.BANK, Account.IN_TRANSIT)


class TransactionKind(models.TextChoices):
    ASSESSMENT = "assessment", "核定应交"
    PAYMENT = "payment", "交纳党费"
    EXTRA = "extra", "自愿多交"
    LARGE = "large", "大额党费"
    SURPLUS = "surplus", "重复或多付"
    REFUND = "refund", "退款"
    CARRY = "carry", "抵扣以后月份"
    HAND_IN = "hand_in", "现金上交"
    REMITTANCE = "remittance", "上缴"
    ALLOCATION = "allocation", "下拨"
    SPENDING = "spending", "支出"
    INTEREST = "interest", "利息"
    SETTLEMENT = "settlement", "渠道结算"
    HAND_OVER = "hand_over", "组织调整移交"
    MERGED = "merged", "合并档案"
    REVERSAL = "reversal", "冲正"


class Means(models.TextChoices):
    """How money comes. The last two are how it must not come."""

    CASH = "cash", "现金"
    ONLINE = "online", "网上交纳"
    BANK = "bank", "银行转账"
    PAYROLL = "payroll", "工资代扣"
    ORGANISATION = "organisation", "组织垫交"


class Purpose(models.TextChoices):
    DUES = "dues", "按月党费"
    EXTRA = "extra", "自愿多交"
    LARGE = "large", "大额党费"


class PaymentState(models.TextChoices):
    PENDING = "pending", "待付款"
    LAPSED = "lapsed", "已过期"
    PAID = "paid", "已交"
    REFUNDED = "refunded", "已全部退回"
    REVERSED = "reversed", "已冲正"


# A late call of the bank may still find an order that has lapsed: the money has come all the same.
PAYMENT_TRANSITIONS: dict[str, tuple[str, ...]] = {
    PaymentState.PENDING: (PaymentState.PAID, PaymentState.LAPSED),
    PaymentState.LAPSED: (PaymentState.PAID,),
    PaymentState.PAID: (PaymentState.REFUNDED, PaymentState.REVERSED),
    PaymentState.REFUNDED: (),
    PaymentState.REVERSED: (),
}


class NoticeKind(models.TextChoices):
    PAID = "paid", "已付款"
    REFUNDED = "refunded", "已退款"


class RefundState(models.TextChoices):
    ASKED = "asked", "退款中"
    DONE = "done", "已退回"


class LineState(models.TextChoices):
    """A line of a bank statement."""

    OPEN = "open", "待认领"
    MATCHED = "matched", "已入账"
    SET_ASIDE = "set_aside", "不是党费"


LINE_TRANSITIONS: dict[str, tuple[str, ...]] = {
    LineState.OPEN: (LineState.MATCHED, LineState.SET_ASIDE),
    LineState.MATCHED: (),
    LineState.SET_ASIDE: (LineState.OPEN,),
}
