"""SQL over datasets by Sail, or another server that speaks Spark Connect.

The client is an extra (`pip install 'opendataset-target-dataset[sail]'`); it needs no JVM. The
server reads the tables by itself and with its own keys; it gets the query and their addresses.
"""

from __future__ import annotations

import re
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from dataset_store.delta.store import DeltaStore
from dataset_store.errors import DatasetError, StoreError
from dataset_store.evolution import storable
from dataset_store.queries import check_query, distinct, mentioned, quoted, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pyspark.sql.connect.session import SparkSession

    from dataset_store.base import DatasetInfo, DatasetStore

_MARK: Final = "`"
"""The character that quotes a name in Spark's SQL; double quotes may hold text."""

_CONNECT_SECONDS: Final = 10
_RETRIES: Final = 4
"""With Spark's own number, a client waits ten minutes for a server that has stopped."""

_QUOTED: Final = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`", re.DOTALL)
"""Texts and names."""

_COMMENT: Final = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)

_WRITE: Final = re.compile(
    r"\b(?:insert\s+(?:into|overwrite)|merge\s+(?:into|with)|delete\s+from|update\s+\S+\s+set)\b",
    re.IGNORECASE,
)
"""What some servers take after WITH. Sail refuses it by itself."""

_QUERY_FAULTS: Final = frozenset(
    {
        "AnalysisException",
        "ArithmeticException",
        "IllegalArgumentException",
        "ParseException",
        "UnsupportedOperationException",
    }
)
"""Errors about the query itself, if they come before it runs; others may quote a storage server."""

_VALUE_FAULTS: Final = {
    "ArithmeticException": "a number is divided by zero or out of range",
    "QueryExecutionException": "the server cannot read a file; check its keys and its network",
    "SparkConnectGrpcException": "the connection broke, or the server has an error; see its log",
}


def answer(sql: str, store: DatasetStore, address: str) -> pa.RecordBatchReader:
    """Run one query over the datasets of a store; the result is held in memory.

    Args:
        sql: The query, in Spark's SQL.
        store: A store whose tables the server finds under the same addresses.
        address: The server, such as `sc://127.0.0.1:50051`.

    Raises:
        StoreError: The store has no tables for other engines, or there is no server.
        DatasetError: The server rejects the query, or the client is not installed.
    """
    check_query(sql)
    if _WRITE.search(_COMMENT.sub(" ", _QUOTED.sub("x", sql))):
        message = "SQL: it is not a query; it may not write to a table"
        raise DatasetError(message)
    if not isinstance(store, DeltaStore):
        message = "SQL: --engine sail reads datasets in folders and in S3; export this one"
        raise StoreError(message)
    infos = list(store.list())
    with _connected(address) as spark:
        _make_views(spark, mentioned(sql, infos, _MARK), {info.id: info for info in infos})
        found = _result(spark, sql, [info.name for info in infos])
    schema = distinct(storable(found.schema))
    columns = [values.cast(field.type) for values, field in zip(found.columns, schema, strict=True)]
    return pa.table(columns, schema=schema).to_reader()


@contextmanager
def _connected(address: str) -> Iterator[SparkSession]:
    """A session of the server; its views end with it.

    Raises:
        StoreError: The address is not valid, or no such server answers.
        DatasetError: The client is not installed.
    """
    grpc, client, session = _client()
    try:
        builder = client.DefaultChannelBuilder(address)
        host = builder.endpoint
    except Exception:  # noqa: BLE001 - its text has the address, which may hold a token
        host = ""
    # without the slash that begins options, they are taken for the host
    if not host or ";" in host:
        message = (
            "--address: it is not the address of a server; write it as sc://127.0.0.1:50051, and "
            "options as sc://host:443/;use_ssl=true;token=..."
        )
        raise StoreError(message)
    try:
        with builder.toChannel() as channel:
            grpc.channel_ready_future(channel).result(timeout=_CONNECT_SECONDS)
        spark = session.SparkSession.builder.channelBuilder(builder).create()
    except Exception as error:  # noqa: BLE001 - its text has the address
        message = (
            f"--address: no Spark Connect server answers at {host} ({type(error).__name__}); "
            "start one (sail spark server), or fix the address"
        )
        raise StoreError(message) from None
    try:
        spark.client.set_retry_policies([client.retries.DefaultPolicy(max_retries=_RETRIES)])
        spark.conf.set("spark.sql.session.timeZone", "UTC")
        yield spark
    finally:
        spark.stop()


def _client() -> tuple[Any, Any, Any]:
    try:
        with warnings.catch_warnings():
            # about versions of pandas, which is not used here
            warnings.simplefilter("ignore")
            import grpc  # type: ignore[import-untyped] # noqa: PLC0415 - an extra
            from pyspark.sql.connect import client, session  # noqa: PLC0415
    except ImportError:
        message = (
            "The client of Spark Connect is not installed, which --engine sail needs; "
            "pip install 'opendataset-target-dataset[sail]'"
        )
        raise DatasetError(message) from None
    return grpc, client, session


def _make_views(
    spark: SparkSession, names: Mapping[str, str], infos: Mapping[str, DatasetInfo]
) -> None:
    for called, dataset_id in names.items():
        location = infos[dataset_id].location
        try:
            spark.sql(
                f"create or replace temporary view {quoted(called, _MARK)} "  # noqa: S608 - quoted
                f"as select * from delta.{quoted(location, _MARK)}"
            )
        except Exception as error:  # noqa: BLE001 - its text has the answer of a storage server
            message = (
                f"Dataset {dataset_id}: the server of --address cannot read {location} "
                f"({type(error).__name__}); run it where it reaches this address, and give it "
                "keys of its own"
            )
            raise StoreError(message) from None


def _result(spark: SparkSession, sql: str, names: Iterable[str]) -> pa.Table:
    """All rows.

    Raises:
        DatasetError: The server rejects the query, or a value does not suit it.
    """
    try:
        frame = spark.sql(sql)
        # has it analyzed: until then, the server has read no rows that its message could quote
        _ = frame.schema
    except Exception as error:  # noqa: BLE001 - clients raise many types
        if type(error).__name__ not in _QUERY_FAULTS:
            raise _failure(error) from None
        said = str(error).removeprefix("invalid argument: ")
        raise refusal(said, sql, names, _MARK) from None
    try:
        return frame.toArrow()
    except Exception as error:  # noqa: BLE001
        raise _failure(error) from None


def _failure(error: Exception) -> DatasetError:
    kind = type(error).__name__
    hint = _VALUE_FAULTS.get(kind, "a value may not suit the query; try_cast gives null instead")
    return DatasetError(f"SQL: the server failed ({kind}): {hint}")
