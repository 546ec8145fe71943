"""
Build the wheel with the compiled core and install it into an environment of its own, beside the one it is built in.

    .venv/bin/python .ci/compiled.py PATH [try | check]

What else it needs is taken from the environment that runs this. With `try` a machine without a compiler is told so and
passes, unless ROPEWALK_COMPILER=required; with `check` a short but telling selection of the tests is run there, too.
"""

import hashlib
import os
import shutil
import site
import subprocess
import sys
import sysconfig
import venv as maker
from pathlib import Path

TREE = Path(__file__).resolve().parent.parent
STAMP = "ropewalk.stamp"
TELLING = (
    "tests/golden",
    "tests/scenarios",
    "tests/unit/test_compiled.py",
    "tests/unit/test_bus.py",
    "tests/unit/ledger",
)
"""Bytes of whole runs, the rules of the walk, and what being compiled could change."""


def main(path, mode=""):
    """Build, install and, if asked, test; end with a sentence when that cannot be."""
    sys.path.insert(0, str(TREE))
    from hatch_build import what_is_lacking

    lacking = what_is_lacking()
    if lacking and mode and os.environ.get("ROPEWALK_COMPILER") != "required":
        print(f"the compiled core is not checked: {lacking}")
        return
    if lacking:
        sys.exit(f"the core can only be compiled with a C compiler and Python's headers: {lacking}")
    environment = Path(os.path.abspath(path))
    python = environment / "bin" / "python"
    wanted = fingerprint(environment)
    if not is_made(environment, wanted):
        print(f"compiling the core into {path} (a minute or two)", flush=True)
        make(environment, path)
        (environment / STAMP).write_text(wanted)
    if mode == "check":
        command = [str(python), "-m", "pytest", "-q", "-n", "auto", "-o", "pythonpath=tests", *TELLING]
        sys.exit(subprocess.run(command, cwd=TREE, check=False).returncode)


def fingerprint(environment):
    """Say in a few letters what an installation follows from: what is compiled, and where things lie."""
    digest = hashlib.sha256(f"{sys.version}\0{sys.prefix}\0{environment}".encode())
    for file in (TREE / "pyproject.toml", TREE / "hatch_build.py", *sorted(TREE.glob("src/**/*"))):
        if file.is_file() and file.suffix != ".pyc":
            digest.update(file.read_bytes())
    return digest.hexdigest()


def is_made(environment, wanted):
    """Say whether the stamp holds."""
    stamp = environment / STAMP
    return stamp.exists() and stamp.read_text() == wanted


def make(environment, path):
    """Make the environment anew, never over something that is not one, with nothing in it but the wheel."""
    if environment.exists() and not (environment / "pyvenv.cfg").exists():
        sys.exit(f"{path} is no virtual environment; name another: make compiled VENV=.venv")
    shutil.rmtree(environment, ignore_errors=True)
    maker.create(str(environment), with_pip=False)
    packages = sysconfig.get_path("purelib", vars={"base": str(environment), "platbase": str(environment)})
    wheels = environment / "wheel"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    build = [*pip, "wheel", "-q", "--no-deps", "--no-build-isolation", "--wheel-dir", str(wheels), str(TREE)]
    # The cache makes a second time shorter; in CI there is none.
    asked = {"HATCH_BUILD_HOOK_ENABLE_CUSTOM": "true", "MYPY_CACHE_DIR": str(TREE / ".mypy_cache" / "compiled")}
    if subprocess.run(build, env={**os.environ, **asked}, check=False).returncode:
        sys.exit("the core could not be compiled: what is wrong stands above")
    (wheel,) = wheels.glob("*.whl")
    python = str(environment / "bin" / "python")
    subprocess.run([*pip, "--python", python, "install", "-q", "--no-deps", str(wheel)], check=True)
    # A line in a .pth file is a place to look, and its own .pth files are left alone: no sources come in that way.
    Path(packages, "libraries.pth").write_text("\n".join(site.getsitepackages()) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
