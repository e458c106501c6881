"""Where a text that people read is not marked for translation: in templates, in Python, in JavaScript.

Each ``unmarked_in_…`` gives lines like ``templates/a.html:12: Batches``. They look at the source alone, so that a page which
no other test opens is checked too.
"""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from django.template.base import Lexer, TokenType

HOLE = "\N{REFERENCE MARK}"  # stands for what a template fills in or translates

# Names, units, symbols and formulas are the same in every language.
SAME_EVERYWHERE = frozenset(
    "QDLab API CSV SVG PNG JSON Parquet URL CIE PLQY FWHM IRF Rec UV Vis nm eV meV ns cm mol mmol mg mL equiv sha256 sha SHA "
    "CdS CdSe CdTe CsPbBr FAPbBr MAPbBr "
    "English 日本語 min Enter Esc Ctrl qdl".split()
)
WORD = re.compile(r"[^\W\d_]+")


def has_words(text: str) -> bool:
    """Whether there is anything to translate: single letters are symbols (λ, Φ, x), the others are words."""
    return any(len(word) > 1 and word not in SAME_EVERYWHERE for word in WORD.findall(text.replace(HOLE, " ")))


# --- Templates --------------------------------------------------------------------------------------------------------

READ_ATTRIBUTES = frozenset({"title", "placeholder", "aria-label", "aria-description", "alt", "label"})
# "…" in {{ x|default:"…" }} and {% tag … "…" %}: a word, not a name of a template, a URL, a class, a date format.
LITERAL = re.compile(r"""(?<![\w(])(?P<quote>["'])(?P<text>.*?)(?P=quote)""")
SHOWN_ARGUMENT = re.compile(
    r"""\b(?:label|title|heading|sentence|summary|action|name)=(?P<quote>["'])(?P<text>.*?)(?P=quote)"""
)
SHOWN_FILTER = re.compile(r"""\|(?:default|default_if_none|yesno|pluralize):(?P<quote>["'])(?P<text>.*?)(?P=quote)""")
UNREAD = re.compile(r"""([\w-]+)=["'][^"'<>]*$""")  # what is filled in here stands in this attribute
TRANSLATING = ("translate", "trans")
BLOCKS = {"blocktranslate": "endblocktranslate", "blocktrans": "endblocktrans", "comment": "endcomment"}


def unmarked_in_template(source: str, name: str) -> list[str]:
    masked, found = _masked(source, name)
    reader = _VisibleText(name)
    reader.feed(masked)
    reader.close()
    return found + reader.found


def _masked(source: str, name: str) -> tuple[str, list[str]]:
    """The template without its tags and translated blocks, line by line as it was; and the literals that its tags show."""
    parts, found, closing = [], [], ""
    for token in Lexer(source).tokenize():
        raw, line = token.contents, token.lineno
        if closing:
            closing = "" if token.token_type == TokenType.BLOCK and raw == closing else closing
            parts.append("\n" * raw.count("\n") if token.token_type == TokenType.TEXT else HOLE)
        elif token.token_type == TokenType.TEXT:
            parts.append(raw)
        elif token.token_type == TokenType.COMMENT:
            continue
        else:
            tag = raw.split(maxsplit=1)[0] if token.token_type == TokenType.BLOCK and raw else ""
            closing = BLOCKS.get(tag, "")
            parts.append(HOLE + "\n" * raw.count("\n"))
            if tag not in TRANSLATING and not closing:
                attribute = UNREAD.search("".join(parts[-8:-1]))
                if not attribute or attribute[1] in READ_ATTRIBUTES:
                    found += [f"{name}:{line}: {text}" for text in _shown_literals(raw, tag)]
    return "".join(parts), found


def _shown_literals(raw: str, tag: str) -> Iterator[str]:
    for pattern in (SHOWN_FILTER, SHOWN_ARGUMENT):
        for match in pattern.finditer(raw):
            if has_words(match["text"]) and not match["text"].startswith(("/", "#")):
                yield match["text"]
    if tag not in ("include", "extends", "load", "url", "static", "current"):
        for match in LITERAL.finditer(raw):
            if re.search(r"[^\W\d_]{2,}[ ,.:]+[^\W\d_]{2,}", match["text"]) and has_words(match["text"]):
                yield match["text"]


