"""Whether anything changed for an open page, asked every few seconds: one statement, no write, no page."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from webapp import watching as pages
from webapp.house import house
from webapp.sessions import idle, token
from workflows import watching

blueprint = Blueprint("live", __name__)


@blueprint.get("/live")
def look() -> ResponseReturnValue:
    """304 while nothing changed since the state in If-None-Match; else how many notices wait, with the new state.

    ?of: the signed ids of the page. 401 when the login has ended; asking does not prolong it.
    """
    with house().store.read() as session:
        found = watching.look(session, token(), pages.scopes(request.args.get("of", "")), idle=idle())
    if found is None:
        return Response(status=401)
    state = pages.state(found.beat)
    response = Response(status=304) if state in request.if_none_match else jsonify(unread=found.unread)
    response.set_etag(state)
    return response
