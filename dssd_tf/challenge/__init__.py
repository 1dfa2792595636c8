"""Editions as data, budgets, submission packages and their validation; needs no TensorFlow."""

from dssd_tf.challenge.budget import BudgetCheck, check_budget
from dssd_tf.challenge.edition import (
    Edition,
    EditionLimits,
    list_editions,
    load_edition,
)
from dssd_tf.challenge.entry import Entry, read_entry
from dssd_tf.challenge.entry_template import write_entry_template
from dssd_tf.challenge.fault import Fault
from dssd_tf.challenge.headroom import Headroom, network_headroom
from dssd_tf.challenge.package import write_package
from dssd_tf.challenge.system_result import SystemResult
from dssd_tf.challenge.validate import validate

__all__ = [
    "BudgetCheck",
    "Edition",
    "EditionLimits",
    "Entry",
    "Fault",
    "Headroom",
    "SystemResult",
    "check_budget",
    "list_editions",
    "load_edition",
    "network_headroom",
    "read_entry",
    "validate",
    "write_entry_template",
    "write_package",
]
