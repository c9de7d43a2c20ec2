"""`python -m ui.command` is `sangyu`, also where nothing was installed."""

import sys

from ui.command import main

if __name__ == "__main__":
    sys.exit(main())
