"""The whole of Numberyard on one machine: `make run` and the servers under `make test`.

`place` says where the embedded servers live and as whom they run, `postgres` and `redis` describe them, `servers`
brings them up. `program` is one process, `keeper` keeps one running, `processes` lists them, `__main__` is the command
line.
"""
