"""The OpenAPI description: filters as declared, ETags, and problem documents beside every answer."""

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

_TYPES = {
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "uuid": {"type": "string", "format": "uuid"},
    "flag": {"type": "boolean"},
    "text": {"type": "string"},
    "choice": {"type": "string"},
}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for people."},
        "errors": {
            "type": "object",
            "description": "What was wrong, by field.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
    "additionalProperties": True,
}


class ApiSchema(AutoSchema):
    def get_override_parameters(self):
        found = []
        if self.view.action_map and self.method == "GET" and getattr(self.view, "action", "") == "list":
            found += [
                _lookup(name, field, lookup) for name, field in self.view.filters.items() for lookup in field.lookups
            ]
            found.append(OpenApiParameter("ordering", str, description="e.g. -made_on,code; empty values come last"))
        if self.method == "GET":
            found.append(OpenApiParameter("fields", str, description="Only these fields, separated by commas."))
        if self.method == "PATCH":
            text = "The ETag that was read: 428 without it, 412 when somebody else was faster."
            found.append(OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, required=True, description=text))
        if self.method == "POST":
            text = "Sent twice with the same key, a request is carried out once."
            found.append(OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description=text))
        return found

    def get_request_serializer(self):
        inputs = getattr(self.view, "inputs", {})
        action = getattr(self.view, "action", None)
        if action in inputs:
            return inputs[action]
        return super().get_request_serializer() if not hasattr(self.view, "inputs") else None

    def _get_response_bodies(self, direction="response"):
        bodies = super()._get_response_bodies(direction)
        schema = {"application/problem+json": {"schema": PROBLEM}}
        bodies["default"] = {"content": schema, "description": "A problem document."}
        return bodies


def _lookup(name: str, field, lookup: str) -> OpenApiParameter:
    schema = {"type": "boolean"} if lookup == "isnull" else _TYPES[field.kind]
    if lookup == "in":
        schema = {"type": "string", "description": "separated by commas"}
    return OpenApiParameter(name if lookup == "exact" else f"{name}__{lookup}", schema)
