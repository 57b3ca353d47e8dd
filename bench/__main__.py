"""``make bench``: every measurement, one after the other."""

from rich.console import Console

from bench import keys, nights

console = Console()
keys.run(console)
nights.run(console)
