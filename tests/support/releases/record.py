"""``python -m tests.support.releases.record 0.1.0``: play a release as it was and keep what it left behind.

The release's commit is checked out into a folder of its own, its own locked packages are fetched, and its own Python
runs ``leave_behind.py``: three databases as ``pg_dump`` gives them, every record of every topic, how far each service
had read, and which round stands where. A fixture that is there is never made anew: it is what was released.
"""

import gzip
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.releases.known import COMMITS, FOLDER, ROOT

LEAVE_BEHIND = Path(__file__).with_name("leave_behind.py")


def main() -> None:
    """Record one release."""
    release = sys.argv[1]
    into = FOLDER / release
    if into.exists():
        sys.exit(f"{into} is there: what a release left behind is not made anew")
    with tempfile.TemporaryDirectory(prefix="hub-release-") as work:
        tree, out = Path(work) / "tree", Path(work) / "out"
        out.mkdir()
        _run("git", "worktree", "add", "--quiet", "--detach", tree, COMMITS[release], cwd=ROOT)
        try:
            _run(sys.executable, "deploy/bootstrap.py", cwd=tree)
            _run(tree / ".venv/bin/python", LEAVE_BEHIND, out, cwd=tree)
        finally:
            _run("git", "worktree", "remove", "--force", tree, cwd=ROOT)
        into.mkdir(parents=True)
        for path in sorted(out.iterdir()):
            (into / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
    sys.stdout.write(f"{into}: {sum(path.stat().st_size for path in into.iterdir()):,} bytes\n")


def _run(*argv: str | Path, cwd: Path) -> None:
    subprocess.run(argv, cwd=cwd, check=True)


if __name__ == "__main__":
    main()
