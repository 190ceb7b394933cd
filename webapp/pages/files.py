"""Files of a case: materials that were handed in and documents that were issued."""

from __future__ import annotations

import os
import re
from typing import IO, Any
from urllib.parse import quote

from flask import Blueprint, Response, request, send_file
from flask.typing import ResponseReturnValue

from webapp.house import actor, house
from webapp.pages.cases import case_of
from webapp.security import content_policy
from workflows.cases.materials import Material
from workflows.documents import Document
from workflows.errors import NotFound

blueprint = Blueprint("files", __name__)

INLINE = frozenset({"application/pdf", "image/jpeg", "image/png"})
"""What a browser may show by itself; everything else is only saved. Nothing of it may run or load anything."""


@blueprint.get("/files/<case_id>/<material_id>")
def material(case_id: str, material_id: str) -> ResponseReturnValue:
    """A material, shown if the browser can and else saved; ?save=1 saves in any case."""
    with house().store.read() as session:
        case_of(session, actor(), case_id)
        row = session.get(Material, material_id)
        if row is None or row.case_id != case_id:
            raise NotFound("material.unknown", material=material_id)
        found = row.sha256, row.media_type, row.file_name, f"{row.kind}-{row.id[:8]}"
    return _deliver(*found)


@blueprint.get("/documents/<document_id>.pdf")
def document(document_id: str) -> ResponseReturnValue:
    """An issued document as PDF."""
    with house().store.read() as session:
        row = session.get(Document, document_id)
        if row is None or not row.sha256:
            raise NotFound("document.unknown", document=document_id)
        case_of(session, actor(), row.case_id)
        plain = "-".join([row.type, *re.findall("[0-9]+", row.number)])
        found = row.sha256, "application/pdf", f"{row.number}.pdf", plain
    return _deliver(*found)


def _deliver(sha256: str, media_type: str, name: str, plain: str) -> Response:
    """plain: the name without its ending for programs that know no Chinese; werkzeug would leave only brackets."""
    stream: IO[bytes] = house().files.open(sha256)
    inline = media_type in INLINE and not request.args.get("save")
    kind: Any = media_type if media_type in INLINE or not inline else "application/octet-stream"
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    response = send_file(stream, mimetype=kind, as_attachment=not inline, download_name=name, max_age=0, etag=sha256)
    # Part by part, so that the first page of a long scan is there at once; a part of another content is never mixed in.
    response.make_conditional(request.environ, accept_ranges=True, complete_length=size)
    ending = re.search(r"\.[A-Za-z0-9]{1,8}$", name)
    response.headers.set(
        "Content-Disposition", "inline" if inline else "attachment", filename=plain + (ending[0] if ending else ""),
        **{"filename*": "UTF-8''" + quote(name, safe="")},
    )  # fmt: skip
    return sandboxed(response)


def sandboxed(response: Response) -> Response:
    """A file's answer with a policy of its own: it is looked at, and does nothing."""
    # A file from outside is an enemy: sandboxed it can run no script, reach no cookie and load nothing. Chromium's PDF
    # viewer needs inline styles of its own.
    response.headers["Content-Security-Policy"] = (
        content_policy(script_src="'none'", style_src="'unsafe-inline'", img_src="'self' data:") + "; sandbox"
    )
    return response
