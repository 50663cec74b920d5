# Sourced by the scripts beside it. `project …` becomes `_project.py …`, by whatever Python 3 this machine has.
batch=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

project() {
  local python
  for python in python3 python py; do
    # Tried, not looked up: on Windows a name may be nothing but the way to a shop.
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 6))' >/dev/null 2>&1; then
      exec "$python" "$batch/_project.py" "$@"
    fi
  done
  echo "error: Python 3 was not found on PATH" >&2
  echo "hint: install Python 3.11 or newer (https://www.python.org/downloads/)" >&2
  exit 2
}
