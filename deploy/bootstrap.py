"""Makes .venv from uv.lock and fetches uv first where it is missing; Python 3.11 or later, standard library only."""

import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
OWN_UV = ROOT / ".hub" / "uv"
OLDEST = (3, 11)


def say(text: str) -> None:
    """Tell the person at the terminal what takes time."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def find_uv() -> str:
    """Path of uv: the one installed, or our own copy in .hub/uv, made by pip when it is not there yet."""
    if found := shutil.which("uv"):
        return found
    own = OWN_UV / "bin" / "uv"
    if not own.exists():
        say("Fetching uv (about 20 MB) ...")
        OWN_UV.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=OWN_UV.parent))
        try:
            venv.create(fresh, with_pip=True)
        except (subprocess.CalledProcessError, SystemExit):
            sys.exit("Python can make no environment with pip here; on Debian or Ubuntu install python3-venv")
        pip = [str(fresh / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "uv"]
        subprocess.run(pip, check=True)  # noqa: S603
        shutil.rmtree(OWN_UV, ignore_errors=True)
        fresh.rename(OWN_UV)
    return str(own)


def main() -> int:
    """Bring .venv to what uv.lock says."""
    if sys.version_info < OLDEST:
        say(f"Python 3.11 or later is needed, this is {sys.version.split()[0]}; name another: make PYTHON=python3.13")
        return 2
    say("Bringing the packages to what uv.lock says (about 600 MB the first time) ...")
    command = [find_uv(), "sync", "--frozen", "--python", sys.executable, "--no-progress"]
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    environment.pop("VIRTUAL_ENV", None)
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
