"""The catalogue as a whole, from one reading of the files, so that its digest names exactly what is in force."""

from pathlib import Path

from bot.catalog.checklist import parse_checklists
from bot.catalog.files import digest, read_files
from bot.catalog.prompts import parse_prompts
from bot.catalog.taxonomy import parse_failure_modes, parse_taxonomy
from bot.model.protocol import Catalogue


def load_catalogue(root: Path) -> Catalogue:
    """Taxonomy, checklists and prompts under `root`, the directory that holds `actions/` and `protocols/`.

    Raises DataMissing or DataInvalid: one line that names the file and what is wrong in it.
    """
    files = read_files(root)
    failure_modes = parse_failure_modes(files)
    nodes = parse_taxonomy(files, failure_modes)
    return Catalogue(
        nodes=nodes,
        items=parse_checklists(files, nodes, failure_modes),
        prompts=parse_prompts(files),
        digest=digest(files),
    )
