"""Backup and restore of an installation: database, files, and the ledger's checkpoint, in one folder with checksums.

A backup is taken while people work: the database is copied as of one moment, the files after it (they are stored before
the rows that name them and never changed or removed). It bears its name only when it is complete. A restore looks at
everything before it touches anything, and ends with the checks of the auditor.
"""

from workflows.backup.manifest import Manifest as Manifest
from workflows.backup.restoring import Restored as Restored
from workflows.backup.restoring import restore as restore
from workflows.backup.taking import take as take
