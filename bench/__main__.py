"""``make bench``: every measurement, one after the other."""

from rich.console import Console

from bench import cubes, keys, mining, nights

console = Console()
keys.run(console)
cubes.run(console)
nights.run(console)
mining.run(console)
