"""Asks one engine about tables in S3, in the engine's environment; knows nothing of this project.

`python asker.py ENGINE` runs the recipe in the first line of its input, a JSON object of `recipe` and
`location`, again if another line has one. Each further line has a `location` and questions in SQL (`ask`) about the table `posts`
there, which has the column `place` beside its own: a value out of its JSON text. It answers with a line
of JSON: the rows of each question, or the error.
"""

from __future__ import annotations

import json
import os
import sys
from decimal import Decimal
from typing import Any


class Asker:
    """An engine, as its recipe has set it up.

    Args:
        recipe: The variables that the recipe has left.
    """

    def __init__(self, recipe: dict[str, Any]) -> None:
        self.recipe = recipe

    def open(self, location: str) -> None:
        """Make a table `posts`."""
        raise NotImplementedError

    def ask(self, sql: str) -> Any:
        """The answer of a question as a PyArrow table."""
        raise NotImplementedError

    def close(self) -> None:
        """End what the recipe has started."""


class Sail(Asker):
    def open(self, location: str) -> None:
        posts = self.recipe["spark"].read.format("delta").load(location)
        places = posts.selectExpr("*", "get_json_object(entities, '$.place') as place")
        places.createOrReplaceTempView("posts")

    def ask(self, sql: str) -> Any:
        return self.recipe["spark"].sql(sql).toArrow()

    def close(self) -> None:
        self.recipe["spark"].stop()


class DaftOnRay(Asker):
    def open(self, location: str) -> None:
        daft, config = self.recipe["daft"], self.recipe["IOConfig"](s3=self.recipe["s3"])
        posts = daft.read_deltalake(location, io_config=config)
        text = daft.DataType.struct({"place": daft.DataType.string()})
        place = posts["entities"].try_deserialize("json", text)["place"]
        self._posts = posts.with_column("place", place)

    def ask(self, sql: str) -> Any:
        return self.recipe["daft"].sql(sql, posts=self._posts).to_arrow()

    def close(self) -> None:
        self.recipe["ray"].shutdown()
        self.recipe["cluster"].shutdown()


class DuckDB(Asker):
    def open(self, location: str) -> None:
        scan = f"select *, entities->>'$.place' as place from delta_scan('{location}')"
        self.recipe["duckdb"].sql(f"create or replace view posts as {scan}")

    def ask(self, sql: str) -> Any:
        return self.recipe["duckdb"].sql(sql).to_arrow_table()


class Polars(Asker):
    def open(self, location: str) -> None:
        polars = self.recipe["polars"]
        place = polars.col("entities").str.json_path_match("$.place").alias("place")
        posts = polars.scan_delta(location).with_columns(place)
        self._sql = polars.SQLContext(posts=posts)

    def ask(self, sql: str) -> Any:
        return self._sql.execute(sql).collect().to_arrow()


ASKERS = {
    "sail": Sail,
    "merge-with-sail": Sail,
    "daft-on-ray": DaftOnRay,
    "duckdb": DuckDB,
    "polars": Polars,
}


def plain(value: Any) -> Any:
    """A value of an answer as JSON; engines differ in the types of sums."""
    if isinstance(value, Decimal) and value == int(value):
        return int(value)
    return value if value is None or isinstance(value, int | str) else repr(value)


def answer(asker: Asker, request: dict[str, Any]) -> list[list[list[Any]]]:
    """The rows of each question."""
    asker.open(request["location"])
    answers = [asker.ask(sql) for sql in request["ask"]]
    return [
        [[plain(value) for value in row] for row in zip(*table.to_pydict().values(), strict=True)]
        for table in answers
    ]


def told(work: Any) -> dict[str, Any]:
    """What some work gives, or the error."""
    try:
        return {"answer": work()}
    except Exception as error:  # noqa: BLE001 - whatever an engine raises is its answer
        return {"error": f"{type(error).__name__}: {error}"}


def main() -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what recipes show
    recipe: dict[str, Any] = {}

    def reply(work: Any) -> None:
        print(json.dumps(told(work)), file=answers, flush=True)

    asker = ASKERS[sys.argv[1]](recipe)
    for line in sys.stdin:
        request = json.loads(line)
        if "recipe" in request:
            recipe["location"] = request["location"]
            reply(lambda: exec(request["recipe"], recipe))  # noqa: B023 - called at once
        else:
            reply(lambda: answer(asker, request))  # noqa: B023
    asker.close()


if __name__ == "__main__":
    main()
