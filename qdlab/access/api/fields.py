"""Fields and serializers that refuse what a record cannot hold, and what nobody declared."""

import math
from collections.abc import Mapping

from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from qdlab.access import selectors
from qdlab.access.api.parsers import LARGEST_WHOLE_NUMBER
from qdlab.access.lookups import MANY


class Number(serializers.FloatField):
    """A finite number; texts and truth values are none."""

    def to_internal_value(self, data):
        if isinstance(data, bool) or not isinstance(data, int | float) or not math.isfinite(data):
            self.fail("invalid")
        return float(data)


class WholeNumber(serializers.IntegerField):
    def to_internal_value(self, data):
        if isinstance(data, bool) or not isinstance(data, int) or abs(data) > LARGEST_WHOLE_NUMBER:
            self.fail("invalid")
        return data


class Text(serializers.CharField):
    """A text; numbers are not silently turned into texts, so that ``29.40`` keeps its zero."""

    def __init__(self, **kwargs):
        kwargs.setdefault("allow_blank", True)
        kwargs.setdefault("max_length", 20_000)
        super().__init__(**kwargs)

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field({"type": "string", "format": "uuid"})
class Visible(serializers.PrimaryKeyRelatedField):
    """A record by its id, found only among those that the asking person may see."""

    default_error_messages = {
        "does_not_exist": _("There is no such record, or you may not see it."),
        "incorrect_type": _("Write its id."),
    }

    def __init__(self, model, **kwargs):
        self.model = model
        kwargs.setdefault("pk_field", serializers.UUIDField())
        super().__init__(**kwargs)

    def get_queryset(self):
        return self.model.objects.visible_to(self.context["request"].user)


@extend_schema_field({"type": "string", "description": "id or name; may be left out by who writes in one project only"})
class WritableProject(serializers.Field):
    """A project by id or name."""

    def to_internal_value(self, data):
        if not isinstance(data, str):
            raise serializers.ValidationError(_("Write the project's id or name."))
        try:
            return selectors.project_named(self.context["request"].user, data)
        except DjangoValidationError as problem:
            raise serializers.ValidationError(problem.messages) from None

    def to_representation(self, value):
        return str(value.pk)


@extend_schema_field(
    {
        "type": "object",
        "required": ["text", "unit"],
        "properties": {"text": {"type": "string"}, "unit": {"type": "string"}, "si": {"type": "number"}},
    }
)
class TypedAmount(serializers.Field):
    """A number as typed with its UCUM unit: ``{"text": "29.40", "unit": "mg"}``; null when there is none."""

    def to_internal_value(self, data):
        if not isinstance(data, Mapping) or not set(data) <= {"text", "unit", "si"}:
            raise serializers.ValidationError(_('Write {"text": "29.40", "unit": "mg"}.'))
        text, unit = data.get("text", ""), data.get("unit", "")
        if not isinstance(text, str) or not isinstance(unit, str) or len(text) > 40 or len(unit) > 40:
            raise serializers.ValidationError(_("Number and unit are texts, e.g. “29.40” and “mg”."))
        return text, unit

    def to_representation(self, value):
        return {"text": value.text, "unit": value.unit, "si": value.si}


class Input(serializers.Serializer):
    """What may be sent. A name that is not declared is refused: a misspelt one would otherwise be lost in silence."""

    def to_internal_value(self, data):
        if isinstance(data, Mapping):
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                sentence = _("There is no field with this name here.")
                raise serializers.ValidationError({str(name)[:80]: [sentence] for name in unknown})
        return super().to_internal_value(data)


class Chosen:
    """Mixin of answers: ``?fields=id,code`` leaves out all others."""

    def get_fields(self):
        fields = super().get_fields()
        request = self.context.get("request")
        wanted = request.query_params.get("fields") if request and self._is_root else None
        if wanted is None:
            return fields
        names = [name.strip() for name in wanted.split(",") if name.strip()]
        unknown = [name for name in names if name not in fields]
        if unknown or not names or len(names) > MANY:
            known = _("Choose among: {known}.").format(known=", ".join(fields))
            raise serializers.ValidationError({"fields": [known]})
        return {name: fields[name] for name in names}

    @property
    def _is_root(self) -> bool:
        return self.parent is None or (isinstance(self.parent, serializers.ListSerializer) and not self.parent.parent)


class Output(Chosen, serializers.ModelSerializer):
    """What is answered of a record."""


class PlainOutput(Chosen, serializers.Serializer):
    """What is answered of something that is no record."""
