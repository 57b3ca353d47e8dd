"""``python -m acrm`` is ``acrm``."""

from acrm.cli.app import main

main()
