"""What can be said of a step: its parameters, what they measure, and which belong to which kind of step."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from synthesis.models.recipes import StepKind


@dataclass(frozen=True)
class StepParameter:
    """``dimensions`` is empty for words (an atmosphere); ``unit`` is offered first."""

    name: str
    label: str
    unit: str = ""
    dimensions: tuple[str, ...] = ()


STEP_PARAMETERS = {
    p.name: p
    for p in [
        StepParameter("volume", _("volume"), "uL", ("volume",)),
        StepParameter("volume_equivalents", _("volume equivalents"), "1", ("fraction",)),
        StepParameter("time", _("time"), "min", ("time",)),
        StepParameter("temperature", _("temperature"), "Cel", ("temperature",)),
        StepParameter("rotation", _("rotation"), "{rpm}", ("rotation",)),
        StepParameter("drop_interval", _("one drop every"), "s", ("time",)),
        StepParameter("rate", _("rate"), "mL/min", ("flow",)),
        StepParameter("relative_humidity", _("relative humidity"), "%", ("fraction",)),
        StepParameter("atmosphere", _("atmosphere")),
        StepParameter("pressure", _("pressure"), "Pa", ("pressure",)),
        StepParameter("concentration", _("concentration"), "mg/mL", ("mass concentration", "concentration")),
        StepParameter("thickness", _("thickness"), "nm", ("length",)),
        StepParameter("pore", _("pore size"), "um", ("length",)),
        StepParameter("kept", _("keep")),
        StepParameter("manner", _("how")),
    ]
}

_EVERYWHERE = ("time", "temperature", "relative_humidity", "atmosphere", "manner")
PARAMETERS_OF = dict.fromkeys(StepKind.values, _EVERYWHERE) | {
    StepKind.ADD: ("volume", "manner", *_EVERYWHERE[:-1]),
    StepKind.ADD_DROPWISE: ("volume", "drop_interval", "rate", "manner", *_EVERYWHERE[:-1]),
    StepKind.INJECT: ("volume", "rate", "manner", *_EVERYWHERE[:-1]),
    StepKind.STIR: ("time", "rotation", "temperature", "relative_humidity", "atmosphere", "manner"),
    StepKind.CENTRIFUGE: ("rotation", "time", "temperature", "kept"),
    StepKind.WASH: ("volume_equivalents", "volume", "rotation", "time", "kept"),
    StepKind.REDISPERSE: ("concentration", "volume", "manner"),
    StepKind.FILTER: ("pore", "manner"),
    StepKind.DRY: ("time", "temperature", "pressure"),
    StepKind.DEPOSIT: ("rotation", "time", "thickness", "temperature", "atmosphere", "pressure"),
}
