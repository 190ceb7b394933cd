"""The append-only log: typed events, chained by hashes, and its verification.

`docs/decisions/0003-ledger-chain.md` says what is hashed and why each stream has a chain of its own.
"""

from workflows.ledger import immutability as immutability
from workflows.ledger import journal as journal
from workflows.ledger.append import append as append
from workflows.ledger.append import lock_stream as lock_stream
from workflows.ledger.checkpoints import Checkpoint as Checkpoint
from workflows.ledger.checkpoints import checkpoint as checkpoint
from workflows.ledger.entries import Entry as Entry
from workflows.ledger.history import describe as describe
from workflows.ledger.history import history as history
from workflows.ledger.history import name_codes as name_codes
from workflows.ledger.history import of_event as of_event
from workflows.ledger.history import timeline as timeline
from workflows.ledger.verification import Fault as Fault
from workflows.ledger.verification import verify as verify
