"""One warm engine: each line on standard input is one sweep, answered by one line of JSON.

    python warm.py BASE COUNT '{"rate": 0, "window": 384, "retries": 0, ...}'

The line may name a file, into which the round-trip times go (u32 in us by position; 0 unknown,
1 silent).
"""

import ipaddress
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from ronda.probing.course import Burst
from ronda.probing.engine import Engine
from ronda.probing.methods import SystemClock, wire_of
from ronda.probing.packets import Family
from ronda.probing.port import SweepDone
from ronda.probing.sockets import WANTED_BUFFER, open_icmp


def main() -> None:
    base, count = int(ipaddress.IPv4Address(sys.argv[1])), int(sys.argv[2])
    options = json.loads(sys.argv[3]) if len(sys.argv) > 3 else {}
    icmp = open_icmp(Family.IPV4, buffer=options.get("buffer", WANTED_BUFFER))
    wires = {Family.IPV4: wire_of(icmp, b"cookie!!")}
    targets = [(key, (base + key).to_bytes(4, "big")) for key in range(count)]
    burst = Burst(
        options.get("rate", 0), options.get("window", Burst().window), options.get("retries", 0)
    )
    for line in sys.stdin:
        engine = Engine(wires, SystemClock(), timeout=options.get("timeout", 0.5), burst=burst)
        engine.watch({Family.IPV4: targets})
        engine.steady(range(count))
        wall, cpu = time.perf_counter(), time.process_time()
        while not engine.finished:
            wait = engine.turn()
            if wait:
                time.sleep(wait)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        done = next(r for r in engine.collect() if isinstance(r, SweepDone))
        if line.strip():
            Path(line.strip()).write_bytes(done.rtts.tobytes())
        answer = {
            "wall": wall,
            "cpu": cpu,
            "answered": done.answered,
            "dropped": done.dropped,
            "method": icmp.method,
            "capacity": icmp.capacity,
        }
        print(json.dumps(answer), flush=True)


main()
