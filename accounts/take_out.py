"""Logins do not travel: who acted goes along by name, as an account without a password that nobody can use."""

from core.taking_out import stay

for _model, _why in {
    "accounts.User": "账号不带出；资料里提到的人另列姓名",
    "accounts.User_groups": "不使用",
    "accounts.User_user_permissions": "不使用",
    "accounts.PasswordHistory": "口令不带出",
    "accounts.AccountList": "开立账号的过程属于这个平台",
    "accounts.AccountListLine": "开立账号的过程属于这个平台",
    "accounts.ActivationCode": "启用码不带出",
    "accounts.FailedTry": "登录记录属于这个平台",
    "accounts.AccountRequest": "账号的申请属于这个平台",
    "accounts.SignedInSession": "登录状态不带出",
    "accounts.SecondFactor": "第二重验证是各人的钥匙，不带出",
    "accounts.RecoveryCode": "第二重验证是各人的钥匙，不带出",
    "accounts.ClientCertificate": "证书随账号，不带出",
    "accounts.FactorPolicy": "验证的要求由各个平台自己定",
    "accounts.Elevation": "一次性的提升，不带出",
}.items():
    stay(_model, _why)
