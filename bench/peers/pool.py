"""Python's process pools at the jobs of the P shapes.

Each line of stdin is a job: its name, the number of processes and the number of items. The answer is a line:
how many items there were and the sum of their results. A pool is made when it is first needed and kept.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import Pool

BLOCK = bytes(1 << 20)


def square(x):
    return x * x


JOBS = {
    "map": lambda pool, n: pool.map(square, range(n)),
    "imap_unordered": lambda pool, n: pool.imap_unordered(square, range(n), chunksize=1),
    "executor_map": lambda pool, n: pool.map(square, range(n)),
    "apply": lambda pool, n: (pool.apply(square, (x,)) for x in range(n)),
    "executor_submit": lambda pool, n: (pool.submit(square, x).result() for x in range(n)),
    "apply_len": lambda pool, n: (pool.apply(len, (BLOCK,)) for _ in range(n)),
}


def main():
    pools = {}
    for line in sys.stdin:
        name, processes, items = line.split()
        kind = ProcessPoolExecutor if name.startswith("executor") else Pool
        key = kind, processes
        if key not in pools:
            pools[key] = kind(int(processes))
        count = total = 0
        for result in JOBS[name](pools[key], int(items)):
            count += 1
            total += result
        print(count, total, flush=True)
    for (kind, _), pool in pools.items():
        if kind is Pool:
            pool.terminate()
        else:
            pool.shutdown()


if __name__ == "__main__":
    main()
