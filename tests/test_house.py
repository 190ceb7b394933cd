"""The rules of the house that a machine can hold, each with the reason it exists."""

from __future__ import annotations

import ast
import os
import re
import string
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PACKAGES = ("workflows", "webapp")

LONGEST_MODULE = 400
LONGEST_TEST_MODULE = 600
"""Tables of trials are read line by line, not held in the head."""
LONGEST_FUNCTION = 60
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "manager", "service", "services", "base", "common", "misc"}

ERROR_CLASSES = {
    "FashenError", "NotFound", "Forbidden", "GateClosed", "Stale", "Invalid", "DiagramRefused", "Unavailable",
    "Incident", "Problem",
}  # fmt: skip
CODE = re.compile(r"^[a-z_]+(\.[A-Za-z0-9_]+)+$")


@dataclass(frozen=True)
class Module:
    path: Path

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def text(self) -> str:
        return _text(self.path)

    @property
    def tree(self) -> ast.Module:
        return _tree(self.path)

    def __str__(self) -> str:
        return self.name


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(_text(path))


def modules(*packages: str) -> list[Module]:
    """All Python files of the packages; drafted revisions are data more than code and are left out."""
    return [
        Module(path)
        for package in packages
        for path in sorted((ROOT / package).rglob("*.py"))
        if "node_modules" not in path.parts and "versions" not in path.parts
    ]


def calls(module: Module) -> Iterator[tuple[str, ast.Call]]:
    """Every call of the module with the dotted name that is called."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def sentences() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = yaml.safe_load(_text(ROOT / "workflows/sentences.yaml"))
    return loaded


def raised_codes() -> dict[str, str]:
    """Each code that stands in the source as the first argument of an error or problem → where."""
    found: dict[str, str] = {}
    for module in modules(*PACKAGES):
        for called, node in calls(module):
            if called.rpartition(".")[2] not in ERROR_CLASSES:
                continue
            given = node.args[:1] + [keyword.value for keyword in node.keywords if keyword.arg == "code"]
            for part in (part for argument in given for part in ast.walk(argument)):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and CODE.match(part.value):
                    found.setdefault(part.value, f"{module.name}:{node.lineno}")
    return found


def test_every_error_has_a_sentence_in_both_languages() -> None:
    """A user never reads a code where a sentence should stand."""
    known = sentences()
    missing = {code: place for code, place in raised_codes().items() if code not in known}
    assert missing == {}


def test_every_sentence_is_there_in_chinese_and_in_english() -> None:
    incomplete = [code for code, pair in sentences().items() if not (pair.get("zh") and pair.get("en"))]
    assert incomplete == []


def test_both_languages_tell_the_same_facts() -> None:
    """A sentence that names a figure in one language and hides it in the other misleads half its readers."""

    def facts(sentence: str) -> set[str]:
        return {field for _, field, _, _ in string.Formatter().parse(sentence) if field}

    different = [code for code, pair in sentences().items() if facts(pair["zh"]) != facts(pair["en"])]
    assert different == []


def test_sentences_yaml_says_each_code_once() -> None:
    """YAML silently takes the last of two equal keys."""
    keys = re.findall(r"^([a-zA-Z_][\w.]*):", _text(ROOT / "workflows/sentences.yaml"), flags=re.MULTILINE)
    assert sorted(keys) == sorted(set(keys))


def test_only_the_store_commits() -> None:
    """One button, one command, one transaction: a commit in the middle of a command splits it."""
    places = [
        f"{module.name}:{node.lineno}"
        for module in modules(*PACKAGES)
        for called, node in calls(module)
        if called.rpartition(".")[2] == "commit" and module.name != "workflows/store.py"
    ]
    assert places == []


def test_only_the_clock_tells_the_time() -> None:
    """A case played on a simulated clock must not meet the real one. Durations (time.monotonic) are no moments."""
    forbidden = {
        "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.datetime.now",
        "datetime.date.today", "datetime.datetime.utcnow", "time.time", "func.now", "func.current_timestamp",
    }  # fmt: skip
    places = [
        f"{module.name}:{node.lineno} {called}"
        for module in modules(*PACKAGES)
        for called, node in calls(module)
        if called in forbidden and module.name != "workflows/calendar/clock.py"
    ]
    assert places == []


def test_spiffworkflow_is_imported_by_the_engine_alone() -> None:
    """Its evaluator is Python's own `eval`; whoever reaches it past the engine reaches that."""
    places = []
    for module in modules(*PACKAGES):
        for node in ast.walk(module.tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            if any(name.split(".")[0] == "SpiffWorkflow" for name in names):
                places.append(module.name)
    assert [place for place in places if not place.startswith("workflows/engine/")] == []
    assert places, "the engine no longer imports SpiffWorkflow: this test looks in the wrong place"


def test_nothing_evaluates_text_or_unpickles() -> None:
    """Nothing that an administrator uploads is code, and no row of the database is either."""
    called_names = {"eval", "exec", "compile", "__import__", "yaml.load", "yaml.unsafe_load", "os.system", "os.popen"}
    imported_names = {"pickle", "dill", "shelve", "marshal", "cloudpickle"}
    places = []
    for module in modules(*PACKAGES):
        places += [f"{module.name}:{node.lineno} {called}" for called, node in calls(module) if called in called_names]
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Import):
                places += [f"{module.name} imports {a.name}" for a in node.names if a.name in imported_names]
            if isinstance(node, ast.ImportFrom) and node.module in imported_names:
                places.append(f"{module.name} imports {node.module}")
    ours = [place for place in places if place.startswith("workflows/shipped.py") and place.endswith(" yaml.load")]
    assert len(ours) == 1, "the program's own files, by libyaml's safe loader"
    assert [place for place in places if place not in ours] == []


