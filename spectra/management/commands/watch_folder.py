"""``manage.py watch_folder``: takes in what an instrument's PC writes into a folder, for as long as it runs."""

import math
from argparse import ArgumentTypeError
from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, connection

from qdlab.records import store
from spectra import services
from spectra.management import folders
from spectra.models import FoundFile, SourceFolder
from spectra.notes import Note

LONGEST_DELAY_S = 30.0


def seconds(text: str) -> float:
    number = float(text)
    if not (math.isfinite(number) and 0 <= number <= 86400):
        raise ArgumentTypeError("seconds, from 0 to 86400")
    return number


class Command(BaseCommand):
    help = (
        "Watches a folder, e.g. the share of an instrument's PC: each file is taken into the inbox once it stays as it is, "
        "and never twice. Nothing in the folder is changed. Runs until it is stopped."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", help="the folder; what lies in folders below it is taken too")
        folders.add_who_and_where(parser)
        parser.add_argument("--interval", type=seconds, default=5.0, help="seconds between two looks (5)")
        parser.add_argument(
            "--settle", type=seconds, default=10.0, help="a file is taken after so many quiet seconds (10)"
        )
        parser.add_argument("--once", action="store_true", help="take what is settled, and end")

    def handle(self, *, folder, once, **options):
        self.options, self.root = options, folders.folder_at(folder)
        self.stopping, self.at, self.last_said = folders.ended_by_signals(), None, ""
        if once:
            return self._once()
        delay_s = 1.0
        while not self.stopping.is_set():
            if self._round():
                delay_s, pause_s = 1.0, max(options["interval"], 0.2)
            else:
                delay_s, pause_s = min(delay_s * 2, LONGEST_DELAY_S), delay_s
            self.stopping.wait(pause_s)
        self._end()

    def _once(self) -> None:
        """Two looks: what is the same in both is settled."""
        fine = self._round() and not self.stopping.wait(self.options["settle"] + 0.1) and self._round()
        self._end()
        if not fine and not self.stopping.is_set():
            raise CommandError("The folder could not be looked through; the lines above say why.")

    def _round(self) -> bool:
        """One look; what keeps it from being made is said here and on the page, and is no reason to end."""
        try:
            self.at = self.at or self._begin()
            services.look(self.at)
        except services.Stopped:
            return True
        except services.TakenOver:
            raise CommandError("Another command looks into this folder now. This one ends.") from None
        except ValidationError as problem:
            raise CommandError(" ".join(problem.messages)) from None
        except PermissionDenied as problem:
            return self._trouble(folders.filled_in(folders.NO_RIGHT, person=self.options["by"]), str(problem))
        except store.NoSpace:
            return self._trouble(folders.NO_SPACE)
        except services.FolderAway as problem:
            return self._trouble(folders.filled_in(folders.AWAY, problem=str(problem)))
        except (OperationalError, InterfaceError) as problem:
            connection.close()
            self._say(f"The database does not answer; trying again. ({str(problem).strip().splitlines()[0]})")
            return False
        except OSError as problem:
            return self._trouble(folders.filled_in(folders.STORE_TROUBLE, problem=problem.strerror or str(problem)))
        self._say("")
        return True

    def _begin(self) -> services.Looking:
        person = folders.person_named(self.options["by"])
        hold = services.hold_folder(
            by=person, project=folders.project_for(person, self.options["project"]), root=self.root,
            mode=SourceFolder.Mode.WATCH, instrument=self.options["instrument"], interval_s=self.options["interval"],
        )  # fmt: skip
        self.stdout.write(f"Watching {hold.folder.path} for {hold.folder.project}, as {person}.")
        settle = timedelta(seconds=self.options["settle"])
        return services.Looking(hold, settle, stopping=self.stopping.is_set, tell=self._tell)

    def _tell(self, row: FoundFile) -> None:
        reason = f": {Note.from_json(row.reason)}" if row.reason else ""
        self.stdout.write(f"{row.path} – {row.state}{reason}")
        self.stdout.flush()

    def _trouble(self, note: Note, sentence: str = "") -> bool:
        self._say(sentence or str(note))
        if self.at:
            try:
                self.at.hold.beat(note)
            except (OperationalError, InterfaceError):
                connection.close()
        return False

    def _say(self, sentence: str) -> None:
        """Each trouble once, not at every round."""
        if sentence and sentence != self.last_said:
            self.stderr.write(sentence)
            self.stderr.flush()
        self.last_said = sentence

    def _end(self) -> None:
        if self.at:
            try:
                self.at.hold.release()
            except (OperationalError, InterfaceError):
                connection.close()
        self.stdout.write("Stopped watching.")
