"""Steps in words: “add dropwise to toluene: 250 µL, one drop every 6 s”."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from synthesis.models.parameters import STEP_PARAMETERS
from synthesis.units import UNITS

_BARE = ("volume", "time", "temperature", "rotation", "rate", "concentration", "manner")  # clear without their name


def parameter_text(name: str, stored: dict) -> str:
    """One parameter as it is read aloud: ``250 µL``, ``one drop every 6 s``, ``relative humidity 30 %``."""
    unit = UNITS[stored["unit"]].symbol if stored.get("unit") in UNITS else ""
    value = f"{stored.get('text', '')} {unit}".strip()
    known = STEP_PARAMETERS.get(name)
    if name in _BARE or known is None:
        return value
    if name == "volume_equivalents":
        return _("{value} volume equivalents").format(value=value)
    return f"{known.label} {value}"


def step_text(step, names: dict[str, str]) -> str:
    """The step with what it adds, into what, and its parameters."""
    head = str(step.get_kind_display())
    added = ", ".join(names.get(key, key) for key in step.ingredients)
    if added:
        head = f"{head} {added}"
    if step.into:
        head = pgettext("a step", "{step} to {vessel}").format(step=head, vessel=names.get(step.into, step.into))
    given = step.parameters  # in our order: PostgreSQL does not keep the one of a JSON object
    details = ", ".join(parameter_text(name, given[name]) for name in STEP_PARAMETERS if name in given)
    return f"{head}: {details}" if details else head
