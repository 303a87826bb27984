"""Started in place of a program: sets its limits, then becomes it.

    python -I start_limited.py MEMORY_BYTES CPU_SECONDS FILE_BYTES PROGRAM [ARGUMENT ...]

A file of its own because setting limits between fork and exec of a threaded process is not safe. It imports
nothing of Regard.
"""

from __future__ import annotations

import os
import resource
import sys


def main() -> None:
    """Set the limits and exec the program."""
    memory, cpu, file_size = (int(text) for text in sys.argv[1:4])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.execv(sys.argv[4], sys.argv[4:])  # noqa: S606 - the program was chosen from the administrator's folder


if __name__ == "__main__":
    main()