class _VisibleText(HTMLParser):
    """What a reader sees or hears of a page that is in the source itself."""

    def __init__(self, name: str):
        super().__init__(convert_charrefs=True)
        self.name, self.found, self.silent = name, [], []

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "style", "code", "pre"):
            self.silent.append(tag)
        given = dict(attrs)
        shown = [value for key, value in attrs if key in READ_ATTRIBUTES]
        if tag == "input" and given.get("type") in ("submit", "button", "reset"):
            shown.append(given.get("value"))
        for text in filter(None, shown):
            self._see(text)

    def handle_endtag(self, tag):
        if tag in self.silent:
            self.silent.remove(tag)

    def handle_data(self, data):
        if not self.silent:
            self._see(data)

    def _see(self, text: str) -> None:
        if has_words(text):
            before = text[: len(text) - len(text.lstrip())].count("\n")
            self.found.append(f"{self.name}:{self.getpos()[0] + before}: {' '.join(text.split())}")


# --- Python -----------------------------------------------------------------------------------------------------------

MARKS = frozenset(
    "_ gettext gettext_lazy gettext_noop ngettext ngettext_lazy pgettext pgettext_lazy npgettext npgettext_lazy _now".split()
)
# Callable → places and names of the arguments that people read.
SHOWN = {
    "ValidationError": ((0,), ("message", "detail")),
    "PermissionDenied": ((0,), ("detail",)),
    "NotFound": ((0,), ("detail",)),
    "ParseError": ((0,), ("detail",)),
    "AuthenticationFailed": ((0,), ("detail",)),
    "NotAuthenticated": ((0,), ("detail",)),
    "MethodNotAllowed": ((), ("detail",)),
    "Problem": ((2,), ("detail",)),
    "problem_response": ((2,), ("detail",)),
    "Unusable": ((0,), ()),
    "Note": ((1,), ("text",)),
    "warn": ((1,), ("text",)),
    "refuse": ((1,), ("text",)),
    "figure": ((1,), ("title", "summary")),
    "Parameter": ((3,), ("label", "help")),
    "QuantityKind": ((2,), ("label",)),
    "Role": ((2,), ("label",)),
    "Method": ((1,), ("title",)),
    "Component": ((0,), ("name",)),
    "Column": ((1,), ("label", "group")),
    "axis": ((0,), ("title",)),
    "line": ((2,), ("name",)),
    "points": ((2,), ("name",)),
    "marked_points": ((1,), ("name",)),
    "add_error": ((1,), ("error",)),
    "success": ((1,), ("message",)),
    "info": ((1,), ("message",)),
    "warning": ((1,), ("message",)),
    "error": ((1,), ("message",)),
    "add_message": ((2,), ("message",)),
}
ONLY_IN = {  # names that mean something else in other places
    "Column": "qdlab/dashboards/", "axis": "spectra/plots/", "line": "spectra/plots/", "points": "spectra/plots/",
    "marked_points": "spectra/plots/", "Role": "spectra/analysis/",
}  # fmt: skip
MESSAGES = frozenset(
    {"success", "info", "warning", "error", "add_message"}
)  # of django.contrib.messages, not of a logger
# The help_text of serializers is the description of the API, which is English like the names it describes.
SHOWN_KEYWORDS = frozenset("label help_text verbose_name verbose_name_plural empty_label short_description".split())
CHOICES = frozenset({"TextChoices", "IntegerChoices", "Choices"})


def unmarked_in_python(source: str, name: str) -> list[str]:
    tree = ast.parse(source)
    known = _plain_texts(tree)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found += [text for given in _shown(node, name) for text in _unmarked(given, known)]
        elif isinstance(node, ast.ClassDef) and any(_called(base) in CHOICES for base in node.bases):
            found += [text for given in _labels(node) for text in _unmarked(given, known)]
        elif isinstance(node, ast.ClassDef) and node.name == "Meta":
            found += [text for given in _meta(node) for text in _unmarked(given, known)]
    return [f"{name}:{line}: {text}" for line, text in sorted(set(found))]


