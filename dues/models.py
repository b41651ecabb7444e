"""Dues: bases and assessments (`base_models`), the books (`ledger_models`)."""

from dues.base_models import Agreement, Assessment, AssessmentRun, Recheck, Relief, Standard

__all__ = ["Agreement", "Assessment", "AssessmentRun", "Recheck", "Relief", "Standard"]
