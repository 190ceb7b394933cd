"""The faces of official documents: where they come from (build.py) and which one draws a character (faces.py)."""

from workflows.documents.fonts.faces import Fonts as Fonts
from workflows.documents.fonts.faces import fonts_of as fonts_of
