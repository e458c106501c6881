"""``manage.py import_files``: takes in an old archive of folders. Stopped at any moment, it goes on where it was."""

import csv
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError

from qdlab.access.models import Project, User
from qdlab.records import store
from qdlab.records.formatting import file_size
from spectra import found_report, selectors, services
from spectra.management import folders
from spectra.models import FoundFile, SourceFolder
from synthesis.models import Sample

LINE_EVERY_S = 10.0
STATES = {state.value: state for state in FoundFile.State}


class Command(BaseCommand):
    help = (
        "Takes all files of an archive into a project, each once; nothing in the archive is changed. Start it again after an "
        "interruption: it goes on where it was, and tries again what failed."
    )

    def add_arguments(self, parser):
        parser.add_argument("folder", nargs="+", help="folders; what lies in folders below them is taken too")
        folders.add_who_and_where(parser)
        parser.add_argument("--dry-run", action="store_true", help="only count what would be taken")
        parser.add_argument("--report", metavar="FILE.csv", help="write what became of each file")
        parser.add_argument("--report-only", action="store_true", help="take nothing, only report")
        parser.add_argument(
            "--wait", action="store_true", help="wait until all files were read, so that the report says how"
        )
        parser.add_argument("--map", metavar="FILE.csv", help="a table with the columns folder and sample")

    def handle(self, *, folder, project, by, **options):
        self.stopping = folders.ended_by_signals()
        person = folders.person_named(by)
        project = folders.project_for(person, project)
        roots = [folders.folder_at(path) for path in folder]
        for root in roots:
            if not root.is_dir() and not options["report_only"]:
                raise CommandError(f"There is no folder {root}.")
        sample_of = _map_of(options["map"], person, project) if options["map"] else lambda path: None
        if not options["report_only"]:
            self._require_space(self._ahead(project, roots))
        if options["dry_run"]:
            return
        if not options["report_only"]:
            for root in roots:
                self._take(person, project, root, options["instrument"], sample_of)
        keys = [services.key_of(root) for root in roots]
        known = list(SourceFolder.objects.filter(project=project, key__in=keys))
        if options["wait"]:
            self._wait(known)
        self._summarise(known, options["report"])

    # --- before -------------------------------------------------------------------------------------------------------

    def _ahead(self, project: Project, roots: list[Path]) -> int:
        """Say what is there; return how many bytes are still to be taken."""
        n_bytes = 0
        for root in roots:
            known = SourceFolder.objects.filter(project=project, key=services.key_of(root)).first()
            try:
                ahead = services.look_ahead(known, root)
            except services.FolderAway as problem:
                raise CommandError(f"{root} cannot be read: {problem}.") from None
            n_bytes += ahead.n_bytes
            self.stdout.write(
                f"{root}: {ahead.n_files} files to take, {file_size(ahead.n_bytes)}; {_words(ahead.counts)}"
            )
        return n_bytes

    def _require_space(self, n_bytes: int) -> None:
        try:
            store.check_space(n_bytes)
        except store.NoSpace:
            raise CommandError(
                f"{file_size(n_bytes)} do not fit on the disk of QDLab, of which some must stay free. Make room, or import "
                "fewer folders at a time. Nothing was taken."
            ) from None

    # --- taking -------------------------------------------------------------------------------------------------------

    def _take(self, person: User, project: Project, root: Path, instrument: str, sample_of: Callable) -> None:
        seen, spoken_at = Counter(), time.monotonic()

        def tell(row: FoundFile) -> None:
            nonlocal spoken_at
            seen[row.state] += 1
            if time.monotonic() - spoken_at > (0.2 if sys.stderr.isatty() else LINE_EVERY_S):
                spoken_at = time.monotonic()
                self.stderr.write(f"{root}: {_words(seen)}", ending="\r" if sys.stderr.isatty() else "\n")
                self.stderr.flush()

        try:
            hold = services.hold_folder(
                by=person, project=project, root=root, mode=SourceFolder.Mode.IMPORT, instrument=instrument
            )
            looking = services.Looking(hold, sample_of=sample_of, stopping=self.stopping.is_set, tell=tell)
            services.look(looking)
            hold.release()
        except (ValidationError, PermissionDenied) as problem:
            raise CommandError(" ".join(getattr(problem, "messages", [str(problem)]))) from None
        except services.Stopped:
            hold.release()
            raise CommandError(f"Stopped: {_words(seen)}. Start it again to go on.") from None
        except services.TakenOver:
            raise CommandError("Another command looks into this folder now. This one ends.") from None
        except services.FolderAway as problem:
            raise CommandError(f"{root} cannot be read any more: {problem}. Start it again to go on.") from None
        except (OperationalError, InterfaceError) as problem:
            raise CommandError(f"The database does not answer: {problem}. Start it again to go on.") from None
        except store.NoSpace:
            raise CommandError(f"{folders.NO_SPACE} So far: {_words(seen)}. Start it again to go on.") from None

    # --- after --------------------------------------------------------------------------------------------------------

    def _wait(self, known: list[SourceFolder]) -> None:
        """Until workers have read every file that was taken."""
        said = None
        while not self.stopping.wait(0.0 if said is None else 1.0):
            left = selectors.unread_in(known)
            if not left:
                return
            if left != said:
                self.stderr.write(f"{left} files are still to be read by the worker.")
            said = left

    def _summarise(self, known: list[SourceFolder], report: str | None) -> None:
        for folder in known:
            self.stdout.write(f"{folder.path}: {_words(found_report.counted(folder))}")
        if report:
            unfinished = f"{report}.new"
            with open(unfinished, "w", encoding="utf-8-sig", newline="") as file:
                found_report.write_csv(file, known)
            os.replace(unfinished, report)
            self.stdout.write(f"The report is in {report}.")


def _words(counts: Counter) -> str:
    return ", ".join(f"{counts[value]} {state.label}" for value, state in STATES.items() if counts[value]) or "nothing"


def _map_of(path: str, person: User, project: Project) -> Callable[[str], Sample | None]:
    """From a table ``folder,sample``: the sample of a file is that of the innermost folder that is named."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            table = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise CommandError(f"{path} cannot be read as a table: {problem}") from None
    if not table or not {"folder", "sample"} <= table[0].keys():
        raise CommandError(f"{path} needs a first line “folder,sample”, and a line for each folder.")
    samples, unknown = {}, []
    for line in table:
        named = list(selectors.samples_named(person, (line["sample"] or "").strip(), project)[:1])
        if named:
            samples[(line["folder"] or "").strip().strip("/")] = named[0]
        else:
            unknown.append(line["sample"] or "(empty)")
    if unknown:
        raise CommandError(f"{project} has no sample {', '.join(dict.fromkeys(unknown))}.")

    def sample_of(file: str) -> Sample | None:
        inside = os.path.dirname(file)
        while inside not in samples and inside:
            inside = os.path.dirname(inside)
        return samples.get(inside)

    return sample_of
