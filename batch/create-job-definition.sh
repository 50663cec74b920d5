#!/usr/bin/env bash
# Registers job-definitions/windows-countdown-job.json, its gaps filled with what the account holds. --help shows the flags.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/_project.sh"
project job-definition register --file "$batch/job-definitions/windows-countdown-job.json" "$@"
