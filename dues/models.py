"""Dues: bases and assessments (`base_models`), the books (`ledger_models`), money on its way into them (`pay_models`,
`bank_models`), money between levels (`up_models`)."""

from dues.arrears_models import ArrearsStep
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
from dues.up_models import BankAccount, HandIn, Publication, Spending, Transfer

__all__ = [
    "Agreement", "ArrearsStep", "Assessment", "AssessmentRun", "Balance", "BalanceDelta", "BankAccount", "BankLine",
    "BankStatement", "Entrustment", "HandIn", "MonthClosing", "Notice", "Payment", "PaymentMonth", "Posting", "Publication",
    "Receipt", "ReceiptCounter", "Recheck", "Refund", "Relief", "SampleOrder", "Spending", "Standard", "Transaction",
    "Transfer",
]  # fmt: skip
