"""Figures are reckoned from files and movements, there as here."""

from core.taking_out import stay

for _model in ("Delta", "Rollup", "MonthEnd", "KeptMonth"):
    stay(f"insight.{_model}", "由档案和变动算出，装入后重新计算")
