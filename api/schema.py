"""The OpenAPI document of what we serve, from the same tables that the views read: parameters, filters, codes."""

from collections.abc import Sequence
from typing import Any

import uritemplate
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from api.bodies import name_of, object_schema
from api.errors import ErrorBody
from api.idempotency import MAX_KEY
from api.paging import MetaBody, V2010Page
from api.parameters import Parameter

PAGING: dict[str, dict[str, Any]] = {
    "PageSize": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 50},
    "Page": {"type": "integer", "minimum": 0},
    "PageToken": {"type": "string"},
}

#: Of every POST (`api.views.Writable`).
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": MAX_KEY},
    OpenApiParameter.HEADER,
    description="The same request with the same key is done once within 24 hours; a repetition gets the first answer.",
)


class Basic(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # its registry is untyped
    """HTTP Basic with an account's or an API key's SID."""

    target_class = "api.authentication.AccountAuthentication"
    name = "account"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "basic"}


class ResourceSchema(AutoSchema):
    """One operation of an `api.views.Resource`."""

    view: Any

    def get_override_parameters(self) -> list[Any]:
        names = uritemplate.variables(self.path)
        in_path = [OpenApiParameter(name, str, OpenApiParameter.PATH) for name in names]
        in_header = [IDEMPOTENCY_KEY] if self.method == "POST" else []
        return in_path + in_header + (self._query() if self.method == "GET" else [])

    def get_request_serializer(self) -> Any:
        if self.method != "POST":
            return None
        form = form_schema(self.view.takes.get("POST", ()))
        return {"application/x-www-form-urlencoded": form} | self._multipart(form)

    def _multipart(self, form: dict[str, Any]) -> dict[str, Any]:
        if not self.view.files:
            return {}
        files = {name: {"type": "string", "format": "binary"} for name in self.view.files}
        return {"multipart/form-data": form | {"properties": form["properties"] | files}}

    def get_response_serializers(self) -> Any:
        refusal = OpenApiResponse(self._refer(ErrorBody), description="Refused; `code` is explained at `more_info`.")
        return {self._success(): OpenApiResponse(self._body(), description=self._promise()), "default": refusal}

    def get_tags(self) -> list[str]:
        return [self.view.__module__.split(".")[1]]

    def get_operation_id(self) -> str:
        place = [part for part in self.path.replace(".json", "").replace("2010-04-01", "").split("/") if part]
        names = [part.strip("{}").title().replace("_", "") for part in place]
        return f"{self.method.lower()}{''.join(names)}"

    def _success(self) -> str:
        if self.method == "DELETE":
            return "204"
        return "201" if self.method == "POST" and not self.path.removesuffix(".json").endswith("}") else "200"

    def _body(self) -> dict[str, Any] | None:
        """The schema of what a success answers with."""
        if self.method == "DELETE":
            return None
        if self.method == "GET" and self.view.records:
            return self._page()
        return self._refer((self.method == "POST" and self.view.made) or self.view.body)

    def _page(self) -> dict[str, Any]:
        items = {"items": self._refer(self.view.body)} if self.view.body else {"items": {}, "maxItems": 0}
        rows = {self.view.records: {"type": "array", **items}}
        if "2010-04-01" in self.path:
            envelope = object_schema(V2010Page, self._refer)
        else:
            envelope = {"type": "object", "properties": {"meta": self._refer(MetaBody)}, "required": ["meta"]}
        required = [*envelope["required"], *rows]
        return envelope | {"properties": envelope["properties"] | rows, "required": required}

    def _refer(self, body: Any) -> dict[str, Any]:
        """A reference to the component that describes a body, which the document gets with the first one."""
        schema = object_schema(body, self._refer)
        described: Any = ResolvedComponent  # untyped
        component = described(name_of(body), ResolvedComponent.SCHEMA, schema, body)
        self.registry.register_on_missing(component)
        reference: dict[str, Any] = component.ref
        return reference

    def _promise(self) -> str:
        return (self.view.__doc__ or "").strip().splitlines()[0]

    def _query(self) -> list[OpenApiParameter]:
        filters = getattr(self.view, "filters", None)
        of_filters = [
            OpenApiParameter(name, each.extra["format"].schema)
            for name, each in (filters.base_filters if filters else {}).items()
        ]
        taken = [
            OpenApiParameter(each.name, each.format.schema, description=each.help, required=each.required)
            for each in self.view.takes.get("GET", ())
        ]
        paged = [OpenApiParameter(name, schema) for name, schema in PAGING.items()] if self.view.records else []
        return [*taken, *of_filters, *paged]


def form_schema(parameters: Sequence[Parameter]) -> dict[str, Any]:
    """The JSON schema of a form."""
    properties = {
        each.name: ({"type": "array", "items": each.format.schema} if each.repeated else each.format.schema)
        | ({"description": each.help} if each.help else {})
        for each in parameters
    }
    required = [each.name for each in parameters if each.required]
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})
