"""Notes of the science core in the reader's language: the one place where their text is translated and filled in."""

from collections.abc import Mapping

from django.utils.translation import gettext

# Values of notes that are words of ours, marked where they are written. All others are numbers, names and quotations.
WORDS = frozenset({"which", "why", "direction", "setting", "quantity", "role", "place"})


def sentence(text: str, values: Mapping | None = None) -> str:
    """Translate ``text`` and fill in ``values``; what cannot be filled in (a note of another version) stays as it is."""
    shown = {name: gettext(value) if name in WORDS and value else value for name, value in (values or {}).items()}
    try:
        return gettext(text).format(**shown)
    except (KeyError, IndexError, ValueError):
        return text
