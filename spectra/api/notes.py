"""Notes of the science core as answers: the code for scripts, the sentence for people, in their language."""

from django.utils.translation import gettext as _


def sentence(stored: dict | None) -> str | None:
    """The sentence of a stored note, translated; None when there is none."""
    if not stored:
        return None
    try:
        return _(stored["text"]).format(**stored.get("values", {})) if stored["text"] else stored["code"]
    except (KeyError, IndexError, ValueError):
        return stored.get("text", "")


def note_out(stored: dict | None) -> dict | None:
    """``{"code", "text", "values"}`` with the text filled in."""
    if not stored:
        return None
    return {"code": stored.get("code", ""), "text": sentence(stored), "values": stored.get("values", {})}


def notes_out(stored: list) -> list[dict]:
    return [note_out(note) for note in stored]
