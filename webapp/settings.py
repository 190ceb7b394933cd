"""Settings of an installation, read once from the environment, and the unsafe ones refused.

`DESCRIPTIONS` explains every variable; the administrator's notes and `fashen --help` take their text from there.
In development everything has a default below `var/`. In production (FASHEN_ENV=production) nothing that protects the
installation has one: what is missing or unsafe is named, all of it at once, and the server does not start.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from webapp import outward
from workflows.engine import handlers
from workflows.errors import Invalid, Problem
from workflows.files import fitting
from workflows.notices.channels import NONE, Channels
from workflows.store import Patience, Store

DESCRIPTIONS: dict[str, str] = {
    "FASHEN_ENV": "development (the default) or production",
    "FASHEN_VAR": "folder of everything the program writes by default; var in the current folder",
    "FASHEN_DATABASE_URL": "sqlite:///… or postgresql+psycopg://…; default: fashen.sqlite in FASHEN_VAR",
    "FASHEN_CONNECTIONS": "database connections that one process opens at most; default 15, at least FASHEN_THREADS",
    "FASHEN_STATEMENT_SECONDS": "PostgreSQL ends a statement of the server or worker that takes longer; default 30",
    "FASHEN_LOCK_SECONDS": "PostgreSQL lets the server or worker wait so long for a lock; default 10",
    "FASHEN_FILES_URL": "where files are kept: an absolute folder or s3://bucket/path; default: files in FASHEN_VAR",
    "FASHEN_SECRET_KEY": "signs form tokens; at least 32 characters, random; development makes its own in FASHEN_VAR",
    "FASHEN_FONTS": "folder of the bureau's own standard faces (仿宋_GB2312 …); they win over the open ones",
    "FASHEN_TRUSTED_HOSTS": "host names under which the server may be reached, separated by commas",
    "FASHEN_PROXIES": "how many reverse proxies stand in front (their forwarding headers are then trusted); default 0",
    "FASHEN_SESSION_IDLE_HOURS": "a login ends after so many hours without a request; default 2",
    "FASHEN_SESSION_HOURS": "a login ends after so many hours in any case; default 12",
    "FASHEN_UPLOAD_LIMIT_MB": "the largest file that may be uploaded, in megabytes; default 50",
    "FASHEN_THREADS": "requests answered at once by one server process; default 8",
    "FASHEN_DRAIN_SECONDS": "a server that is told to end finishes what it is doing, so long at most; default 20",
    "FASHEN_TOPICS": "topics of external tasks that programs outside do here, separated by commas; default: none",
    "FASHEN_COOKIE_SECURE": "0 sends cookies over plain HTTP too; refused in production, the default in development",
    "FASHEN_DEBUG": "1 shows tracebacks to users; refused in production",
    **outward.DESCRIPTIONS,
}
"""Every variable that is read, with what it means. No other variable of that prefix is accepted."""

TOOLING = frozenset({"FASHEN_NIGHTLY", "FASHEN_CHROMIUM", "FASHEN_KILLS"})
"""Variables of the tests; the program itself does not read them."""

TOPIC = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

KEY_LENGTH = 32
"""Characters; secrets.token_hex(16) already gives 128 random bits."""
EXAMPLES = ("changeme", "change-me", "secret", "password", "example", "development", "fashen")
"""Words in a key that was typed, not drawn."""
DIFFERENT_CHARACTERS = 10
"""A random key of 32 characters has more; "aaaa…" and "1234 1234 …" have fewer."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What one running installation was told. Durations are timedeltas, sizes bytes."""

    production: bool
    database_url: str
    connections: int
    patience: Patience
    files_url: str
    secret_key: str
    fonts: Path | None
    trusted_hosts: tuple[str, ...]
    proxies: int
    session_idle: timedelta
    session_absolute: timedelta
    upload_limit: int
    threads: int
    drain: timedelta
    topics: tuple[str, ...]
    cookie_secure: bool
    debug: bool
    channels: Channels = NONE
    warnings: tuple[Problem, ...] = ()
    given: frozenset[str] = frozenset()  # names of the variables that were set

    def __repr__(self) -> str:
        """Without the key and the database's password: settings are printed and logged."""
        url = make_url(self.database_url).render_as_string(hide_password=True)
        return f"Settings(production={self.production}, database_url={url!r}, files_url={self.files_url!r})"


