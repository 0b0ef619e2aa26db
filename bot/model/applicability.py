"""Where a checklist item holds, besides its action items: features that are known before the first Executor call.

A closed list, each feature with the form of its values, so that what stands in a protocol file was never free text.
A repository is known by a hash that is salted by its installation: it matches there, and says nothing elsewhere.
"""

import re
from collections.abc import Mapping
from typing import Final

_LANGUAGES: Final = (
    "python|javascript|typescript|c|cpp|csharp|go|java|kotlin|php|ruby|rust|scala|shell|swift|unknown|other"
)

WHEN_FORMS: Final[Mapping[str, re.Pattern[str]]] = {
    "domain": re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*"),
    "file_kind": re.compile("source|test|ci|docs|config|data|other"),
    "language": re.compile(_LANGUAGES),
    "model": re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/-]{0,79}"),
    "planned_items": re.compile(r"0|1|2|3-4|5-8|9\+"),
    "repository": re.compile(r"[0-9a-f]{16}"),
}
"""By feature: what a value has to look like as a whole."""


def holds_for(feature: str, value: str) -> bool:
    """Whether an item can be bound to `feature` having `value`."""
    form = WHEN_FORMS.get(feature)
    return form is not None and len(value) <= 80 and form.fullmatch(value) is not None
