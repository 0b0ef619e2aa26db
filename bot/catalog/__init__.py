"""The catalogue: everything that is data and not code (taxonomy, checklists, prompts, policy), read, checked, typed.

The only home of YAML. Nothing wrong in the data gets further than here: every file is validated against its schema and
every reference is followed before anything of it is used.
"""

from bot.catalog.catalogue import load_catalogue, parse_catalogue
from bot.catalog.compatibility import Compatibility, Understanding, load_compatibility
from bot.catalog.errors import DataInvalid, DataMissing
from bot.catalog.files import find_data, holds, read_files
from bot.catalog.lint import Finding, lint, lint_tree
from bot.catalog.policy import Policy, PromptBudget, load_policy, parse_policy
from bot.catalog.repository_config import CONFIG_PATH, default_config, parse_repository_config

__all__ = [
    "CONFIG_PATH",
    "Compatibility",
    "DataInvalid",
    "DataMissing",
    "Finding",
    "Policy",
    "PromptBudget",
    "Understanding",
    "default_config",
    "find_data",
    "holds",
    "lint",
    "lint_tree",
    "load_catalogue",
    "load_compatibility",
    "load_policy",
    "parse_catalogue",
    "parse_policy",
    "parse_repository_config",
    "read_files",
]
