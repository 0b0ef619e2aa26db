"""Housekeeping: raw texts of failures are kept only as long as a person may want to read them."""

from datetime import datetime, timedelta

from bot.store.database import Database
from bot.store.failures import delete_texts


async def keep_house(database: Database, now: datetime, keep_texts: timedelta) -> int:
    """Delete the raw texts of failures that are older than `keep_texts`; says how many. Raises StoreUnavailable."""
    return await database.transact(delete_texts, now - keep_texts)
