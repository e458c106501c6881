"""Sentences that the stoichiometry says to a chemist: why a number cannot be had, and what to do next.

The pure modules know no Django, so they cannot translate. They say *which* sentence (``code``), the English text
with named places, and the values for these places; pages translate the text and fill in the values.
"""

from dataclasses import dataclass, field


def gettext_noop(text: str) -> str:
    """Mark ``text`` for translation and return it unchanged (``makemessages`` looks for this name)."""
    return text


@dataclass(frozen=True)
class Note:
    """One sentence with its code; ``about`` is the field that it concerns: ``number``, ``unit``, ``density``, ``reference`` …"""

    code: str
    text: str
    values: dict = field(default_factory=dict)
    about: str = ""

    def __str__(self) -> str:
        return self.text.format(**self.values)


class InputError(ValueError):
    """What was typed cannot be used; ``note`` says why and what to write instead."""

    def __init__(self, note: Note):
        super().__init__(str(note))
        self.note = note
