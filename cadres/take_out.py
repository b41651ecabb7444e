"""Appointments go along; the access that followed from them is told of."""

from core.taking_out import stay, take, tell

take("cadres.Appointment", "org_path")
tell("cadres.Delegation", "appointment__org_path")
tell("cadres.AccessReview", "org_path")
tell("cadres.ReviewLine", "review__org_path")
stay("cadres.OfficerAccount", "账号不带出")
stay("cadres.PostRole", "职务对应的角色由各个平台自己定")
stay("cadres.AppointmentGrant", "由任职生成的授权，授权另有记载")
