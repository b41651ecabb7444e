"""Dues: bases and assessments (`base_models`), the books (`ledger_models`), money on its way into them (`pay_models`,
`bank_models`)."""

from dues.bank_models import BankLine, BankStatement
from dues.base_models import Agreement, Assessment, AssessmentRun, Recheck, Relief, Standard
from dues.ledger_models import Balance, BalanceDelta, Posting, Transaction
from dues.pay_models import (
    Entrustment,
    MonthClosing,
    Notice,
    Payment,
    PaymentMonth,
    Receipt,
    ReceiptCounter,
    Refund,
    SampleOrder,
)

__all__ = [
    "Agreement", "Assessment", "AssessmentRun", "Balance", "BalanceDelta", "BankLine", "BankStatement", "Entrustment",
    "MonthClosing", "Notice", "Payment", "PaymentMonth", "Posting", "Receipt", "ReceiptCounter", "Recheck", "Refund", "Relief",
    "SampleOrder", "Standard", "Transaction",
]  # fmt: skip
