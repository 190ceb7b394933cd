"""Settings are read once, explained, and refused where they would be unsafe."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from webapp import settings
from workflows.errors import Invalid
from workflows.store import Patience

KEY = "Zq8vT3mLx0Rk7WbYp2Nc5HdJ9sGfUa4E"


def safe(**changes: str) -> dict[str, str]:
    return {
        "FASHEN_ENV": "production",
        "FASHEN_SECRET_KEY": KEY,
        "FASHEN_TRUSTED_HOSTS": "fashen.example.gov.cn",
        "FASHEN_DATABASE_URL": "postgresql://fashen:pass-word@db/fashen",
        **changes,
    }


def refusals(environment: dict[str, str]) -> set[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        settings.read(environment)
    assert refused.value.code == "settings.refused"
    return {(problem.code, problem.place) for problem in refused.value.problems}


def test_development_needs_no_settings_at_all(tmp_path: Path) -> None:
    read = settings.read({"FASHEN_VAR": str(tmp_path)})
    assert not read.production
    assert read.database_url == f"sqlite:///{tmp_path / 'fashen.sqlite'}"
    assert read.session_idle == timedelta(hours=2)
    assert read.session_absolute == timedelta(hours=12)
    assert read.upload_limit == 50 * 1024 * 1024


def test_development_draws_a_key_once_and_keeps_it_to_its_owner(tmp_path: Path) -> None:
    first = settings.read({"FASHEN_VAR": str(tmp_path)})
    assert len(first.secret_key) >= settings.KEY_LENGTH
    assert settings.read({"FASHEN_VAR": str(tmp_path)}).secret_key == first.secret_key
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


def test_two_installations_have_different_keys(tmp_path: Path) -> None:
    keys = {settings.read({"FASHEN_VAR": str(tmp_path / name)}).secret_key for name in "ab"}
    assert len(keys) == 2


def test_a_safe_production_is_accepted() -> None:
    read = settings.read(safe(FASHEN_SESSION_IDLE_HOURS="0.5", FASHEN_PROXIES="1"))
    assert read.production
    assert read.cookie_secure
    assert not read.debug
    assert read.trusted_hosts == ("fashen.example.gov.cn",)
    assert read.session_idle == timedelta(minutes=30)
    assert read.proxies == 1
    assert read.database_url == "postgresql+psycopg://fashen:pass-word@db/fashen"
    assert read.warnings == ()


@pytest.mark.parametrize(
    ("changes", "code", "place"),
    [
        ({"FASHEN_SECRET_KEY": ""}, "settings.key_missing", "FASHEN_SECRET_KEY"),
        ({"FASHEN_SECRET_KEY": KEY[:31]}, "settings.key_short", "FASHEN_SECRET_KEY"),
        ({"FASHEN_SECRET_KEY": "a" * 40}, "settings.key_guessable", "FASHEN_SECRET_KEY"),
        ({"FASHEN_SECRET_KEY": "changeme-Zq8vT3mLx0Rk7WbYp2Nc5HdJ"}, "settings.key_guessable", "FASHEN_SECRET_KEY"),
        ({"FASHEN_COOKIE_SECURE": "0"}, "settings.unsafe", "FASHEN_COOKIE_SECURE"),
        ({"FASHEN_DEBUG": "1"}, "settings.unsafe", "FASHEN_DEBUG"),
        ({"FASHEN_TRUSTED_HOSTS": ""}, "settings.no_hosts", "FASHEN_TRUSTED_HOSTS"),
        ({"FASHEN_TRUSTED_HOSTS": "*"}, "settings.no_hosts", "FASHEN_TRUSTED_HOSTS"),
        ({"FASHEN_FILES_URL": "s3://key:secret@files"}, "settings.secret_in_url", "FASHEN_FILES_URL"),
        ({"FASHEN_FILES_URL": "memory://"}, "settings.not_a_store", "FASHEN_FILES_URL"),
        ({"FASHEN_FILES_URL": "http://files.example/x"}, "settings.not_a_store", "FASHEN_FILES_URL"),
        ({"FASHEN_CONNECTIONS": "4"}, "settings.few_connections", "FASHEN_CONNECTIONS"),
    ],
)
def test_an_unsafe_production_does_not_start(changes: dict[str, str], code: str, place: str) -> None:
    assert refusals(safe(**changes)) == {(code, place)}


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("FASHEN_ENV", "prod", "settings.not_a_stage"),
        ("FASHEN_SESSION_HOURS", "soon", "settings.not_a_number"),
        ("FASHEN_SESSION_HOURS", "-1", "settings.not_a_number"),
        ("FASHEN_UPLOAD_LIMIT_MB", "nan", "settings.not_a_number"),
        ("FASHEN_DEBUG", "yes", "settings.not_a_switch"),
        ("FASHEN_FONTS", "/nowhere/fonts", "settings.no_folder"),
        ("FASHEN_DATABASE_URL", "fashen.sqlite", "settings.not_a_database"),
        ("FASHEN_DATABASE_URL", "mysql://localhost/fashen", "settings.not_a_database"),
        ("FASHEN_SECERT_KEY", KEY, "settings.unknown"),
        ("FASHEN_CONNECTIONS", "many", "settings.not_a_number"),
        ("FASHEN_STATEMENT_SECONDS", "0", "settings.not_a_number"),
        ("FASHEN_LOCK_SECONDS", "never", "settings.not_a_number"),
        ("FASHEN_DRAIN_SECONDS", "-1", "settings.not_a_number"),
        ("FASHEN_FILES_URL", "s3://key:secret@files/x", "settings.secret_in_url"),
        ("FASHEN_FILES_URL", "memory://files", "settings.not_a_store"),
        ("FASHEN_FILES_URL", "files", "settings.not_a_store"),
        ("FASHEN_FILES_URL", "s3://", "settings.not_a_store"),
        ("FASHEN_FILES_URL", __file__, "settings.not_a_store"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, name: str, value: str, code: str) -> None:
    assert refusals({"FASHEN_VAR": str(tmp_path), name: value}) == {(code, name)}


def test_everything_that_is_wrong_is_told_at_once() -> None:
    found = refusals({"FASHEN_ENV": "production", "FASHEN_DEBUG": "1"})
    assert {place for _, place in found} == {"FASHEN_DEBUG", "FASHEN_SECRET_KEY", "FASHEN_TRUSTED_HOSTS"}


def test_connections_and_patience_are_those_that_were_set(tmp_path: Path) -> None:
    read = settings.read({"FASHEN_VAR": str(tmp_path)})
    assert (read.connections, read.patience, read.drain) == (15, Patience(30, 10), timedelta(seconds=20))
    read = settings.read({
        "FASHEN_VAR": str(tmp_path), "FASHEN_CONNECTIONS": "9", "FASHEN_STATEMENT_SECONDS": "5",
        "FASHEN_LOCK_SECONDS": "0.5", "FASHEN_DRAIN_SECONDS": "0",
    })  # fmt: skip
    assert (read.connections, read.patience, read.drain) == (9, Patience(5, 0.5), timedelta(0))
    assert settings.read({"FASHEN_VAR": str(tmp_path), "FASHEN_THREADS": "40"}).connections == 40


def test_a_mistyped_path_makes_no_new_installation(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'mistyped' / 'fashen.sqlite'}"
    given = {"FASHEN_VAR": str(tmp_path / "var"), "FASHEN_DATABASE_URL": url}
    assert refusals(given) == {("settings.no_database_folder", "FASHEN_DATABASE_URL")}
    assert not (tmp_path / "mistyped").exists()
    (tmp_path / "mistyped").mkdir()
    assert settings.read(given).database_url == url


def test_sqlite_in_production_is_only_a_warning(tmp_path: Path) -> None:
    read = settings.read(safe(FASHEN_DATABASE_URL=f"sqlite:///{tmp_path / 'fashen.sqlite'}"))
    assert [problem.code for problem in read.warnings] == ["settings.one_machine"]


def test_settings_do_not_print_what_is_secret() -> None:
    shown = repr(settings.read(safe()))
    assert KEY not in shown
    assert "pass-word" not in shown


def test_the_administrator_finds_every_setting_in_the_notes() -> None:
    notes = (Path(__file__).parents[2] / "docs" / "deployment.md").read_text(encoding="utf-8")
    rows = [f"| `{name}` | {meaning} |" for name, meaning in settings.DESCRIPTIONS.items()]
    assert [row for row in rows if row not in notes] == []
