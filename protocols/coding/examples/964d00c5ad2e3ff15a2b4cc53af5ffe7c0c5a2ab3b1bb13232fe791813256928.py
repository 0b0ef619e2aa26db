import json


class SettingsUnreadable(ValueError):
    """The text of the settings is no JSON object."""


def read_settings(text: str) -> dict[str, object]:
    """Raises SettingsUnreadable; every other error is passed on."""
    try:
        settings = json.loads(text)
    except json.JSONDecodeError as error:
        raise SettingsUnreadable(f"line {error.lineno}: {error.msg}") from error
    if not isinstance(settings, dict):
        raise SettingsUnreadable("the settings are no object")
    return settings
