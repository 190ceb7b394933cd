"""External tasks over HTTP, as unchanged clients of Camunda 7 speak it: /engine-rest/external-task.

Error bodies are `{"type", "message", "code"}`, dates `yyyy-MM-dd'T'HH:mm:ss.SSSZ`, success without a body is 204.
Other than there: `asyncResponseTimeout` is honoured for LONGEST_WAIT at most and for few at a time, without a database
connection; priorities and tenants are not told apart; a worker may write only variables that its step declares.
"""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from webapp.api import answers, bodies
from webapp.api.machines import machine
from webapp.characters import marked
from webapp.errors import status_of
from webapp.house import house
from webapp.security import csrf
from webapp.sentences import tell
from workflows import machines
from workflows.calendar import clock
from workflows.desk.execute import execute
from workflows.errors import FashenError, Invalid
from workflows.external.tables import ExternalTask
from workflows.external.values import plain, typed
from workflows.machines import Fetched

blueprint = Blueprint("external_tasks", __name__, url_prefix=f"{answers.PREFIX}/external-task")
csrf.exempt(blueprint)  # there is no cookie to be abused: each request carries its token
blueprint.url_value_preprocessor(bodies.limit)  # the only hook that runs before the house reads a form

LONGEST_WAIT = 2.0
"""Seconds that a fetch that finds nothing may wait for a task."""
SHORT_WAIT = 0.2
"""The wait of those for whom there is no place to wait: clients ask again at once, and must not do so in a circle."""
LOOK_EVERY = 0.5
TOLD = ("errorMessage", "errorDetails")
"""What a program says of its failure: shown to administrators, with a mark for each control character."""
_places = threading.BoundedSemaphore(2)
"""So many threads of a process wait at once; the others are there for people."""


@blueprint.post("/fetchAndLock")
def fetch_and_lock() -> ResponseReturnValue:
    """Lock waiting tasks for a worker and hand them over with their variables."""
    body = bodies.read()
    topics: dict[str, timedelta] = {}
    wanted: dict[str, list[str] | None] = {}
    extended: set[str] = set()
    for each in bodies.objects(body, "topics"):
        name = bodies.text(each, "topicName")
        topics[name] = bodies.milliseconds(each, "lockDuration")
        wanted[name] = [str(one) for one in each["variables"]] if isinstance(each.get("variables"), list) else None
        if each.get("includeExtensionProperties") is True:
            extended.add(name)
    worker, limit = bodies.text(body, "workerId"), bodies.number(body, "maxTasks", 1)
    patience = min(bodies.number(body, "asyncResponseTimeout", 0) / 1000, LONGEST_WAIT)
    found = _fetch(worker, topics, limit, patience)
    return jsonify([_handed(one, wanted[one.row.topic], one.row.topic in extended) for one in found])


@blueprint.post("/<task_id>/complete")
def complete(task_id: str) -> ResponseReturnValue:
    """A worker has done its task."""
    body = bodies.read()
    values = {**plain(body.get("localVariables")), **plain(body.get("variables"))}
    execute(house().store, machines.complete, machine(), task_id, bodies.text(body, "workerId"), values)
    return "", 204


@blueprint.post("/<task_id>/bpmnError")
def bpmn_error(task_id: str) -> ResponseReturnValue:
    """A worker reports an error that the diagram handles."""
    body = bodies.read()
    code, values = bodies.text(body, "errorCode"), plain(body.get("variables"))
    execute(house().store, machines.report_error, machine(), task_id, bodies.text(body, "workerId"), code, values)
    return "", 204


@blueprint.post("/<task_id>/failure")
def failure(task_id: str) -> ResponseReturnValue:
    """A worker could not do its task."""
    body = bodies.read(told=TOLD)
    retries = None if body.get("retries") is None else bodies.number(body, "retries", 0)
    said = [marked(str(body[name])) for name in TOLD if body.get(name)]
    execute(
        house().store, machines.fail, machine(), task_id, bodies.text(body, "workerId"), message="\n".join(said),
        retries=retries, pause=timedelta(milliseconds=bodies.number(body, "retryTimeout", 0)),
    )  # fmt: skip
    return "", 204


@blueprint.post("/<task_id>/extendLock")
def extend_lock(task_id: str) -> ResponseReturnValue:
    """A worker needs its task longer."""
    body = bodies.read()
    duration = bodies.milliseconds(body, "newDuration")
    execute(house().store, machines.extend, machine(), task_id, bodies.text(body, "workerId"), duration)
    return "", 204


