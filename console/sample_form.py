"""A form with a field of each kind, for the styleguide; one of them is wrong."""

from django import forms


class SampleForm(forms.Form):
    """Filled in but for its day."""

    name = forms.CharField(help_text="As people call it.")
    country = forms.ChoiceField(choices=[("US", "United States"), ("DE", "Germany")])
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), required=False)
    day = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), help_text="A day that is over.")
