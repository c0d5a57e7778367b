"""Personal data: end users with their export and erasure, what may not be erased, how long it is kept, who looked."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse

from accounts.models import Account
from compliance.models import (
    Address,
    Bundle,
    BundleView,
    DocumentView,
    EndUser,
    Erasure,
    LegalHold,
    RetentionPolicy,
    SupportingDocument,
)
from compliance.refusals import Refused
from compliance.services import erasure, export, holds
from console.read_only import ReadOnlyAdmin
from console.verbs import ReasonForm, Verb, VerbsAdmin

_SUBJECTS: dict[str, type[Model]] = {
    "IT": EndUser,
    "RD": SupportingDocument,
    "AD": Address,
    "BU": Bundle,
    "AC": Account,
}


class CaseForm(ReasonForm):
    """A reason that must outlive the person's data."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["reason"].help_text = "The case, without names: it is kept for good."


EXPORT = Verb(
    "export",
    "Export",
    "You get a ZIP with all that is kept of the person, for the person (GDPR articles 15 and 20). That you had it is "
    "recorded with every paper and every bundle in it.",
    lambda end_user: end_user.erased_at is None,
    lambda end_user, given, actor: None,  # the file itself is the answer: see `_perform`
    form=CaseForm,
    permission="compliance.change_enduser",
)
ERASE = Verb(
    "erase",
    "Erase",
    "The person's data are erased for good, with the papers, files and addresses that are only theirs, and their "
    "bundles end (GDPR article 17). Nobody can bring them back. The history of the numbers stays.",
    lambda end_user: end_user.erased_at is None,
    lambda end_user, given, actor: erasure.erase(end_user, actor=actor, reason=given["reason"]),
    form=CaseForm,
    is_grave=True,
    permission="compliance.delete_enduser",
)


@admin.register(EndUser)
class EndUserAdmin(VerbsAdmin):
    """By SID: who they are is for reviewers, in a bundle."""

    about = (
        "Whom customers gave us: people and businesses, by SID. Here a person gets a copy of everything (Export), "
        "and is erased for good (Erase)."
    )
    list_display = ("sid", "account", "type", "created_at", "deleted_at", "erased_at")
    list_filter = ("type", ("erased_at", admin.EmptyFieldListFilter))
    list_select_related = ("account",)
    search_fields = ("sid__exact", "account__sid__exact")
    search_help_text = "The SID of an end user or of an account."
    fields = readonly_fields = (*list_display, "updated_at")
    ordering = ("-pk",)
    verbs = (EXPORT, ERASE)

    def get_queryset(self, request: HttpRequest) -> QuerySet[EndUser]:
        """Without what the customer gave: it is not even read."""
        rows: QuerySet[EndUser] = super().get_queryset(request)
        return rows.defer("friendly_name", "attributes", "account__auth_token", "account__auth_token_digest")

    def _perform(self, request: HttpRequest, row: Model, verb: Verb, given: Mapping[str, str]) -> HttpResponse:
        try:
            return (
                self._exported(request, row, given) if verb is EXPORT else super()._perform(request, row, verb, given)
            )
        except Refused as refusal:
            messages.error(request, f"Nothing was done: {refusal}.")
            return HttpResponseRedirect(reverse("admin:compliance_enduser_change", args=[row.pk]))

    def _exported(self, request: HttpRequest, row: Any, given: Mapping[str, str]) -> HttpResponse:
        user: Any = request.user
        with transaction.atomic():  # nothing leaves without a record of it
            self.log_change(request, row, f"Export: {given['reason']}")
            pieces = export.by_staff(row, user=user, note=given["reason"], seen_from=request.META.get("REMOTE_ADDR"))
        headers = {"X-Content-Type-Options": "nosniff", "Content-Disposition": f'attachment; filename="{row.sid}.zip"'}
        answer: Any = StreamingHttpResponse(pieces, content_type="application/zip", headers=headers)
        return answer  # type: ignore[no-any-return]  # the admin's pages are typed too narrowly


class HoldForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in the stubs
    """A hold on something that is there: one on a mistyped SID would hold nothing."""

    class Meta:
        labels = {"subject_sid": "On what"}
        help_texts = {
            "subject_sid": "The SID of an end user (IT…), a paper (RD…), an address (AD…), a bundle or an account.",
            "until": "In UTC. Blank: until somebody lifts it.",
        }

    def clean_subject_sid(self) -> str:
        """The SID of a row of ours."""
        sid = str(self.cleaned_data["subject_sid"]).strip()
        model = _SUBJECTS.get(sid[:2])
        if model is None or not model._default_manager.filter(sid=sid).exists():
            raise forms.ValidationError("There is nothing of that SID.")
        return sid


