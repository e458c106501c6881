"""What the commands that take files from a folder share: whose, which project, which folder; and a clean end."""

import os
import signal
from argparse import ArgumentParser
from pathlib import Path
from threading import Event

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db.models import Q

from qdlab.access.models import Project, User
from qdlab.access.selectors import project_named
from spectra.notes import Note, gettext_noop

NO_SPACE = Note("no_space", gettext_noop("The disk of QDLab is nearly full. Files are taken again once there is room."))
NO_RIGHT = Note("no_right", gettext_noop("{person} may no longer add files to this project."))
AWAY = Note("away", gettext_noop("The folder cannot be reached ({problem}). QDLab keeps trying."))
STORE_TROUBLE = Note("store_trouble", gettext_noop("QDLab cannot write its own files ({problem}). It keeps trying."))


def add_who_and_where(parser: ArgumentParser) -> None:
    parser.add_argument("--project", required=True, help="name or id of the project that the files belong to")
    parser.add_argument(
        "--by", required=True, metavar="EMAIL", help="e-mail or name of the person who answers for them"
    )
    parser.add_argument("--instrument", default="", help="the instrument, for files that name none themselves")


def person_named(wanted: str) -> User:
    found = list(User.objects.filter(Q(email__iexact=wanted) | Q(username=wanted), is_active=True)[:2])
    if len(found) != 1:
        problem = "Several people have" if found else "Nobody with an open account has"
        raise CommandError(f"{problem} the e-mail or name “{wanted}”.")
    return found[0]


def project_for(person: User, wanted: str) -> Project:
    try:
        return project_named(person, wanted)
    except ValidationError as problem:
        raise CommandError(f"{' '.join(problem.messages)} (as {person} sees it)") from None


def folder_at(path: str) -> Path:
    """The folder as an absolute path; refuses what would make QDLab take in its own store."""
    folder = Path(os.path.abspath(os.path.expanduser(path)))
    if folder.exists() and not folder.is_dir():
        raise CommandError(f"{path} is a file. Name the folder in which the files are.")
    real, own = folder.resolve(), Path(settings.DATA_DIR).resolve()
    if real.is_relative_to(own) or own.is_relative_to(real):
        raise CommandError(f"{path} holds QDLab's own data. Name a folder outside of it.")
    return folder


def ended_by_signals() -> Event:
    """Set by Ctrl-C and TERM: what is being read is put back, and the command ends in order."""
    stopping = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_signal: stopping.set())
    return stopping


def filled_in(note: Note, **values) -> Note:
    return Note(note.code, note.text, values)
