"""`fashen package`: what is wrong with a folder is named line by line, and only an administrator publishes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from webapp import cli
from workflows import ledger
from workflows.bureau import demo_accounts
from workflows.diagrams import library
from workflows.ledger import Entry
from workflows.sessions import WebSession
from workflows.store import Store

SHIPPED = Path(__file__).parents[2] / "bpmn" / "collective_decision"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a shipped package, beside an installation of its own with an English terminal."""
    for name in ("FASHEN_ENV", "FASHEN_DATABASE_URL", "FASHEN_FILES_URL", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FASHEN_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    shutil.copytree(SHIPPED, tmp_path / "collective_decision")
    return tmp_path / "collective_decision"


def rewrite(file: Path, old: str, new: str) -> int:
    """Put `new` in the place of `old`; the line on which it stands."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def published(folder: Path) -> list[Entry]:
    store = Store(f"sqlite:///{folder.parent / 'var' / 'fashen.sqlite'}")
    with store.read() as session:
        found = ledger.of_event(session, "bureau", "PackagePublished")
        assert all(row.revoked_at for row in session.execute(select(WebSession)).scalars()), "no login is left open"
    store.close()
    return [entry for entry in found if entry.data["key"] == "collective_decision"]


def test_every_shipped_package_passes_without_a_database(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for package in sorted(SHIPPED.parent.glob("*/process.yaml")):
        assert cli.run(["package", "check", str(package.parent)]) == 0
        assert "can be published" in capsys.readouterr().out
    assert not (folder.parent / "var" / "fashen.sqlite").exists()


def test_each_problem_is_named_with_file_element_and_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    diagram = folder / "collective_decision.bpmn"
    line = rewrite(diagram, '<bpmn:userTask id="vote"', '<bpmn:userTask id="vote"')
    rewrite(diagram, 'name="act" value="vote"', 'name="act" value="guess"')
    rewrite(folder / "process.yaml", "roles:", "roles:\n- nobody")
    assert cli.run(["package", "check", str(folder)]) == 1
    told = capsys.readouterr().err
    assert f"collective_decision.bpmn#vote (line {line}): “guess” is no statutory act" in told
    assert "process.yaml#roles" in told
    assert "Traceback" not in told


def test_a_table_is_named_with_its_line_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(next(SHIPPED.parent.glob("*/*.dmn")), folder / "t.dmn")
    rewrite(folder / "t.dmn", "</inputEntry>", "</inputEntry>丙")
    assert cli.run(["package", "check", str(folder)]) == 1
    told = capsys.readouterr().err
    assert "t.dmn#" in told
    assert "the text “丙” has no place here" in told


def test_an_administrator_publishes_and_the_ledger_says_who_and_why(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.run(["demo", "load"])
    password = demo_accounts()[1]
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _: password)
    given = ["package", "publish", str(folder), "--reason", "调整表决说明", "--as"]
    assert cli.run([*given, "admin"]) == 0
    assert "nothing was changed" in capsys.readouterr().out
    (folder / "process.yaml").write_text((folder / "process.yaml").read_text("utf-8") + "\n# 本局版本\n", "utf-8")
    assert cli.run([*given, "officer1"]) == 1
    assert len(published(folder)) == 1
    assert cli.run([*given, "admin"]) == 0
    first, second = published(folder)
    assert (second.data["reason"], second.actor_name != "系统") == ("调整表决说明", True)
    assert second.data["previous_hash"] == first.data["package_hash"]
    capsys.readouterr()
    assert cli.run(["package", "check", str(folder)]) == 0
    assert "the same as the present version" in capsys.readouterr().out
    assert cli.run(["package", "check", str(SHIPPED)]) == 0
    assert "other than the present version" in capsys.readouterr().out
    assert cli.run(["ledger", "verify", "--state"]) == 0


def test_without_the_password_or_the_right_nothing_is_published(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.run(["demo", "load"])
    (folder / "process.yaml").write_text((folder / "process.yaml").read_text("utf-8") + "\n# x\n", "utf-8")
    given = ["package", "publish", str(folder), "--reason", "试"]
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _: "wrong")
    capsys.readouterr()
    assert cli.run([*given, "--as", "admin"]) == 1
    assert "Traceback" not in capsys.readouterr().err
    rewrite(folder / "collective_decision.bpmn", 'name="act" value="vote"', 'name="act" value="guess"')
    monkeypatch.setattr("click.termui.hidden_prompt_func", lambda _: demo_accounts()[1])
    assert cli.run([*given, "--as", "admin"]) == 1
    assert "collective_decision.bpmn#vote" in capsys.readouterr().err
    assert len(published(folder)) == 1
    assert library.shipped()["collective_decision"].hash == published(folder)[0].data["package_hash"]