def opened(settings: Settings) -> Store:
    """The database as server and worker use it: so many connections, and only so much patience."""
    return Store(settings.database_url, connections=settings.connections, patience=settings.patience)


def make_known(settings: Settings) -> None:
    """Let diagrams name the topics of external tasks that this installation serves; each process says so once."""
    for topic in settings.topics:
        if topic not in handlers.known_topics():
            handlers.serve(topic)


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of the process environment, or of `environment`.

    Raises Invalid("settings.refused") that names every variable that is malformed, unknown or unsafe. In development
    without a key, writes a random one to FASHEN_VAR (owner-readable) so that logins survive a restart.
    """
    reader = _Reader(os.environ if environment is None else environment)
    settings = reader.settings()
    if reader.problems:
        raise Invalid("settings.refused", reader.problems)
    return settings


class _Reader:
    """Reads one environment and collects what is wrong with it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def settings(self) -> Settings:
        for name in sorted(self.environment):
            if name.startswith("FASHEN_") and name not in DESCRIPTIONS and name not in TOOLING:
                self.refuse("settings.unknown", name)
        stage = self.text("FASHEN_ENV", "development")
        if stage not in ("development", "production"):
            self.refuse("settings.not_a_stage", "FASHEN_ENV", value=stage)
        production = stage == "production"
        var = Path(self.text("FASHEN_VAR", "var")).expanduser().absolute()
        idle = timedelta(hours=self.number("FASHEN_SESSION_IDLE_HOURS", 2))
        threads = int(self.number("FASHEN_THREADS", 8, least=1))
        absolute = timedelta(hours=self.number("FASHEN_SESSION_HOURS", 12))
        secret = self.key(var, production)
        return Settings(
            production=production,
            database_url=self.database(var),
            connections=self.connections(threads),
            patience=Patience(self.number("FASHEN_STATEMENT_SECONDS", 30), self.number("FASHEN_LOCK_SECONDS", 10)),
            files_url=self.files(str(var / "files")),
            secret_key=secret,
            fonts=self.folder("FASHEN_FONTS"),
            trusted_hosts=self.hosts(production),
            proxies=int(self.number("FASHEN_PROXIES", 0, least=0)),
            session_idle=min(idle, absolute),
            session_absolute=absolute,
            upload_limit=int(self.number("FASHEN_UPLOAD_LIMIT_MB", 50) * 1024 * 1024),
            threads=threads,
            drain=timedelta(seconds=self.number("FASHEN_DRAIN_SECONDS", 20, least=0)),
            topics=self.topics(),
            cookie_secure=self.switch("FASHEN_COOKIE_SECURE", production, unsafe=False, production=production),
            debug=self.switch("FASHEN_DEBUG", False, unsafe=True, production=production),
            channels=outward.channels(self, production=production, secret=secret),
            warnings=tuple(self.warnings),
            given=frozenset(name for name in self.environment if name in DESCRIPTIONS and self.text(name)),
        )

    def refuse(self, code: str, place: str, **facts: object) -> None:
        self.problems.append(Problem(code, place, facts={"name": place, **facts}))

    def text(self, name: str, default: str = "") -> str:
        """A variable that is set but empty counts as not set: compose files write them so."""
        return self.environment.get(name, "").strip() or default

    def number(self, name: str, default: float, *, least: float = 0.1) -> float:
        given = self.text(name)
        if not given:
            return default
        try:
            number = float(given)
        except ValueError:
            number = float("nan")
        if not least <= number <= 1_000_000:
            self.refuse("settings.not_a_number", name, value=given, least=least)
            return default
        return number

    def switch(self, name: str, default: bool, *, unsafe: bool, production: bool) -> bool:
        given = self.text(name, "1" if default else "0")
        if given not in ("0", "1"):
            self.refuse("settings.not_a_switch", name, value=given)
            return default
        value = given == "1"
        if production and value is unsafe:
            self.refuse("settings.unsafe", name, value=given)
        return value

    def folder(self, name: str) -> Path | None:
        given = self.text(name)
        if not given:
            return None
        path = Path(given).expanduser().absolute()
        if not path.is_dir():
            self.refuse("settings.no_folder", name, value=given)
        return path

    def database(self, var: Path) -> str:
        """The database's address. A mistyped path must not become a new, empty installation: no folder is made but
        FASHEN_VAR.
        """
        default = f"sqlite:///{var / 'fashen.sqlite'}"
        given = self.text("FASHEN_DATABASE_URL", default)
        try:
            url = make_url(given)
        except ArgumentError:
            self.refuse("settings.not_a_database", "FASHEN_DATABASE_URL")
            return default
        sqlite = url.get_backend_name() == "sqlite"
        if url.get_backend_name() not in ("sqlite", "postgresql") or not url.database:
            self.refuse("settings.not_a_database", "FASHEN_DATABASE_URL")
        elif url.get_backend_name() == "postgresql" and url.drivername != "postgresql+psycopg":
            return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        elif sqlite and (folder := Path(url.database).absolute().parent) != var and not os.path.isdir(folder):
            self.refuse("settings.no_database_folder", "FASHEN_DATABASE_URL", value=str(folder))
        elif sqlite and self.text("FASHEN_ENV") == "production":
            self.warnings.append(Problem("settings.one_machine", "FASHEN_DATABASE_URL"))
        return given

    def connections(self, threads: int) -> int:
        name = "FASHEN_CONNECTIONS"
        number = int(self.number(name, max(15, threads), least=1))
        if number < threads:
            self.refuse("settings.few_connections", name, value=number, threads=threads)
        return number

    def files(self, default: str) -> str:
        given = self.text("FASHEN_FILES_URL", default)
        if "://" in given and "@" in urlsplit(given).netloc:
            self.refuse("settings.secret_in_url", "FASHEN_FILES_URL")  # it would be logged, and seen in `ps`
            return default
        if not fitting(given) or ("://" not in given and Path(given).exists() and not Path(given).is_dir()):
            self.refuse("settings.not_a_store", "FASHEN_FILES_URL", value=given[:200])
            return default
        return given

    def topics(self) -> tuple[str, ...]:
        names = tuple(name.strip() for name in self.text("FASHEN_TOPICS").split(",") if name.strip())
        for name in names:
            if not TOPIC.fullmatch(name):
                self.refuse("settings.not_a_topic", "FASHEN_TOPICS", value=name[:80])
        return names

    def hosts(self, production: bool) -> tuple[str, ...]:
        names = tuple(name.strip() for name in self.text("FASHEN_TRUSTED_HOSTS").split(",") if name.strip())
        if production and (not names or "*" in names):
            self.refuse("settings.no_hosts", "FASHEN_TRUSTED_HOSTS")
        return names

    def key(self, var: Path, production: bool) -> str:
        given = self.text("FASHEN_SECRET_KEY")
        if not given:
            if production:
                self.refuse("settings.key_missing", "FASHEN_SECRET_KEY", length=KEY_LENGTH)
                return ""
            return _own_key(var)
        if len(given) < KEY_LENGTH:
            self.refuse("settings.key_short", "FASHEN_SECRET_KEY", length=KEY_LENGTH)
        elif production and _guessable(given):
            self.refuse("settings.key_guessable", "FASHEN_SECRET_KEY")
        return given


def _guessable(key: str) -> bool:
    lowered = key.lower()
    return len(set(key)) < DIFFERENT_CHARACTERS or any(word in lowered for word in EXAMPLES)


def _own_key(var: Path) -> str:
    """The random key of a development installation; made once, atomically, readable by its owner only."""
    path = var / "secret-key"
    var.mkdir(parents=True, exist_ok=True)
    drawn = var / f"secret-key.{os.getpid()}.{secrets.token_hex(4)}"
    if not path.exists():
        descriptor = os.open(drawn, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        try:
            os.link(drawn, path)  # unlike rename, fails when another process was faster: its key is then taken
        except FileExistsError:
            pass
        finally:
            drawn.unlink()
    return path.read_text(encoding="ascii").strip()
