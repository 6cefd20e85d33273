"""Form fields that offer only what whoever asks sees."""

from typing import TYPE_CHECKING, Any

from django import forms

from ronda.devices.service.scope import mine

if TYPE_CHECKING:
    Choice = forms.ModelChoiceField[Any]
else:
    Choice = forms.ModelChoiceField


class SeenField(Choice):
    """A choice among the rows of the person's sites; anything else is no valid choice.

    `path` leads from a row to its site: `"pk"` for sites themselves.
    """

    def __init__(self, queryset: Any, *, path: str = "site", **options: Any) -> None:
        super().__init__(queryset, **options)
        self.path = path

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        # Each form gets a copy of the field, and is made for one request.
        copied = super().__deepcopy__(memo)
        copied.queryset = mine(self.queryset, self.path)  # type: ignore[arg-type] # given above
        return copied
