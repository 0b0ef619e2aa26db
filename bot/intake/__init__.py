"""Intake: from a webhook's bytes to an event, from an issue's text to a frozen task, and who may ask for one."""
