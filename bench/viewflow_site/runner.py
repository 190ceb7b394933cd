"""Drives approvals through viewflow, told what to do in lines of JSON; answers each with a line.

    {"prepare": true}          make the tables and the people
    {"open": 10}               start ten processes, to be completed by the next "go"
    {"go": true}               complete them, each with one return; says how many completions and from when to when
"""

from __future__ import annotations

import json
import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
django.setup()

from approval.flows import ApprovalFlow  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.http import HttpRequest  # noqa: E402
from viewflow.workflow.models import Task  # noqa: E402
from viewflow.workflow.status import PROCESS, STATUS  # noqa: E402

PEOPLE = {"first_review": "unithead", "legal_review": "legal1", "expert_review": "hearing1", "decide": "deputy"}
OPINION = "经审查，主体合法，事实清楚，证据确凿，同意送下一环节。"


def prepare():
    """Tables, and as many people as our demonstration bureau has."""
    call_command("migrate", run_syncdb=True, verbosity=0)
    for login in (*PEOPLE.values(), *(f"person{number}" for number in range(16))):
        User.objects.create(username=login)


def request_of(user):
    """What a view would have: a request of somebody who is logged in."""
    request = HttpRequest()
    request.user = user
    return request


def complete(process_id, element, decision, users):
    """One completion: find the task, then in one transaction lock, access check, start, answer, execute."""
    task = Task.objects.get(process_id=process_id, status=STATUS.ASSIGNED, flow_task=getattr(ApprovalFlow, element))
    user = users[PEOPLE[element]]
    with task.activation() as activation:
        if not activation.start.has_perm(user):
            raise PermissionError(element)
        activation.start(request_of(user))
        activation.task.data = {"opinion": OPINION}
        if element == "decide":
            activation.process.decision = decision
            activation.process.save()
        activation.execute()


def run(processes):
    """All steps of the processes, one after another: a round that is returned, and one to the end."""
    users = {user.username: user for user in User.objects.filter(username__in=PEOPLE.values())}
    done = 0
    for process_id in processes:
        for decision in ("return", "approve"):
            for element in PEOPLE:
                complete(process_id, element, decision, users)
                done += 1
    return done


def main():
    """Read orders until there are none."""
    opened = []
    for line in sys.stdin:
        order = json.loads(line)
        answer = {}
        if "prepare" in order:
            prepare()
        elif "open" in order:
            opened = [ApprovalFlow.start.run().pk for _ in range(order["open"])]
        else:
            begun = time.monotonic()
            answer = {"completions": run(opened), "begun": begun, "ended": time.monotonic()}
            still = ApprovalFlow.process_class.objects.filter(pk__in=opened).exclude(status=PROCESS.DONE).count()
            if still:
                raise RuntimeError(f"{still} approvals did not end")
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
