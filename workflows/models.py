"""Every module that defines tables, imported in one place, so that `Base.metadata` is whole.

Migrations and tests import this; a test fails when a module with tables is missing here.
"""

from workflows import actors as actors
from workflows import outbox as outbox
from workflows import pulse as pulse
from workflows import sessions as sessions
from workflows.calendar import clocks as clocks
from workflows.calendar import days as days
from workflows.cases import catalogue as catalogue
from workflows.cases import file as file
from workflows.cases import materials as materials
from workflows.cases import meetings as meetings
from workflows.cases import notes as notes
from workflows.cases import orders as orders
from workflows.cases import proceedings as proceedings
from workflows.cases import recusals as recusals
from workflows.cases import reviews as reviews
from workflows.cases import tasks as case_tasks  # noqa: F401
from workflows.desk import copies as copies
from workflows.desk import remarks as remarks
from workflows.desk import tasks as tasks
from workflows.desk.lists import columns as columns
from workflows.desk.lists import saved as saved
from workflows.desk.migrating import tables as migration_tables  # noqa: F401
from workflows.diagrams import draft_tables as draft_tables
from workflows.diagrams import library as library
from workflows.diagrams import release_table as release_table
from workflows.diagrams import suspension_table as suspension_table
from workflows.diagrams import trying_tables as trying_tables
from workflows.documents import document as document
from workflows.documents import numbers as numbers
from workflows.engine import packages as packages
from workflows.engine import state as state
from workflows.external import tables as tables
from workflows.ledger import checks as checks
from workflows.ledger import entries as entries
from workflows.notices import certificates as certificates
from workflows.notices import deliveries as deliveries
from workflows.notices import profiles as profiles
from workflows.notices import reminders as reminders
from workflows.operations import repair_table as repair_table
from workflows.search import entries as search_entries  # noqa: F401
from workflows.staff import requests as requests
from workflows.store import Base

metadata = Base.metadata
"""All tables of the house."""