def filled_before_translation(source: str, name: str) -> list[str]:
    """``_(f"…")`` and ``_("…".format(…))``: no catalogue holds what was filled in before it was looked up."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _called(node.func) in MARKS and node.args:
            of_text = node.args[1:] if _called(node.func).startswith("pgettext") else node.args[:1]
            for given in of_text:
                if isinstance(given, ast.JoinedStr | ast.BinOp) or _formatted(given):
                    found.append(f"{name}:{node.lineno}: {ast.unparse(given)}")
    return found


def _formatted(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"


def _called(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _plain_texts(tree: ast.Module) -> dict[str, ast.expr]:
    """Names of this module that stand for a text which is written out, so that a constant hides nothing."""
    return {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _shown(call: ast.Call, name: str) -> Iterator[ast.expr]:
    called = _called(call.func)
    owner = _called(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    places, names = SHOWN.get(called, ((), ()))
    if not name.startswith(ONLY_IN.get(called, "")) or (called in MESSAGES and owner != "messages"):
        places, names = (), ()
    described = SHOWN_KEYWORDS - {"help_text"} if "/api/" in name else SHOWN_KEYWORDS
    yield from (call.args[i] for i in places if i < len(call.args))
    yield from (k.value for k in call.keywords if k.arg in names or k.arg in described)


def _labels(choices: ast.ClassDef) -> Iterator[ast.expr]:
    """The labels of an enumeration; a member without one is shown under its own name."""
    for node in choices.body:
        if isinstance(node, ast.Assign):
            yield node.value.elts[-1] if isinstance(node.value, ast.Tuple) else node.value


def _meta(meta: ast.ClassDef) -> Iterator[ast.expr]:
    for node in meta.body:
        if isinstance(node, ast.Assign) and _called(node.targets[0]) in (
            "verbose_name",
            "labels",
            "help_texts",
            "error_messages",
        ):
            yield node.value


def _unmarked(node: ast.expr, known: dict) -> Iterator[tuple[int, str]]:
    """The texts in an expression that no gettext goes around."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str) and has_words(node.value):
            yield node.lineno, node.value
    elif isinstance(node, ast.JoinedStr):
        plain = "".join(part.value for part in node.values if isinstance(part, ast.Constant))
        if has_words(plain):
            yield node.lineno, ast.unparse(node)
    elif isinstance(node, ast.Call):
        if _called(node.func) not in MARKS and isinstance(node.func, ast.Attribute):  # "…".format(…), _("…").format(…)
            yield from _unmarked(node.func.value, known)
    elif isinstance(node, ast.Name) and isinstance(known.get(node.id), ast.Constant | ast.JoinedStr):
        yield from _unmarked(known[node.id], {})
    elif isinstance(node, ast.IfExp):
        yield from _unmarked(node.body, known)
        yield from _unmarked(node.orelse, known)
    elif isinstance(node, ast.BoolOp | ast.List | ast.Tuple):
        for part in node.values if isinstance(node, ast.BoolOp) else node.elts:
            yield from _unmarked(part, known)
    elif isinstance(node, ast.BinOp):
        yield from _unmarked(node.left, known)
        yield from _unmarked(node.right, known)
    elif isinstance(node, ast.Dict):
        for part in node.values:
            yield from _unmarked(part, known)


# --- JavaScript -------------------------------------------------------------------------------------------------------

COMMENTS = re.compile(r"/\*.*?\*/|(?<!:)//[^\n]*", re.S)
STRING = r"""(?:"(?P<double>[^"\n]*)"|'(?P<single>[^'\n]*)'|`(?P<template>[^`\n]*)`)"""
SETS_TEXT = re.compile(
    r"""(?:\.(?:textContent|innerText|innerHTML|outerHTML|title|placeholder|alt|ariaLabel|value)\s*\+?=(?!=)\s*"""
    r"""|(?:createTextNode|alert|confirm|prompt|notice|replaceChildren)\(\s*"""
    r"""|setAttribute\(\s*["'](?:title|aria-label|placeholder|alt)["']\s*,\s*"""
    r"""|insertAdjacent(?:HTML|Text)\(\s*["']\w+["']\s*,\s*)""" + STRING
)  # fmt: skip
# Selectors and classes are read by the browser alone.
UNSEEN = re.compile(r"""(?:\b(?:closest|matches|querySelector(?:All)?)\(|\bclass(?:Name)?["']?\s*[:=])\s*$""")
SENTENCE = re.compile(r"(?:[^\W\d_]{2,}[,;:]? ){2,}[^\W\d_]{2,}")


def unmarked_in_javascript(source: str, name: str) -> list[str]:
    """Words that a script writes into the page by itself, and any string that reads as a sentence."""
    code = COMMENTS.sub(lambda match: "\n" * match[0].count("\n"), source)
    found = [m for m in SETS_TEXT.finditer(code) if has_words(_without_markup(m))]
    strings = (m for m in re.finditer(STRING, code) if not UNSEEN.search(code, max(0, m.start() - 40), m.start()))
    found += [m for m in strings if SENTENCE.search(_without_markup(m))]
    return sorted({f"{name}:{code[: m.start()].count(chr(10)) + 1}: {m[0].strip()}" for m in found})


def _without_markup(match: re.Match) -> str:
    text = match["double"] or match["single"] or match["template"] or ""
    return re.sub(r"\$\{[^}]*\}|<[^>]*>|&\w+;", " ", text)


def files(root: Path, folders: tuple[str, ...], ending: str) -> list[Path]:
    """The project's own files, without migrations."""
    found = (path for folder in folders for path in (root / folder).rglob(f"*{ending}"))
    return sorted(path for path in found if "migrations" not in path.parts and "locale" not in path.parts)
