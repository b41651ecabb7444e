"""Bases and what was assessed on them go along; runs are told of."""

from core.taking_out import stay, take, tell

take("dues.Standard", "member__org_path")
take("dues.Relief", "member__org_path")
take("dues.Agreement", "member__org_path")
take("dues.Assessment", "member__org_path")
tell("dues.AssessmentRun", "organization__path")
stay("dues.Recheck", "待重算的提示，装入后从头核算")