@admin.register(LegalHold)
class LegalHoldAdmin(VerbsAdmin):
    """What must not be erased for now; the newest first."""

    about = (
        "A legal hold keeps personal data from being erased while a claim or a case needs them (GDPR article "
        "17(3)(e)): of one end user, paper, address or bundle, or of a whole account. It ends on its day, or when "
        "somebody lifts it."
    )
    form = HoldForm
    list_display = ("subject_sid", "reason", "until", "placed_by", "placed_at", "lifted_by", "lifted_at")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter),)
    search_fields = ("subject_sid__exact",)
    fields = ("subject_sid", "reason", "until", "placed_by", "placed_at", "lifted_by", "lifted_at")
    readonly_fields = ("placed_by", "placed_at", "lifted_by", "lifted_at")
    ordering = ("-pk",)
    verbs = (
        Verb(
            "lift",
            "Lift",
            "It holds no more: the next sweep erases what is due.",
            lambda hold: hold.lifted_at is None,
            lambda hold, given, actor: holds.lift(hold, actor=actor),
            form=CaseForm,
            is_grave=True,
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """For whom the rights say so."""
        return request.user.has_perm("compliance.add_legalhold")

    def save_model(self, request: HttpRequest, obj: LegalHold, form: Any, change: bool) -> None:
        """Say who placed it."""
        obj.placed_by = f"user:{request.user}"[:80]
        super().save_model(request, obj, form, change)


@admin.register(RetentionPolicy)
class RetentionPolicyAdmin(ReadOnlyAdmin):
    """How long what nothing needs is kept. Rows are added, with a day of their own, and never changed."""

    about = (
        "How many days personal data are kept after the last thing that needed them; then a sweep erases them. "
        "Without a row our own policy holds. A row for a country wins over the one for all. Rows are added, with a "
        "first day, and never changed."
    )
    list_display = ("governs", "clock", "days", "is_law", "source", "valid_from", "set_by")
    fields = ("country", "clock", "days", "is_law", "source", "valid_from", "set_by")
    readonly_fields = ("set_by",)
    ordering = ("country", "clock", "-valid_from")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """For whom the rights say so."""
        return request.user.has_perm("compliance.add_retentionpolicy")

    def save_model(self, request: HttpRequest, obj: RetentionPolicy, form: Any, change: bool) -> None:
        """Say who set it."""
        obj.set_by = f"user:{request.user}"[:80]
        super().save_model(request, obj, form, change)

    @admin.display(description="country", ordering="country")
    def governs(self, policy: RetentionPolicy) -> str:
        """Its country, or all others."""
        return policy.country or "all others"


@admin.register(Erasure)
class ErasureAdmin(ReadOnlyAdmin):
    """The proofs; the newest first."""

    about = (
        "The proof that somebody was erased: which rows, and a digest of each ciphertext that there was, so that a "
        "restored backup can be searched for it."
    )
    list_display = ("subject_sid", "account", "actor", "reason", "at")
    list_select_related = ("account",)
    search_fields = ("subject_sid__exact", "account__sid__exact")
    fields = (*list_display, "items", "kept", "checked")
    ordering = ("-pk",)


@admin.register(DocumentView)
class DocumentViewAdmin(ReadOnlyAdmin):
    """Who opened which file, when and why; the newest first."""

    about = "Every look of staff at a file that a customer gave, written down before the first byte left."
    list_display = ("at", "user", "paper", "what", "why", "seen_from")
    fields = ("at", "user", "paper", "what", "why", "seen_from")
    readonly_fields = ("paper", "why")
    search_fields = ("grant__document__sid__exact", "user__email__exact")
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[DocumentView]:
        """Of the paper nothing but its SID is read."""
        rows: QuerySet[DocumentView] = super().get_queryset(request).select_related("grant__document", "user")
        texts = ("friendly_name", "attributes", "reason_sentence", "fix_hint")
        return rows.defer(*(f"grant__document__{name}" for name in texts))

    @admin.display(description="paper")
    def paper(self, view: DocumentView) -> str:
        """Its SID."""
        return view.grant.document.sid

    @admin.display(description="why")
    def why(self, view: DocumentView) -> str:
        """The reason, and the case."""
        return ": ".join(part for part in (view.grant.get_reason_display(), view.grant.note) if part)


@admin.register(BundleView)
class BundleViewAdmin(ReadOnlyAdmin):
    """Who saw what was given with which bundle, when and why; the newest first."""

    about = (
        "Every look of staff at what was given with a bundle: what the regulation asks for, or everything, which "
        "takes a note."
    )
    list_display = ("at", "user", "seen", "everything", "reason", "note", "seen_from")
    fields = ("at", "user", "seen", "everything", "reason", "note", "seen_from")
    readonly_fields = ("seen",)
    search_fields = ("bundle__sid__exact", "user__email__exact")
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[BundleView]:
        """Of the bundle nothing but its SID is read."""
        rows: QuerySet[BundleView] = super().get_queryset(request).select_related("bundle", "user")
        return rows.defer("bundle__friendly_name", "bundle__email")

    @admin.display(description="bundle")
    def seen(self, view: BundleView) -> str:
        """Its SID."""
        return view.bundle.sid
