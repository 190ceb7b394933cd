"""The demonstration bureau with a case that people talk about, on both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.desk.conftest import Bureau
from tests.desk.conftest import bureau as bureau
from tests.desk.conftest import sqlite_bureau as sqlite_bureau
from tests.desk.conftest import time as time
from workflows.search import answers
from workflows.search.answers import Answer, Question

Ask = Callable[..., Answer]


@pytest.fixture
def ask(bureau: Bureau) -> Ask:
    """What somebody is answered: by login, text and number of the page, narrowed as `Question` has it."""

    def asked(login: str, text: str, number: int = 1, **narrowed: object) -> Answer:
        with bureau.store.read() as session:
            return answers.answer(session, bureau.actor(login), Question(text, **narrowed), number)  # type: ignore[arg-type]

    return asked
