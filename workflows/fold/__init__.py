"""State equals the fold of the ledger: what the tables say of every case, compared with what its ledger tells.

`rows` folds the journal of rows, `told` the entries that people read, `position` drives the processes anew.
"""

from workflows.fold.adoption import take_over as take_over
from workflows.fold.difference import Difference as Difference
from workflows.fold.verification import verify_root as verify_root
from workflows.fold.verification import verify_state as verify_state
