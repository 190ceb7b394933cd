"""Official documents: issued with a gap-free number inside a command, printed as PDF by the worker after the commit."""

from workflows.documents.document import Document as Document
from workflows.documents.document import documents_of as documents_of
from workflows.documents.document import get_document as get_document
from workflows.documents.issuing import issue as issue
from workflows.documents.issuing import preview as preview
from workflows.documents.issuing import void_number as void_number
from workflows.documents.rendering import render_pending as render_pending
