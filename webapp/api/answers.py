"""What programs outside are told when something is wrong: JSON as Camunda 7 answers it, for whatever address they ask.

Every error body is `{"type", "message", "code"}`; clients read `message`, and some stop at anything but JSON.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Response, jsonify, request

PREFIX = "/engine-rest"
"""Below it programs ask, and nobody reads pages."""
TYPES = {404: "NotFoundException", 405: "NotAllowedException"}
"""Status → the word of Camunda's answer, where no command refused. All others: a wrong request, or a failure."""


def asked_by_a_program() -> bool:
    """Whether this request is one for programs, also where nothing lies at its address."""
    return request.path == PREFIX or request.path.startswith(f"{PREFIX}/")


def troubled(status: int, reference: str = "") -> Response:
    """An error of the server or of HTTP itself. reference: the number under which it stands in the log."""
    kind = TYPES.get(status, "InvalidRequestException" if status < 500 else "ProcessEngineException")
    said = HTTPStatus(status).phrase + (f" (reference {reference})" if reference else "")
    answer = jsonify(type=kind, message=said, code=0)
    answer.status_code = status
    return answer
