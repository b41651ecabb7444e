"""Bases, what was assessed on them and the books go along; runs are told of."""

from core.taking_out import stay, take, tell

take("dues.Standard", "member__org_path")
take("dues.Relief", "member__org_path")
take("dues.Agreement", "member__org_path")
take("dues.Assessment", "member__org_path")
tell("dues.AssessmentRun", "organization__path")
stay("dues.Recheck", "待重算的提示，装入后从头核算")
take("dues.Transaction", "org_path", leave=("opened_in",))
take("dues.Posting", "org_path")
for _kept in ("Balance", "BalanceDelta"):
    stay(f"dues.{_kept}", "由账算出，装入后重新计算")
