"""Python's process pools at the jobs of the P shapes.

Each line of stdin is a job: its name, the number of processes and the number of items. The answer is a line:
how many items there were and the sum of their results. A pool is made when it is first needed and kept.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import Lock, Manager, Pool, Value

BLOCK = bytes(1 << 20)


def square(x):
    return x * x


def resources():
    """What the processes of the next pool share."""
    global MANAGER  # which ends with the last reference to it
    MANAGER = Manager()
    return Value("q"), Lock(), MANAGER.dict()


def share(*shared):
    global VALUE, LOCK, DICT
    VALUE, LOCK, DICT = shared


def value_often(n):
    before = VALUE.value
    for _ in range(n):
        with VALUE.get_lock():
            VALUE.value += 1
    return VALUE.value - before


def lock_often(n):
    had = 0
    for _ in range(n):
        with LOCK:
            had += 1
    return had


def dict_often(n):
    DICT["n"] = 0
    for _ in range(n):
        DICT["n"] = DICT["n"] + 1
    return DICT["n"]


SHARING = {"value": value_often, "lock": lock_often, "manager": dict_often}

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
        sharing = name in SHARING
        key = kind, processes, sharing
        if key not in pools:
            how = {"initializer": share, "initargs": resources()} if sharing else {}
            pools[key] = kind(int(processes), **how)
        if sharing:
            print(1, pools[key].apply(SHARING[name], (int(items),)), flush=True)
            continue
        count = total = 0
        for result in JOBS[name](pools[key], int(items)):
            count += 1
            total += result
        print(count, total, flush=True)
    for (kind, _, _), pool in pools.items():
        if kind is Pool:
            pool.terminate()
        else:
            pool.shutdown()


if __name__ == "__main__":
    main()
