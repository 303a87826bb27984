"""What `regard` starts: the module that its first word asks for.

The one place where a module is chosen at run time. Importing the server and its libraries costs seconds,
which somebody who only resolves a file should not pay.
"""

from __future__ import annotations

import sys
from importlib import import_module

_ALONE = {"resolve": "regard.processes.resolve.start_resolving"}
_EVERYTHING = "regard.processes.command_line"


def main() -> None:
    """Run the subcommand that the arguments name and end with its exit code."""
    import_module(_ALONE.get("".join(sys.argv[1:2]), _EVERYTHING)).main()


if __name__ == "__main__":
    main()
