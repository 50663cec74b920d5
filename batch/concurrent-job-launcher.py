#!/usr/bin/env python3
"""Start jobs on AWS Batch at once and save what came of them: ``batchgauge run``, whose --help shows the flags."""

import sys

from _project import hand_over

if __name__ == "__main__":
    sys.exit(hand_over("run", sys.argv[1:]))
