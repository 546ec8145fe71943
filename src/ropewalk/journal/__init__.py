from ropewalk.journal.inputs import DataSet, Inputs, Plugin
from ropewalk.journal.steps import canonical_times
from ropewalk.journal.writer import JournalWriter
