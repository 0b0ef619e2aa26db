import sqlite3


def orders_of(database: sqlite3.Connection, customer: str) -> list[tuple[int, str]]:
    """What comes from outside is bound to the query, never written into it."""
    rows = database.execute("SELECT number, state FROM orders WHERE customer = ?", (customer,))
    return [(number, state) for number, state in rows]
