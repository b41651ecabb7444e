"""The files with everything below them and their history. Logins do not travel."""

from core.taking_out import FileBeside, stay, take
from members.domain.attachments import keep_attachment, read_attachment

BELOW = (
    "Duty", "Education", "Award", "Sanction", "Rectification", "AbroadStay", "Hardship", "Help", "FamilyMember", "FieldCheck",
)  # fmt: skip

take("members.Member", "org_path", leave=("user",), blinds={"id_blind": "id_number", "phone_blind": "phone"})
take("members.Movement", "member__org_path")
take("members.StandingDecision", "member__org_path")
for _name in BELOW:
    take(f"members.{_name}", "member__org_path")
take("members.Attachment", "member__org_path", file=FileBeside(read_attachment, keep_attachment))
stay("members.MemberDraft", "导入过程中的草稿")
stay("members.NotTheSame", "说的是两份档案，另一份可能不在其中")
