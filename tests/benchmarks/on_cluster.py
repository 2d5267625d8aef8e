"""Run one command on a new cluster: `python on_cluster.py WORKERS THREADS COMMAND ...`, which gets `--dask ADDRESS`.

The cluster is Dask's LocalCluster, each of whose workers has THREADS threads. Prints how long the command took. It is a
program of its own which imports little, as each worker of a LocalCluster imports the program that starts it.
"""

from __future__ import annotations

import subprocess
import sys
import time

COMMAND_ALONE = "command alone:"


def main() -> None:
    """Start the cluster, run the command, stop the cluster; ends with the command's exit code."""
    from distributed import LocalCluster

    workers, threads, *command = sys.argv[1:]
    with LocalCluster(
        int(workers), threads_per_worker=int(threads), host="127.0.0.1", dashboard_address=":0"
    ) as cluster:
        start = time.perf_counter()
        code = subprocess.run([*command, "--dask", cluster.scheduler_address]).returncode
        print(f"{COMMAND_ALONE} {time.perf_counter() - start:.3f}", flush=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