def test_names_of_modules_say_something() -> None:
    """A module is split along its nouns; `utils` is where nouns go to hide."""
    says_something = {"workflows/cases/acts/service.py"}  # 送达, the service of documents
    named = [
        module.name
        for module in modules(*PACKAGES, "tests", "bench")
        if module.path.stem in EMPTY_NAMES and module.name not in says_something
    ]
    folders = [
        folder.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for folder in (ROOT / package).rglob("*")
        if folder.is_dir() and folder.name in EMPTY_NAMES and "node_modules" not in folder.parts
        and "dist" not in folder.parts
    ]  # fmt: skip
    assert named + folders == []


def test_modules_fit_in_the_head() -> None:
    sizes = {module.name: module.text.count("\n") for module in modules(*PACKAGES, "tests", "bench")}
    long = {n: s for n, s in sizes.items() if s > (LONGEST_TEST_MODULE if n.startswith("tests/") else LONGEST_MODULE)}
    assert long == {}


def test_functions_fit_on_a_screen() -> None:
    long = {
        f"{module.name}:{node.lineno} {node.name}": size
        for module in modules(*PACKAGES, "tests", "bench")
        for node in ast.walk(module.tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (size := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert long == {}


def test_every_table_is_known_to_migrations() -> None:
    """A module with tables that `workflows/models.py` forgets is missing in every installation."""
    with_tables = {
        module.path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        for module in modules("workflows", "webapp")
        if re.search(r"^    __tablename__ = ", module.text, flags=re.MULTILINE)
    }
    imported = set()
    for node in ast.walk(Module(ROOT / "workflows/models.py").tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            imported |= {f"{node.module}.{alias.name}" for alias in node.names}
    assert with_tables - imported == set()


def test_no_test_is_switched_off() -> None:
    """A skipped test protects nothing, and nobody remembers to switch it on."""
    places = []
    for module in modules("tests"):
        places += [
            f"{module.name}:{node.lineno} {called}"
            for called, node in calls(module)
            if called in {"pytest.skip", "pytest.xfail", "pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail"}
        ]
    assert places == []


def test_every_variable_that_is_read_is_explained() -> None:
    """What the environment may say stands in one table, with its meaning."""
    from webapp.settings import DESCRIPTIONS, TOOLING

    read = {
        name
        for module in modules(*PACKAGES, "tests", "bench")
        for name in re.findall(r"\bFASHEN_[A-Z_]+\b", module.text)
        if module.name not in ("tests/webapp/test_settings.py", "tests/test_house.py")
    }
    assert read - set(DESCRIPTIONS) - TOOLING == set()


@pytest.mark.parametrize("suffix", [".py", ".yaml", ".bpmn", ".md", ".html", ".js", ".mjs", ".css", ".toml", ".dmn"])
def test_no_file_names_the_machine_it_was_written_on(suffix: str) -> None:
    """A stranger's checkout lies elsewhere."""
    places = []
    for folder, names, files in os.walk(ROOT):
        names[:] = [n for n in names if n not in {"node_modules", "dist", "var", "build"} and not n.startswith(".")]
        for name in files:
            path = Path(folder) / name
            if path.suffix == suffix and re.search(r"(?<![\w.])/(?:home|root|work|Users)/\w", _text(path)):
                places.append(path.relative_to(ROOT).as_posix())
    assert [place for place in places if place != "tests/test_house.py"] == []


def test_the_locks_hold_everything_that_is_asked_for() -> None:
    """A dependency that is not locked is missing on a fresh machine; `make lock` locks anew."""
    asked = tomllib.loads(_text(ROOT / "pyproject.toml"))
    groups = asked["dependency-groups"]
    wanted = {
        "requirements.lock": asked["project"]["dependencies"],
        "requirements-build.lock": asked["project"]["dependencies"] + groups["build"],
        "requirements-dev.lock": asked["project"]["dependencies"] + groups["build"] + groups["dev"],
    }
    for lock, requirements in wanted.items():
        locked = dict(re.findall(r"^([\w.-]+)==([\w.]+)", _text(ROOT / lock), flags=re.MULTILINE))
        for requirement in map(Requirement, requirements):
            name = requirement.name.lower().replace("_", "-")
            assert name in locked, f"{name} is not in {lock}"
            assert requirement.specifier.contains(locked[name], prereleases=True), f"{requirement} against {lock}"
