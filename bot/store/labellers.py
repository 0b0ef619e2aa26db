"""How many people ask for work: as many witnesses as there can be."""

from sqlalchemy import Connection, distinct, func, select

from bot.store.tasks import task_table


def count_labellers(connection: Connection) -> int:
    """Different people who have labelled an issue, as far as they are known."""
    query = select(func.count(distinct(task_table.c.labeller))).where(task_table.c.labeller != "")
    return connection.execute(query).scalar_one()
