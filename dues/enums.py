"""Kinds of payers, and where a base of dues stands."""

from django.db import models


class Kind(models.TextChoices):
    """Whose dues are reckoned how (《关于中国共产党党费收缴、使用和管理的规定》第一条至第六条)."""

    SALARIED = "salaried", "按月领工资"
    ANNUAL_PAY = "annual_pay", "年薪制"
    SELF_EMPLOYED = "self_employed", "个体经营等不按月取得收入"
    RETIRED = "retired", "离退休"
    VILLAGE_CADRE = "village_cadre", "领固定补贴的村干部"
    FARMER = "farmer", "农民"
    STUDENT = "student", "学生"
    NO_INCOME = "no_income", "下岗失业、领抚恤救济或低保"


# Whose amount is fixed: they declare nothing.
FIXED: tuple[str, ...] = (Kind.FARMER, Kind.STUDENT, Kind.NO_INCOME)
