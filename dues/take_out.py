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
for _model in ("Payment", "MonthClosing"):
    take(f"dues.{_model}", "org_path", leave=("entrustment",) if _model == "Payment" else ())
take("dues.PaymentMonth", "payment__org_path")
take("dues.Receipt", "payment__org_path")
tell("dues.Entrustment", "member__org_path")
tell("dues.BankStatement", "org_path")
tell("dues.BankLine", "org_path")
tell("dues.Refund", "payment__org_path")
for _of_the_bank in ("Notice", "SampleOrder"):
    stay(f"dues.{_of_the_bank}", "本平台与银行之间的往来，入账的结果在账里")
stay("dues.ReceiptCounter", "收据的编号，由收据得出")
take("dues.ArrearsStep", "member__org_path")
for _up in ("BankAccount", "HandIn", "Transfer", "Spending", "Publication"):
    take(f"dues.{_up}", "org_path")
