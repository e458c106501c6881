"""Weighing the evidence: one guess per file, with its reason in words and how sure it is.

Confidence, from 1 down: chosen by a person 1; a code, an id or a page's address in title or comment 0.95, in the name or folder 0.92; a naming
pattern with a code that exists 0.92; what was told or learnt at most 0.88; a standard's name 0.8; the shape of an
instrument response 0.7; neighbours in time 0.65–0.35; a code
that may stand there by chance 0.6; codes that contradict each other 0.5; the person's only open batch 0.3. From ``SURE`` on, a file
goes onto its sample by itself.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from spectra.matching import habits, words
from spectra.matching.clues import FOLDER, NAME, TITLE, Clues, stem_of, words_by_place
from spectra.matching.codes import Codes, Found, SampleRef, by_place, folded
from spectra.matching.habits import Lesson
from spectra.matching.neighbours import Sessions, neighbour_of
from spectra.matching.patterns import KNOWN_ONLY, Pattern, date_in, label_in
from spectra.notes import Note, gettext_noop

SURE = 0.9
IN_TEXT, IN_NAME, BY_PATTERN = 0.95, 0.92, 0.92
STANDARD_NAMED, RESPONSE_SEEN, WEAK, CONTRADICTED, SEVERAL, ONLY_OPEN = 0.8, 0.7, 0.6, 0.5, 0.4, 0.3
ONE_DAY = timedelta(days=1)

CODE_FOUND = gettext_noop("“{code}” stands in the {place} of the file")
CODE_WEAK = gettext_noop("“{code}” stands in the {place} of the file, but so short a code may stand there by chance")
SEVERAL_CODES = gettext_noop("several codes stand in the file: {codes}")
CONTRADICTION = gettext_noop("its {place} says “{code}”")
PATTERN_FITS = gettext_noop("its name follows the pattern “{pattern}”")
STANDARD_WORD = gettext_noop("“{word}” in the {place} is a standard: {standard}")
STANDARD_RANGE = gettext_noop("excited at {excitation} nm, but {standard} is meant for {low}–{high} nm")
OPEN_BATCH = gettext_noop("{batch} is the only batch that this person made lately and has not measured")
TECHNIQUE_DIFFERS = gettext_noop("its name says “{word}”, but the file holds something else; the file counts")
DATE_DIFFERS = gettext_noop("its name says {date}, but it was measured on {measured}")


@dataclass(frozen=True)
class StandardRef:
    id: str
    shown: str
    names: frozenset[str]
    excitation_nm: tuple[float | None, float | None] = (None, None)


@dataclass(frozen=True)
class Known:
    """What is known in a project when a file is looked at (see ``knowledge``)."""

    codes: Codes = field(default_factory=Codes)
    patterns: tuple[Pattern, ...] = ()
    lessons: tuple[Lesson, ...] = ()
    standards: tuple[StandardRef, ...] = ()
    sessions: Sessions = field(default_factory=dict)
    open_batches: Mapping[str, SampleRef] = field(default_factory=dict)  # person → the only open batch


@dataclass(frozen=True)
class Guess:
    """Where a file seems to belong and what it seems to be; empty texts: nothing is guessed."""

    sample: str = ""
    standard: str = ""
    role: str = ""
    technique: str = ""
    dilution_label: str = ""
    reason: Note | None = None
    confidence: float = 0.0
    warning: Note | None = None
    alternatives: tuple[str, ...] = ()  # further samples that it may be of
    lessons: tuple[str, ...] = ()  # ids of the habits that were used

    @property
    def is_sure(self) -> bool:
        return self.confidence >= SURE


def guess_of(clues: Clues, known: Known) -> Guess:
    """The best guess for a file. The first kind of evidence that speaks decides where it belongs."""
    named, pattern = read_name(clues.name, known)
    details = _details(clues, known, named)
    if (clues.role or details.role) in ("IRF", "lamp"):
        return details  # of no sample
    if (clues.role or details.role) == "standard":
        return _merged(details, _by_standard_word(clues, known) or Guess(), clues, named)
    by_name = _by_code(clues, known.codes) or _by_pattern(named, pattern, known.codes)
    if clues.looks_like_response and clues.role != "blank":
        return _merged(details, _response(clues, by_name), clues, named)
    place = (
        by_name
        or _by_standard_word(clues, known)
        or _by_habit(clues, known)
        or _by_neighbours(clues, known.sessions)
        or _by_open_batch(clues, known.open_batches)
        or Guess()
    )
    return _merged(details, place, clues, named)


def _response(clues: Clues, by_name: Guess | None) -> Guess:
    """A decay that looks like an instrument response: it is one, unless its name says a sample; then a person decides."""
    if by_name is None:
        return Guess(role="IRF", reason=clues.looks_like_response, confidence=RESPONSE_SEEN)
    return replace(by_name, confidence=min(by_name.confidence, CONTRADICTED), warning=clues.looks_like_response)


def _merged(details: Guess, place: Guess, clues: Clues, named: Mapping[str, str]) -> Guess:
    """Where it belongs with what it is. A role that was only learnt makes the whole no surer than itself."""
    warning = place.warning or details.warning or _date_warning(clues, named)
    reason, confidence = (place.reason, place.confidence) if place.reason else (details.reason, details.confidence)
    return replace(
        place,
        role=place.role or details.role,
        technique=details.technique,
        dilution_label=details.dilution_label,
        reason=reason,
        confidence=confidence,
        warning=warning,
        lessons=place.lessons + details.lessons,
    )


# --- Where it belongs -------------------------------------------------------------------------------------------------


def _by_code(clues: Clues, codes: Codes) -> Guess | None:
    found = by_place(clues, codes)
    if not found:
        return None
    place, here = next(iter(found.items()))
    if len(here) > 1:
        note = Note("several", SEVERAL_CODES, {"codes": ", ".join(sorted(one.text for one in here))})
        others = tuple(one.target.sample for one in here[1:])
        return Guess(here[0].target.sample, reason=note, confidence=SEVERAL, alternatives=others)
    one = here[0]
    note = Note("code_weak" if one.is_weak else "code_found", CODE_WEAK if one.is_weak else CODE_FOUND,
                {"code": one.text, "place": place})  # fmt: skip
    certain = IN_NAME if place in (NAME, FOLDER) else IN_TEXT
    guess = Guess(one.target.sample, reason=note, confidence=WEAK if one.is_weak else certain)
    other = _contradiction(one, place, found)
    return replace(guess, confidence=min(guess.confidence, CONTRADICTED), warning=other) if other else guess


def _contradiction(one: Found, place: str, found: Mapping[str, list[Found]]) -> Note | None:
    """Another place that names other samples only: titles are often left over from the sample before."""
    for elsewhere, there in found.items():
        strong = [other for other in there if not other.is_weak]
        if elsewhere != place and strong and all(_differs(one.target, other.target) for other in strong):
            return Note("contradiction", CONTRADICTION, {"place": elsewhere, "code": strong[0].text})
    return None


def _differs(one: SampleRef, other: SampleRef) -> bool:
    return one.sample != other.sample and one.batch != other.batch


def _by_pattern(named: Mapping[str, str], pattern: Pattern | None, codes: Codes) -> Guess | None:
    target = pattern and sample_named(named, codes)
    if not target:
        return None
    return Guess(target.sample, reason=Note("pattern", PATTERN_FITS, {"pattern": pattern.text}), confidence=BY_PATTERN)


def sample_named(named: Mapping[str, str], codes: Codes) -> SampleRef | None:
    """The sample that a pattern's places name: its own code, its batch's code with what was added, or the batch alone."""
    batch, sample = named.get("batch", ""), named.get("sample", "")
    if batch and sample:
        spellings = [f"{batch}{joint}{sample}" for joint in ("-", "_", " ", ".", "/", "")]
        own = [codes.samples.get(folded(code)) for code in (*spellings, sample)]
        home = codes.named(batch)
        return next((ref for ref in own if ref and (home is None or ref.batch == home.batch)), None) or home
    return codes.named(batch or sample) if batch or sample else None


def _by_standard_word(clues: Clues, known: Known) -> Guess | None:
    """A standard that is named in the file, or that a word stands for in this project."""
    for place, word in words_by_place(clues):
        if place in (TITLE, NAME) and (found := _standard_called(word, known.standards)):
            note = Note("standard_word", STANDARD_WORD, {"word": word, "place": place, "standard": found.shown})
            return _standard_guess(found, note, STANDARD_NAMED, clues)
    if recalled := habits.recalled(clues, known.lessons, "standard"):
        found = next((one for one in known.standards if one.id == recalled.lesson.value), None)
        if found:
            guess = _standard_guess(found, recalled.reason, recalled.confidence, clues)
            return replace(guess, lessons=(recalled.lesson.id,))
    return None


def _standard_called(word: str, standards: Iterable[StandardRef]) -> StandardRef | None:
    fitting = [standard for standard in standards if word in standard.names]
    return fitting[0] if fitting else None


def _standard_guess(standard: StandardRef, reason: Note, confidence: float, clues: Clues) -> Guess:
    warning, (low, high) = None, standard.excitation_nm
    if clues.excitation_nm and low and high and not low <= clues.excitation_nm <= high:
        values = {"excitation": f"{clues.excitation_nm:g}", "standard": standard.shown, "low": f"{low:g}", "high": f"{high:g}"}  # fmt: skip
        warning, confidence = Note("standard_range", STANDARD_RANGE, values), min(confidence, CONTRADICTED)
    return Guess(standard=standard.id, role="standard", reason=reason, confidence=confidence, warning=warning)


def _by_habit(clues: Clues, known: Known) -> Guess | None:
    recalled = habits.recalled(clues, known.lessons, "sample")
    if recalled is None:
        return None
    return Guess(
        recalled.lesson.value, reason=recalled.reason, confidence=recalled.confidence, lessons=(recalled.lesson.id,)
    )


def _by_neighbours(clues: Clues, sessions: Sessions) -> Guess | None:
    near = neighbour_of(clues, sessions)
    if near is None:
        return None
    role = "standard" if near.standard and not clues.role else ""
    return Guess(near.sample, near.standard, role, reason=near.reason, confidence=near.confidence)


def _by_open_batch(clues: Clues, open_batches: Mapping[str, SampleRef]) -> Guess | None:
    batch = open_batches.get(clues.person)
    if batch is None or clues.role == "blank":
        return None
    return Guess(batch.sample, reason=Note("open_batch", OPEN_BATCH, {"batch": batch.code}), confidence=ONLY_OPEN)


# --- What it is -------------------------------------------------------------------------------------------------------


def _details(clues: Clues, known: Known, named: Mapping[str, str]) -> Guess:
    """Role, technique and dilution as far as the file leaves them open."""
    learnt_role = None if clues.role else habits.recalled(clues, known.lessons, "role")
    learnt_technique = None if clues.technique else habits.recalled(clues, known.lessons, "technique")
    said = technique_of(named.get("technique", ""), known.lessons)
    used = tuple(r.lesson.id for r in (learnt_role, learnt_technique) if r)
    recalled = learnt_role or learnt_technique
    warning = None
    if said and clues.technique and said != clues.technique:
        warning = Note("technique_differs", TECHNIQUE_DIFFERS, {"word": named["technique"]})
    role = role_of(named.get("role", ""), known.lessons) or (learnt_role.lesson.value if learnt_role else "")
    technique = said or (learnt_technique.lesson.value if learnt_technique else "")
    return Guess(
        role="" if clues.role else role,
        technique="" if clues.technique else technique,
        dilution_label=clues.dilution_label or (label_in(named["dilution"]) if named.get("dilution") else ""),
        reason=recalled.reason if recalled else None,
        confidence=recalled.confidence if recalled else 0.0,
        warning=warning,
        lessons=used,
    )


def _date_warning(clues: Clues, named: Mapping[str, str]) -> Note | None:
    said, measured = date_in(named.get("date", "")), clues.measured_at
    if not (said and measured) or abs(said - measured.date()) <= ONE_DAY:
        return None
    return Note("date_differs", DATE_DIFFERS, {"date": f"{said}", "measured": f"{measured:%Y-%m-%d}"})


# --- Names and their patterns -----------------------------------------------------------------------------------------


def read_name(name: str, known: Known) -> tuple[dict[str, str], Pattern | None]:
    """What the first pattern that fits says of a file's name; one whose values are all known goes before the others."""
    stem, checks = stem_of(name), _checks(known)
    for places in (KNOWN_ONLY, ("technique", "role")):
        for pattern in known.patterns:
            # After its batch's code, {sample} may hold only what a sample's code adds to it.
            free = {"sample"} if "batch" in pattern.places else set()
            wanted = {place: checks[place] for place in places if place not in free}
            if (values := pattern.read(stem, wanted)) is not None:
                return values, pattern
    return {}, None


def _checks(known: Known) -> dict[str, Callable[[str], bool]]:
    return {
        "batch": lambda text: known.codes.named(text) is not None,
        "sample": lambda text: known.codes.named(text) is not None,
        "technique": lambda text: bool(technique_of(text, known.lessons)),
        "role": lambda text: bool(role_of(text, known.lessons)),
        "standard": lambda text: _standard_called(text.casefold(), known.standards) is not None,
    }


def technique_of(word: str, lessons: Iterable[Lesson]) -> str:
    """What a word for a technique means: as the project said, else as usual."""
    return _meaning(word, lessons, "technique") or words.TECHNIQUES.get(word.casefold(), "")


def role_of(word: str, lessons: Iterable[Lesson]) -> str:
    return _meaning(word, lessons, "role") or words.ROLES.get(word.casefold(), "")


def _meaning(word: str, lessons: Iterable[Lesson], says: str) -> str:
    small = word.casefold()
    told = (one for one in lessons if one.told and one.says == says and one.clue == habits.WORD and one.key == small)
    return next((one.value for one in told), "")
