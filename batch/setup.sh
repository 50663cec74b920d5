#!/usr/bin/env bash
# Makes the virtual environment .venv with batchgauge in it, and says whether AWS can be reached. May be run again.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/_project.sh"
project setup "$@"
