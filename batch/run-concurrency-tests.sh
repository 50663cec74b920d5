#!/usr/bin/env bash
# Levels 2, 5, 10 and 20 one after the other, then the report and the charts, in ./test-results. --help shows the flags.
# JOB_QUEUE, JOB_DEFINITION and AWS_REGION from the environment hold where the flags are not given.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/_project.sh"
# In front: of a flag given twice the last one holds. (AWS_REGION is read by batchgauge itself.)
if [ -n "${JOB_DEFINITION:-}" ]; then set -- --job-definition "$JOB_DEFINITION" "$@"; fi
if [ -n "${JOB_QUEUE:-}" ]; then set -- --job-queue "$JOB_QUEUE" "$@"; fi
# --force: the specification's users run this again and again; the files of the time before are kept, in superseded/.
project sweep --force "$@"