@blueprint.post("/<task_id>/lock")
def lock(task_id: str) -> ResponseReturnValue:
    """A worker takes a task that it knows."""
    body = bodies.read()
    duration = bodies.milliseconds(body, "lockDuration")
    execute(house().store, machines.lock, machine(), task_id, bodies.text(body, "workerId"), duration)
    return "", 204


@blueprint.post("/<task_id>/unlock")
def unlock(task_id: str) -> ResponseReturnValue:
    """Give a task back; without a body."""
    execute(house().store, machines.unlock, machine(), task_id)
    return "", 204


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The waiting tasks of the machine's topics."""
    first, most = bodies.asked("firstResult", 0), bodies.asked("maxResults", 100)
    with house().store.read() as session:
        rows = machines.listed(session, _topics(), limit=min(most, 1000), offset=first)
        resting = machines.resting(session, rows)
        return jsonify([_shown(row, suspended=row.id in resting) for row in rows])


@blueprint.get("/count")
def count() -> ResponseReturnValue:
    """How many of the machine's tasks wait; `topicName` as in the list."""
    with house().store.read() as session:
        return jsonify(count=machines.counted(session, _topics()))


@blueprint.get("/<task_id>")
def show(task_id: str) -> ResponseReturnValue:
    """One waiting task of the machine's topics."""
    with house().store.read() as session:
        row = machines.one(session, machine(), task_id)
        return jsonify(_shown(row, suspended=row.id in machines.resting(session, [row])))


@blueprint.errorhandler(FashenError)
def refused(error: FashenError) -> ResponseReturnValue:
    """An error as Camunda's clients read it."""
    status = status_of(error)
    if error.code == "machine.refused":
        answer = jsonify(type="AuthenticationException", message=tell(error, "en"), code=0)
        answer.headers["WWW-Authenticate"] = 'Basic realm="engine-rest"'
        return answer, 401
    if error.code == "case.suspended":
        return jsonify(type="SuspendedEntityInteractionException", message=tell(error, "en"), code=0), 400
    if isinstance(error, Invalid) or error.code == "external.locked":
        status = 400
    kinds = {400: "InvalidRequestException", 403: "AuthorizationException", 404: "RestException"}
    return jsonify(type=kinds.get(status, "ProcessEngineException"), message=tell(error, "en"), code=0), status


@blueprint.errorhandler(HTTPException)
def malformed(error: HTTPException) -> ResponseReturnValue:
    """What Werkzeug itself refuses: no JSON, a body that is too large."""
    return answers.troubled(error.code or 400)


def _topics() -> set[str]:
    """The machine's topics, narrowed to the one that is asked for."""
    named = request.args.get("topicName")
    return set(machine().topics) & ({named} if named else machine().topics)


def _fetch(worker: str, topics: dict[str, timedelta], limit: int, patience: float) -> list[Fetched]:
    """Lock and read; a connection is held while it is asked and never while it waits."""
    placed = patience > 0 and _places.acquire(blocking=False)
    try:
        end = time.monotonic() + (patience if placed else min(patience, SHORT_WAIT))
        while True:
            ids = execute(house().store, machines.lock_tasks, machine(), worker, topics, limit)
            if ids:
                with house().store.read() as session:
                    found, unreadable = machines.fetched(session, ids)
                for task_id, incident in unreadable.items():
                    execute(house().store, machines.set_aside, machine(), task_id, worker, incident)
                if found:
                    return found
            left = end - time.monotonic()
            if left <= 0:
                return []
            time.sleep(min(left, LOOK_EVERY))
    finally:
        if placed:
            _places.release()


def _handed(one: Fetched, wanted: list[str] | None, extended: bool) -> dict[str, Any]:
    chosen = [name for name in one.variables if wanted is None or name in wanted]
    return {
        **_shown(one.row),
        "variables": {name: typed(one.variables[name]) for name in chosen},
        "extensionProperties": dict(one.properties) if extended else {},
    }


def _shown(row: ExternalTask, *, suspended: bool = False) -> dict[str, Any]:
    """Every key that clients look for, null where we have nothing to say."""
    return {
        "id": row.id, "topicName": row.topic, "activityId": row.element_id, "activityInstanceId": row.id,
        "executionId": row.instance_id, "processInstanceId": row.instance_id, "processDefinitionKey": row.process_key,
        "processDefinitionId": f"{row.process_key}:{row.package_hash}", "processDefinitionVersionTag": None,
        "workerId": row.worker, "lockExpirationTime": _moment(row.locked_until), "createTime": _moment(row.created_at),
        "retries": row.retries, "errorMessage": row.error or None, "errorDetails": None, "priority": 0,
        "suspended": suspended, "tenantId": None, "businessKey": row.case_id,
    }  # fmt: skip


def _moment(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    local = clock.local(moment)
    return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}{local:%z}"
