"""What is wrong with a record, by name: every refusal says which rule and where."""

from dataclasses import dataclass


@dataclass
class Fault(Exception):
    """`code` names the rule that is broken, `place` where in the record, such as answers[2].choices[0].alpha."""

    code: str
    place: str = ""

    def __str__(self) -> str:
        return f"{LABELS.get(self.code, self.code)}（{self.code}）" + (f"：{self.place}" if self.place else "")


LABELS = {
    "not_json": "不是规范的 JSON 文本",
    "wrong_keys": "字段多了、少了或次序不对",
    "wrong_shape": "结构或个数不对",
    "number_not_canonical": "数字写法不规范",
    "number_out_of_range": "数字超出范围",
    "not_in_group": "不是群中的元素",
    "wrong_election": "不是这次选举的记录",
    "unknown_credential": "凭证不在名单上",
    "wrong_roll": "名册与选举封定时写明的不符",
    "repeated_credential": "凭证在名单上重复",
    "already_voted": "这个凭证已经投过票，本次不许改投",
    "choice_not_proved": "选项的零知识证明不成立",
    "total_not_proved": "选项总数的零知识证明不成立",
    "blank_not_proved": "空白选项的零知识证明不成立",
    "link_broken": "相连的选项前后不一致",
    "wrong_signature": "签名不成立",
    "wrong_hash": "摘要与内容不符",
    "text_not_canonical": "文本写法不规范",
    "wrong_key": "公钥与持有人的记录不符",
    "key_not_proved": "公钥的持有证明不成立",
    "wrong_threshold": "门限不对",
    "wrong_tally": "密文合计与选票不符",
    "wrong_count": "计入的票数与选票不符",
    "factor_not_proved": "解密份额的证明不成立",
    "too_few_shares": "解密份额不足",
    "repeated_share": "解密份额重复",
    "unknown_owner": "份额的持有人不在名单上",
    "wrong_result": "结果与解密不符",
    "wrong_archive": "档案的结构不对",
    "wrong_header": "档案的记录头不对",
    "wrong_chain": "事件链断了",
    "wrong_order": "事件的次序不对",
    "unreferenced": "档案里有没有被引用的记录",
    "rules_missing": "选举没有写明本平台的规则",
}
