"""What language models took, entry by entry: `briefing.llm.caps.Ledger` in the store."""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, insert, select, update

from briefing.errors import ModelError
from briefing.llm.caps import Caps, Spent
from briefing.store.engine import Database
from briefing.store.schema import spending

_HAIR = 1e-9  # money: sums of decimal fractions miss by less


class Spending:
    """The ledger of a store: what all its programs have spent. Safe between threads; raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(self, day: str, run: str, tokens: int, cost: float | None, caps: Caps, highest: float = 0.0) -> int:
        """As in `Ledger`. Where a server dies while it answers, the entry may stand twice: that counts too much."""
        return self._database.write(_reserve, (day, run), (tokens, cost), caps, highest)

    def settle(self, reservation: int, tokens: int, cost: float | None) -> None:
        """Correct an entry to what the call took in fact."""
        values = {"tokens": tokens, "cost": cost, "state": "settled"}
        statement = update(spending).where(spending.c.id == reservation).values(values)
        self._database.write(lambda connection: connection.execute(statement))

    def release(self, reservation: int) -> None:
        """Strike an entry out: its call took nothing."""
        statement = delete(spending).where(spending.c.id == reservation)
        self._database.write(lambda connection: connection.execute(statement))

    def spent(self, day: str) -> Spent:
        """What all runs took on a day (a date in UTC)."""
        return self._database.read(_spent, "day", day, 0.0)


def _reserve(
    connection: Connection, when: tuple[str, str], most: tuple[int, float | None], caps: Caps, highest: float
) -> int:
    (day, run), (tokens, cost) = when, most
    for name, key, most_tokens, most_cost in (
        ("run", run, caps.tokens_per_run, caps.cost_per_run),
        ("day", day, caps.tokens_per_day, caps.cost_per_day),
    ):
        spent = _spent(connection, name, key, highest)
        if most_tokens is not None and spent.tokens + tokens > most_tokens:
            raise _passed(name, "tokens", f"{most_tokens} tokens", f"{spent.tokens}", f"{tokens}")
        if most_cost is not None and spent.cost + (cost or 0.0) > most_cost + _HAIR:
            raise _passed(name, "cost", f"{most_cost:g}", f"{spent.cost:.4g}", f"{cost or 0.0:.4g}")
    entry = (
        insert(spending).values(day=day, run=run, tokens=tokens, cost=cost, state="reserved").returning(spending.c.id)
    )
    return int(connection.execute(entry).scalar_one())


def _spent(connection: Connection, name: str, key: str, highest: float) -> Spent:
    cost = func.sum(func.coalesce(spending.c.cost, spending.c.tokens * highest))
    query = select(func.coalesce(func.sum(spending.c.tokens), 0), func.coalesce(cost, 0.0))
    tokens, money = connection.execute(query.where(spending.c[name] == key)).one()
    return Spent(int(tokens), float(money))


def _passed(name: str, unit: str, most: str, spent: str, needed: str) -> ModelError:
    return ModelError(
        "cap",
        f"the {name}'s cap of {most} would be passed: {spent} spent or reserved, and this call may take {needed}; "
        f"raise {unit}_per_{name}",
    )
