"""What a Python developer would take: icmplib's async_multiping over a list, once.

PYTHONPATH=<peers> python icmplib_sweep.py LIST PRIVILEGED
"""

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

from icmplib import async_multiping

hosts = Path(sys.argv[1]).read_text().split()
wall = time.perf_counter()
spent = resource.getrusage(resource.RUSAGE_SELF)
found = asyncio.run(
    async_multiping(
        hosts,
        count=1,
        interval=0,
        timeout=1,
        concurrent_tasks=50,
        privileged=sys.argv[2] == "raw",
    )
)
wall = time.perf_counter() - wall
after = resource.getrusage(resource.RUSAGE_SELF)
cpu = after.ru_utime + after.ru_stime - spent.ru_utime - spent.ru_stime
print(json.dumps({"wall": wall, "cpu": cpu, "answered": sum(host.is_alive for host in found)}))
