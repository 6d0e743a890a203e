"""Print speed tables: `python -m tests.benchmarks density` (all of it), or with names: `kde em lab`."""

import argparse
import importlib

TABLES = {
    "density": ("kde", "em", "lab"),
    "divergence": ("divergence", "drag"),
    "latent": ("latent",),
    "adversarial": ("adversarial",),
    "adversarial_images": ("adversarial_images",),
    "watching": ("watching",),
    "reliability": ("reliability",),
}

parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
parser.add_argument("family", choices=TABLES)
parser.add_argument("tables", nargs="*", help="some of the family's tables; all by default")
chosen = parser.parse_args()
for name in chosen.tables or TABLES[chosen.family]:
    print(importlib.import_module(f"tests.benchmarks.{name}").run(), flush=True)
    print()
