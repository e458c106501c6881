"""Sentences that the science core says to a chemist: why a number is doubtful, or cannot be had.

The core knows no Django, so it cannot translate. It says *which* sentence (``code``), the English text with
named places, and the values for these places; pages translate the text and fill in the values.
"""

from dataclasses import dataclass, field


def gettext_noop(text: str) -> str:
    """Mark ``text`` for translation and return it unchanged (``makemessages`` looks for this name)."""
    return text


@dataclass(frozen=True)
class Note:
    """One sentence with its code, e.g. ``Note("few_dilutions", "Only {n} dilutions …", {"n": 2})``."""

    code: str
    text: str
    values: dict = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text.format(**self.values)

    def as_json(self) -> dict:
        return {"code": self.code, "text": self.text, "values": self.values}

    @classmethod
    def from_json(cls, stored: dict) -> "Note":
        return cls(stored["code"], stored["text"], stored.get("values", {}))
