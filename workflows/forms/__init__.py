"""Forms of people's steps: form-js schemas read on the server, answers read from what was posted and validated here."""

from workflows.forms.honoured import unhonoured as unhonoured
from workflows.forms.reading import ROW_LIMIT as ROW_LIMIT
from workflows.forms.reading import read as read
from workflows.forms.reading import row_count as row_count
from workflows.forms.rights import RIGHTS as RIGHTS
from workflows.forms.rights import completed as completed
from workflows.forms.rights import of_draft as of_draft
from workflows.forms.rights import restricted as restricted
from workflows.forms.rights import writes as writes
from workflows.forms.schema import KINDS as KINDS
from workflows.forms.schema import Field as Field
from workflows.forms.schema import Form as Form
from workflows.forms.schema import Option as Option
from workflows.forms.schema import Options as Options
from workflows.forms.schema import parse as parse
from workflows.forms.validation import free_texts as free_texts
from workflows.forms.validation import to_json as to_json
from workflows.forms.validation import typed as typed
from workflows.forms.validation import validate as validate
from workflows.forms.validation import with_labels as with_labels
from workflows.forms.values import TEXT_LIMIT as TEXT_LIMIT
