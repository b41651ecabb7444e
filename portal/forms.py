"""What members type on their own pages."""

from django import forms

from core.errors import DomainError
from workflow.forms import paper_field


class HandInForm(forms.Form):
    """A paper for the own file."""

    title = forms.CharField(
        label="这是什么材料", max_length=60, help_text="如 毕业证书", error_messages={"required": "请写明这是什么材料。"}
    )

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)
        self.fields["file"] = paper_field()

    def refuse(self, error: DomainError) -> None:
        """The refusal of a verb beside the box it speaks of."""
        self.add_error(error.field if error.field in self.fields else None, forms.ValidationError(error.message, error.code))
