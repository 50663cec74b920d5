#!/usr/bin/env bash
# Sets up what is missing, then a short measurement: on an embedded AWS, or on AWS with --job-queue NAME. --help shows the flags.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/_project.sh"
(project install report,local)
project quickstart "$@"
