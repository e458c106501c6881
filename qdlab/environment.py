"""Reading settings from the environment; every refusal names the variable."""

import os
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import SplitResult, parse_qs
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def choice(name: str, choices: tuple[str, ...], default: str) -> str:
    value = text(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def flag(name: str, default: bool) -> bool:
    return choice(name, ("1", "0", "true", "false"), "1" if default else "0") in ("1", "true")


def number(name: str, default: int) -> int:
    value = text(name, str(default))
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def words(name: str, default: list[str]) -> list[str]:
    return [word.strip() for word in text(name).split(",") if word.strip()] or default


def time_zone(name: str) -> str:
    """A zone such as ``Asia/Tokyo``; without one the computer's own, and UTC where it does not say."""
    zone = text(name)
    if not zone:
        own = text("TZ").lstrip(":") or os.path.realpath("/etc/localtime").partition("/zoneinfo/")[2]
        return own if own and _is_zone(own) else "UTC"
    if not _is_zone(zone):
        raise ImproperlyConfigured(f"{name} must be a time zone such as Asia/Tokyo or UTC, not {zone!r}.")
    return zone


def _is_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def made(path: Path) -> Path:
    """``path`` as a folder that exists."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise ImproperlyConfigured(f"The folder {path} cannot be made: {problem}. Is QDLAB_DATA right?") from problem
    return path


def folder(name: str, default: Path) -> Path:
    return made(Path(text(name, str(default))).resolve())


def open_private(name, flags: int) -> int:
    """An opener for files that only their owner may read."""
    return os.open(name, flags, 0o600)


def package_folder(package: str, inside: str) -> Path:
    """The folder ``inside`` an installed package, without importing it."""
    return Path(find_spec(package).origin).parent / inside


def query(parts: SplitResult, key: str) -> str:
    return parse_qs(parts.query).get(key, [""])[0]
