"""Which lab is run: its kind, its folder, its address, and the environment that its processes get."""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Lab:
    """``kind`` is demo or lab; ``data`` holds everything that is kept; it is served at ``host``:``port``."""

    kind: str
    data: Path
    host: str
    port: int

    @property
    def url(self) -> str:
        shown = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host
        return f"http://{f'[{shown}]' if ':' in shown else shown}:{self.port}"

    @property
    def access_file(self) -> Path:
        return self.data / "access.json"

    def watched_folders(self) -> list[str]:
        """The folders of ``QDLAB_WATCH``; the demo watches none."""
        named = os.environ.get("QDLAB_WATCH", "") if self.kind == "lab" else ""
        return [folder for folder in named.split(os.pathsep) if folder.strip()]

    def environment(self) -> dict[str, str]:
        """The environment of this process with the lab's settings; the demo ignores databases meant for others."""
        inherited = dict(os.environ)
        if self.kind == "demo":
            inherited.pop("DATABASE_URL", None)
            inherited.pop("REDIS_URL", None)
        return inherited | {
            "DJANGO_SETTINGS_MODULE": "qdlab.settings",
            "QDLAB_ENV": self.kind,
            "QDLAB_DATA": str(self.data),
            "QDLAB_PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
        }
