"""`fashen`: sentences and exit codes at the terminal, never a trace."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import select, text

from webapp import cli
from webapp.commands.database import KINDS as FAULTS
from workflows.actors import Person
from workflows.ledger.verification import Kind
from workflows.sessions import WebSession
from workflows.store import Store

CASE = Path(__file__).parents[1] / "cases" / "yinzhou-welders.yaml"


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment with a folder of its own and an English terminal."""
    for name in ("FASHEN_ENV", "FASHEN_DATABASE_URL", "FASHEN_FILES_URL", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FASHEN_VAR", str(tmp_path))
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    return tmp_path


def database(installation: Path) -> Store:
    return Store(f"sqlite:///{installation / 'fashen.sqlite'}")


def test_a_bureau_of_ones_own_is_set_up_at_the_terminal(
    installation: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["db", "upgrade"]) == 0
    assert cli.run(["unit", "add", "某县应急管理局", "--level", "county", "--legal-subject", "--region", "某"]) == 0
    given = ["--name", "张三", "--unit", "某县应急管理局", "--role", "sys_admin", "--title", "管理员"]
    assert cli.run(["person", "add", "zhangsan", *given]) == 0
    assert "First password" in capsys.readouterr().out
    assert cli.run(["person", "add", "zhangsan", *given]) == 1
    assert "is taken" in capsys.readouterr().err
    assert cli.run(["ledger", "verify"]) == 0


def test_errors_are_sentences_in_the_terminals_language(
    installation: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.run(["db", "upgrade"])
    capsys.readouterr()
    for lang, words in (("en_US.UTF-8", "no unit called"), ("zh_CN.UTF-8", "没有名为“无”的单位")):
        monkeypatch.setenv("LANG", lang)
        given = ["--name", "张三", "--unit", "无", "--role", "sys_admin", "--title", "管理员"]
        assert cli.run(["person", "add", "zhangsan", *given]) == 1
        told = capsys.readouterr().err
        assert words in told
        assert "Traceback" not in told


def test_wrong_usage_has_its_own_exit_code(installation: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["ledger", "burn"]) == 2
    assert cli.run(["person", "add"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_settings_that_are_refused_are_named(
    installation: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASHEN_UPLOAD_LIMIT_MB", "many")
    assert cli.run(["ledger", "verify"]) == 1
    assert "FASHEN_UPLOAD_LIMIT_MB" in capsys.readouterr().err


def test_a_database_without_tables_is_a_sentence(installation: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["ledger", "verify"]) == 1
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("command", [["db", "upgrade"], ["ledger", "verify"], ["serve", "--no-worker"]])
def test_a_database_that_does_not_answer_is_told_with_its_place_and_reason_and_no_password(
    installation: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("FASHEN_DATABASE_URL", "postgresql+psycopg://fashen:secret-word@127.0.0.1:1/bureau")
    assert cli.run(command) == 1
    told = capsys.readouterr().err
    assert "127.0.0.1:1/bureau" in told
    assert "refused" in told
    assert "secret-word" not in told
    assert "Traceback" not in told


def test_a_changed_ledger_is_found(installation: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.run(["demo", "load"])
    checkpoint = installation / "checkpoint.json"
    assert cli.run(["ledger", "checkpoint", "--out", str(checkpoint)]) == 0
    assert cli.run(["ledger", "verify", "--checkpoint", str(checkpoint)]) == 0
    store = database(installation)
    with store.engine.connect() as connection:
        triggers = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        for trigger in triggers:
            connection.execute(text(f'DROP TRIGGER "{trigger}"'))
        connection.execute(text("UPDATE ledger_entry SET data = replace(data, 'penalty', 'PENALTY')"))
        connection.commit()
    store.close()
    capsys.readouterr()
    assert cli.run(["ledger", "verify"]) == 3
    assert "changed" in capsys.readouterr().err


def test_a_ledger_that_lost_a_trigger_is_found_refused_and_protected_again(
    installation: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.run(["db", "upgrade"])
    store = database(installation)
    with store.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER ledger_entry_no_delete"))
    store.close()
    capsys.readouterr()
    assert cli.run(["ledger", "verify"]) == 3
    assert "ledger_entry_no_delete that protects the ledger is missing" in capsys.readouterr().err
    for command in (["serve", "--no-worker"], ["worker", "--once"]):
        assert cli.run(command) == 1
        assert "fashen ledger protect" in capsys.readouterr().err
    assert cli.run(["ledger", "protect"]) == 0
    assert "1 were not" in capsys.readouterr().out
    assert cli.run(["ledger", "verify"]) == 0
    assert cli.run(["worker", "--once"]) == 0


def test_a_checkpoint_that_was_altered_is_refused(installation: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.run(["demo", "load"])
    bad = installation / "bad.json"
    bad.write_text("{}")
    assert cli.run(["ledger", "verify", "--checkpoint", str(bad)]) == 1


def test_demonstration_people_stay_out_of_production(
    installation: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASHEN_ENV", "production")
    monkeypatch.setenv("FASHEN_SECRET_KEY", "k3Qz8vT1xW5yB7nM0pR4sU6aC9dE2fG8")
    monkeypatch.setenv("FASHEN_TRUSTED_HOSTS", "law.example")
    assert cli.run(["demo", "load"]) == 1


def test_sessions_are_ended_from_the_terminal(installation: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from datetime import timedelta

    from workflows import sessions

    cli.run(["demo", "load"])
    store = database(installation)
    with store.work() as session:
        person = session.execute(select(Person.id).where(Person.login == "officer1")).scalar_one()
        sessions.open_session(session, person, client=sessions.Client(), lasts=timedelta(hours=1))
    assert cli.run(["session", "revoke", "officer1"]) == 0
    with store.read() as session:
        assert session.execute(select(WebSession.revoked_at)).scalar_one() is not None
    store.close()
    assert cli.run(["session", "revoke", "nobody"]) == 1


def test_a_case_file_is_played_into_a_folder_of_its_own(
    installation: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = installation / "played"
    assert cli.run(["case", "run", str(CASE), "--out", str(out)]) == 0
    told = capsys.readouterr()
    assert re.search(r"the ledger of \d+ entries verifies", told.out)
    assert "conclude_investigation" in told.out + told.err
    assert len(list(out.glob("*.pdf"))) == 3
    assert all(path.read_bytes().startswith(b"%PDF") for path in out.glob("*.pdf"))
    assert (out / "checkpoint.json").exists()
    assert cli.run(["case", "run", str(CASE), "--out", str(out)]) == 1  # never over an earlier one


def test_a_case_file_that_makes_no_sense_is_refused(installation: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = installation / "bad.yaml"
    bad.write_text("title: [unfinished")
    assert cli.run(["case", "run", str(bad), "--out", str(installation / "x")]) == 1
    assert "Traceback" not in capsys.readouterr().err


def test_every_fault_of_a_ledger_has_its_words() -> None:
    assert set(FAULTS) == set(get_args(Kind))


def test_the_help_lists_our_own_commands_only(installation: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--help"]) == 0
    told = capsys.readouterr().out
    assert "worker" in told
    assert "limiter" not in told
