"""What members type on their own pages."""

from django import forms

from core.dates import today
from core.errors import DomainError
from regulations.packs import pack


class HandInForm(forms.Form):
    """A paper for the own file."""

    title = forms.CharField(
        label="这是什么材料", max_length=60, help_text="如 毕业证书", error_messages={"required": "请写明这是什么材料。"}
    )
    file = forms.FileField(label="文件或照片", allow_empty_file=True, error_messages={"required": "请选择文件。"})

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        rules = pack("registry", on=today())
        kinds = "、".join(kind.upper() for kind in rules.texts("attachment.kinds"))
        self.fields["file"].help_text = f"{kinds}，不超过 {rules.integer('attachment.megabytes.max')} MB；照片里的拍摄地点会去掉"

    def refuse(self, error: DomainError) -> None:
        """The refusal of a verb beside the box it speaks of."""
        self.add_error(error.field if error.field in self.fields else None, forms.ValidationError(error.message, error.code))
