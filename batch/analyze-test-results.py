#!/usr/bin/env python3
"""Make the report and the charts from a folder of results: ``batchgauge analyze``, whose --help shows the flags."""

import sys

from _project import hand_over

if __name__ == "__main__":
    sys.exit(hand_over("analyze", sys.argv[1:]))
