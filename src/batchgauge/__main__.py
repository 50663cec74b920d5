"""``python -m batchgauge``: the same as the ``batchgauge`` command."""

from batchgauge.cli.main import main

if __name__ == "__main__":
    main()
