"""The catalogue: everything that is data and not code (taxonomy, checklists, prompts, policy), read, checked, typed.

The only home of YAML. Nothing wrong in the data gets further than here: every file is validated against its schema and
every reference is followed before anything of it is used.
"""

from bot.catalog.catalogue import load_catalogue
from bot.catalog.errors import DataInvalid, DataMissing
from bot.catalog.files import find_data
from bot.catalog.policy import Policy, PromptBudget, load_policy
from bot.catalog.repository_config import parse_repository_config

__all__ = [
    "DataInvalid",
    "DataMissing",
    "Policy",
    "PromptBudget",
    "find_data",
    "load_catalogue",
    "load_policy",
    "parse_repository_config",
]
