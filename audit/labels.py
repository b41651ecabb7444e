"""The record's verbs and kinds in the auditor's words. What has no word yet is shown as it is written."""

VERBS: dict[str, str] = {
    "sign_in": "登录",
    "sign_in_failed": "登录失败",
    "sign_in_locked": "登录被锁定",
    "sign_out": "退出",
    "sign_out_elsewhere": "退出别处的登录",
    "activate": "启用账号",
    "change_password": "更换口令",
    "issue_code": "发出启用码",
    "issue_activation": "给党员发启用码",
    "open_account": "开立账号",
    "open_administrator": "设立三员账号",
    "open_member_login": "开通党员账号",
    "create_ready_account": "建立演示账号",
    "replace_administrator": "更换三员",
    "deactivate": "停用账号",
    "reactivate": "恢复账号",
    "request_reset": "申请重设口令",
    "request_reactivation": "申请恢复账号",
    "confirm_reset": "确认重设口令",
    "refuse_request": "不同意申请",
    "propose_list": "提出账号名单",
    "approve_list": "批准账号名单",
    "return_list": "退回账号名单",
    "establish_organization": "设立组织",
    "rename_organization": "组织更名",
    "move_organization": "调整隶属",
    "change_attributes": "变更组织属性",
    "set_parameter": "登记本地参数",
    "edit_unit": "修改单位",
    "attach_unit": "关联单位",
    "detach_unit": "解除单位",
    "create_role": "新增角色",
    "edit_role": "修改角色",
    "give_grant": "授权",
    "revoke_grant": "收回授权",
    "seal_subtree": "封闭范围",
    "lift_seal": "解除封闭",
    "enrol_member": "登记党员",
    "amend_member": "修改档案",
    "change_branch": "编入别的支部",
    "leave_roll": "登记离开",
    "restore_member": "恢复党籍",
    "convert_member": "转为正式党员",
    "resolve_identity": "核对号码",
    "withdraw_registration": "撤回重复登记",
    "release_number": "号码不再有争议",
    "take_back_enrolment": "撤销导入的登记",
    "take_back_amendment": "撤销导入的修改",
    "read_sensitive": "查看号码、住址",
    "read_own": "本人查看自己的号码、住址",
    "upload_roster": "上传名册",
    "commit_import": "确认导入",
    "undo_import": "撤销导入",
    "export_members": "导出名册",
    "export_figures": "导出统计",
    "forget_upload": "删除上传的文件",
    "build_demo": "建立演示数据",
}
KINDS: dict[str, str] = {
    "member": "党员档案",
    "account": "账号",
    "account_list": "账号名单",
    "account_request": "账号申请",
    "organization": "组织",
    "unit": "单位",
    "role": "角色",
    "grant": "授权",
    "seal": "封闭范围",
    "parameter": "本地参数",
    "import": "导入",
    "figures": "统计",
    "list": "名册",
    "installation": "平台",
    "session": "登录",
}

DETAILS: dict[str, str] = {
    "fields": "项目",
    "organization": "组织",
    "role": "角色",
    "from": "自",
    "until": "到期",
    "purpose": "用途",
    "count": "数量",
    "rows": "行数",
    "username": "登录名",
    "document_no": "文号",
    "capabilities": "权限",
    "name": "名称",
    "old": "原来",
    "new": "改为",
    "place": "范围",
    "filter": "条件",
}


def verb_label(verb: str) -> str:
    return VERBS.get(verb, verb)


def detail_label(name: str) -> str:
    return DETAILS.get(name, name)


def kind_label(kind: str) -> str:
    return KINDS.get(kind, kind)
