"""The catalogue as a whole, from one reading of the files, so that its digest names exactly what is in force."""

from collections.abc import Mapping
from pathlib import Path

from bot.catalog.checklist import checklist_files, parse_checklists
from bot.catalog.compatibility import check_compatibility, compatibility
from bot.catalog.files import digest, read_files
from bot.catalog.items import check_examples, parse_rules
from bot.catalog.prompts import parse_prompts
from bot.catalog.remedies import parse_remedies
from bot.catalog.taxonomy import parse_failure_modes, parse_taxonomy
from bot.model.protocol import Catalogue


def load_catalogue(root: Path) -> Catalogue:
    """Taxonomy, checklists, remedies and prompts under `root`, the directory that holds `actions/` and `protocols/`.

    Raises DataMissing or DataInvalid: one line that names the file and what is wrong in it.
    """
    return parse_catalogue(read_files(root))


def parse_catalogue(files: Mapping[str, str]) -> Catalogue:
    """The catalogue that these files make: path, as in `protocols/coding/planning.yaml`, -> text.

    Raises as `load_catalogue` does.
    """
    failure_modes = parse_failure_modes(files)
    nodes = parse_taxonomy(files, failure_modes)
    rules = parse_rules(files)
    documents = checklist_files(files)
    check_compatibility(compatibility(files, documents))
    check_examples(files)
    items = parse_checklists(documents, files, nodes, failure_modes, rules)
    return Catalogue(
        nodes=nodes,
        items=items,
        prompts=parse_prompts(files),
        digest=digest(files),
        remedies=parse_remedies(files, nodes, failure_modes, rules, [item.id for item in items]),
    )
