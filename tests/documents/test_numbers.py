"""Numbers: worded by pattern, without gaps, also when several processes take them at once."""

from __future__ import annotations

import subprocess
import sys

import pytest
from sqlalchemy import select

from tests.documents.conftest import Bureau, found
from workflows.actors import Unit
from workflows.documents.numbers import NumberSeries, format_number, next_number, pattern_of
from workflows.errors import Invalid
from workflows.store import Store

TAKERS, EACH = 2, 15

TAKE = """
import random, sys
from workflows import models
from workflows.actors import Unit
from workflows.documents.numbers import next_number
from workflows.store import Store
store, chance = Store(sys.argv[1]), random.Random(int(sys.argv[3]))
class GivenUp(Exception): ...
done = 0
while done < int(sys.argv[4]):
    try:
        with store.work() as session:
            seq, number = next_number(session, session.get_one(Unit, sys.argv[2]), "penalty_decision", 2024)
            if chance.random() < 0.3:
                raise GivenUp
    except GivenUp:
        continue
    done += 1
    print(seq, number, flush=True)
"""


def unit_with(patterns: object) -> Unit:
    return Unit(name="衢州市应急管理局", level="city", region="衢", settings={"number_patterns": patterns})


@pytest.mark.parametrize(
    ("type", "number"),
    [
        ("penalty_decision", "（衢）应急罚〔2023〕1号"),
        ("penalty_notice", "（衢）应急告〔2023〕1号"),
        ("no_penalty_decision", "（衢）应急不罚〔2023〕1号"),
        ("referral_letter", "（衢）应急移〔2023〕1号"),
        ("review_opinion", "（衢）应急法审〔2023〕1号"),
        ("discussion_record", "（衢）应急集讨〔2023〕1号"),
    ],
)
def test_a_number_names_region_type_year_and_place(type: str, number: str) -> None:
    assert format_number(unit_with({}), type, 2023, 1) == number


def test_a_bureau_may_word_its_numbers_its_own_way() -> None:
    own, others = "丘应急罚〔{year}〕事故-{seq:02d}号", "{region}应急{letters}〔{year}〕{seq}号"
    unit = unit_with({"penalty_decision": own, "default": others})
    assert format_number(unit, "penalty_decision", 2019, 3) == "丘应急罚〔2019〕事故-03号"
    assert format_number(unit, "penalty_notice", 2019, 3) == "衢应急告〔2019〕3号"


@pytest.mark.parametrize(
    "pattern",
    ["罚〔{year}〕号", "罚{seq}号", "{year}{seq}{name}", "{year}{seq}{region.__class__}", "{year}{seq!r}{0}",
     "{year}{seq}{", "{year}{seq}{region:{seq}}", "{year:>99999999s}{seq}", "{year}{seq:0999999d}", "{year}{seq}" * 9],
)  # fmt: skip
def test_a_pattern_that_cannot_work_is_refused(pattern: str) -> None:
    with pytest.raises(Invalid) as refused:
        pattern_of(unit_with({"default": pattern}), "penalty_decision")
    assert refused.value.code == "document.pattern_invalid"


def test_each_type_and_year_counts_for_itself(store: Store, bureau: Bureau) -> None:
    with store.work() as session:
        unit = session.get_one(Unit, bureau.subject)
        taken = [
            next_number(session, unit, type, year)[0]
            for type, year in [("penalty_decision", 2023), ("penalty_decision", 2023), ("penalty_notice", 2023),
                               ("penalty_decision", 2024), ("penalty_decision", 2023)]
        ]  # fmt: skip
    assert taken == [1, 2, 1, 1, 3]


def test_a_command_that_fails_gives_its_number_back(store: Store, bureau: Bureau) -> None:
    with store.read() as session:  # thrown away, as a command that fails is
        assert next_number(session, session.get_one(Unit, bureau.subject), "penalty_decision", 2023)[0] == 1
    with store.work() as session:
        assert next_number(session, session.get_one(Unit, bureau.subject), "penalty_decision", 2023)[0] == 1


def test_processes_that_race_leave_no_gap_and_no_double(store: Store) -> None:
    bureau = found(store)
    url = store.engine.url.render_as_string(hide_password=False)
    takers = [
        subprocess.Popen(
            [sys.executable, "-c", TAKE, url, bureau.subject, str(number), str(EACH)], stdout=subprocess.PIPE, text=True
        )
        for number in range(TAKERS)
    ]
    lines = [line for taker in takers for line in taker.communicate()[0].splitlines()]
    assert all(taker.returncode == 0 for taker in takers)
    numbers = sorted(int(line.split()[0]) for line in lines)
    assert numbers == list(range(1, TAKERS * EACH + 1))
    with store.read() as session:
        assert session.execute(select(NumberSeries.last)).scalar_one() == TAKERS * EACH
