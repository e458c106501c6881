"""Holding a folder whose files are taken in: one command at a time, with a sign of life that pages show."""

import hashlib
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from qdlab.access import roles
from qdlab.access.models import Project, User
from qdlab.records import audit
from spectra.foldertree import shown
from spectra.models import FoundFile, SourceFolder
from spectra.notes import Note


class TakenOver(Exception):
    """Another command holds the folder now."""


@dataclass(frozen=True)
class Hold:
    """A command's hold on a folder; what it writes counts as long as the folder still names ``holder``."""

    folder: SourceFolder
    root: Path
    holder: str

    def beat(self, problem: Note | None = None) -> None:
        """Give a sign of life, and say why the folder cannot be looked at. Raises TakenOver."""
        self._write(alive_at=timezone.now(), **({"problem": problem.as_json()} if problem else {}))

    def looked(self, doubt: Note | None = None) -> None:
        """A whole round was made; ``doubt`` is what seems odd about it."""
        now = timezone.now()
        self._write(alive_at=now, looked_at=now, problem=doubt and doubt.as_json())

    def _write(self, **columns) -> None:
        if not SourceFolder.objects.filter(pk=self.folder.pk, holder=self.holder).update(**columns):
            raise TakenOver

    def release(self) -> None:
        """Stopped on purpose: the page says so, and the next command need not wait."""
        SourceFolder.objects.filter(pk=self.folder.pk, holder=self.holder).update(holder="", stopped_at=timezone.now())


@transaction.atomic
def hold_folder(
    *, by: User, project: Project, root: Path, mode: str, instrument: str = "", interval_s: float = 0
) -> Hold:
    """Begin (or go on) to take in the files of a folder. Raises ValidationError while another command does."""
    roles.require(by, roles.WRITE, project)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    key = key_of(root)
    facts = {"by": by, "mode": mode, "instrument": instrument.strip()[:120]}
    folder = SourceFolder.objects.filter(project=project, key=key).first()
    if folder and is_held(folder):
        raise ValidationError(
            _("Another command is at this folder already (on {place}). Stop that one first.").format(
                place=folder.holder.rpartition(":")[0]
            )
        )
    before = {name: str(getattr(folder, name)) for name in facts} if folder else {}
    folder = folder or SourceFolder(project=project, key=key, path=shown(str(root)))
    for name, value in facts.items():
        setattr(folder, name, value)
    folder.holder = f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid4().hex[:12]}"
    folder.interval_s, folder.alive_at = interval_s, timezone.now()
    folder.stopped_at = folder.problem = folder.forgotten_at = None
    folder.save()
    if before != (after := {name: str(value) for name, value in facts.items()}):
        audit.record(
            by=by, action="folder.opened", subject=folder, project_id=project.pk, before=before,
            after=after | {"path": folder.path},
        )  # fmt: skip
    # What failed is tried again at once: whoever starts a command has usually just removed the cause.
    FoundFile.objects.filter(folder=folder, state=FoundFile.State.FAILED).update(try_again_at=None)
    return Hold(folder, root, folder.holder)


def key_of(root: Path) -> str:
    return hashlib.sha256(os.fsencode(root)).hexdigest()


def is_held(folder: SourceFolder) -> bool:
    """Whether a living command holds the folder: it gave a sign lately, and is no dead process of this machine."""
    host, _colon, rest = folder.holder.partition(":")
    if not folder.holder or not folder.is_alive:
        return False
    return host != socket.gethostname()[:60] or _runs(int(rest.partition(":")[0]))


def _runs(process_id: int) -> bool:
    if process_id == os.getpid():
        return False  # a container's only process always has the same number: that one was its predecessor
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@transaction.atomic
def forget_folder(*, by: User, folder: SourceFolder) -> None:
    """Nobody looks into this folder any more: pages stop speaking of it. What was taken stays."""
    roles.require(by, roles.WRITE, folder.project)
    SourceFolder.objects.filter(pk=folder.pk).update(forgotten_at=timezone.now())
    audit.record(
        by=by,
        action="folder.forgotten",
        subject=folder,
        project_id=folder.project_id,
        after={"path": folder.path},
    )
