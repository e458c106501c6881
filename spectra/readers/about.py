"""What a reader tells users of itself: shown on the page "What QDLab can read" and in ``docs/formats.md``."""

from dataclasses import dataclass


@dataclass(frozen=True)
class About:
    """One format in a user's words.

    ``label`` and ``instruments`` are names and stay as they are; ``reads`` and ``limits`` (what is not read, and what to
    do instead) are sentences for translation. ``endings`` are those usually met: the content decides, not the name.
    ``techniques`` are the ones of TECHNIQUES that the reader can tell or that such files mostly hold; none: it refuses.
    """

    label: str
    instruments: str
    endings: tuple[str, ...]
    techniques: tuple[str, ...]
    reads: str
    limits: str = ""
