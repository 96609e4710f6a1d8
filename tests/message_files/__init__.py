"""Message files that others test their target with, through this one; `python -m message_files`.

The files are those of MeltanoLabs' target-postgres, folder `target_postgres/tests/data_files` of
its source distribution. They are not part of this repository.
"""
