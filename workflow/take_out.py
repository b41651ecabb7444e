"""Matters are told of: they were decided by people and organisations of this installation."""

from core.taking_out import stay, tell

tell("workflow.Decision", "cases__path", order_by=("pk",))
tell("workflow.Case", "path")
tell("workflow.Entry", "case__path")
tell("workflow.CaseMaterial", "case__path")
stay("workflow.Watch", "各人的关注，随账号")
stay("workflow.Loan", "办理期间借用的权限，不带出")
stay("workflow.Notice", "提醒，随账号")
stay("workflow.CalendarDay", "放假安排属于平台")
