"""Notes of the science core as answers: the code for scripts, the sentence for people, in their language."""

from qdlab.records import sentences


def sentence(stored: dict | None) -> str | None:
    """The sentence of a stored note, translated; None when there is none."""
    if not stored:
        return None
    return sentences.sentence(stored.get("text", ""), stored.get("values")) or stored.get("code", "")


def note_out(stored: dict | None) -> dict | None:
    """``{"code", "text", "values"}`` with the text filled in."""
    if not stored:
        return None
    return {"code": stored.get("code", ""), "text": sentence(stored), "values": stored.get("values", {})}


def notes_out(stored: list) -> list[dict]:
    return [note_out(note) for note in stored]
