"""Dues: bases and assessments (`base_models`), the books (`ledger_models`)."""

from dues.base_models import Agreement, Assessment, AssessmentRun, Recheck, Relief, Standard
from dues.ledger_models import Balance, BalanceDelta, Posting, Transaction

__all__ = [
    "Agreement", "Assessment", "AssessmentRun", "Balance", "BalanceDelta", "Posting", "Recheck", "Relief", "Standard",
    "Transaction",
]  # fmt: skip
