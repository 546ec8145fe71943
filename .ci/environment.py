"""
Bring a virtual environment to what pyproject.toml asks, from whatever state it is in.

    python3 .ci/environment.py PATH [EXTRA]

Nothing is done when the stamp inside says that it was done. A venv is remade when it is broken or was moved, and never
when the path holds something else. Written so that an old Python can read it and say that it is too old.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

TREE = Path(__file__).resolve().parent.parent
STAMP = "ropewalk.stamp"
OF_A_VENV = {"bin", "etc", "include", "lib", "lib64", "share", "pyvenv.cfg", ".gitignore", STAMP}


def main(path, extra=""):
    """Make, mend or leave alone; end with a sentence when that cannot be."""
    if sys.version_info < (3, 11):
        found = ".".join(str(part) for part in sys.version_info[:3])
        sys.exit(f"ropewalk needs Python 3.11 or newer; {sys.executable} is {found}. Name one: make PYTHON=python3.12")
    venv = Path(os.path.abspath(path))
    wanted = fingerprint(venv)
    if is_installed(venv, wanted, extra):
        return
    fault = what_is_wrong(venv)
    if fault:
        make(venv, path, fault)
    (venv / STAMP).unlink(missing_ok=True)
    install(venv, path, extra)
    lost = missing(venv, extra)
    if lost:
        make(venv, path, f"it had lost {lost[0]}")
        install(venv, path, extra)
    (venv / STAMP).write_text(f"{wanted} {extra}\n")


def fingerprint(venv):
    """Say in a few letters what an installation follows from: what is asked, and where things lie."""
    asked = b"\0".join((folder / "pyproject.toml").read_bytes() for folder in (TREE, *plugins()))
    return hashlib.sha256(asked + f"\0{TREE}\0{venv}".encode()).hexdigest()


def plugins():
    """List the folders of the tree's own plugins."""
    return sorted(path.parent for path in TREE.glob("plugins/*/pyproject.toml"))


def is_installed(venv, wanted, extra):
    """Say whether the stamp holds; the `dev` extra contains everything else."""
    try:
        stamped = (venv / STAMP).read_text().split(" ")
    except OSError:
        return False
    return stamped[0] == wanted and stamped[-1].strip() in (extra, "dev") and not missing(venv, extra)


def missing(venv, extra):
    """List the commands that the Makefile calls and that are not there."""
    commands = ["python", "ropewalk", *(["pytest", "ruff", "mypy", "lint-imports"] if extra == "dev" else [])]
    return [command for command in commands if not (venv / "bin" / command).exists()]


def what_is_wrong(venv):
    """Name the reason why a venv has to be made, or return nothing when it serves."""
    if not venv.exists():
        return "there is none"
    python = venv / "bin" / "python"
    asked = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        answer = subprocess.run([str(python), "-c", asked], capture_output=True, check=False)
    except OSError:
        return "its python does not run"
    if answer.returncode:
        return "its python is older than 3.11 or has no pip"
    try:
        opening = (venv / "bin" / "pip").read_text()[:500]
    except (OSError, ValueError):
        return "its pip is missing"
    return "" if f"{venv}{os.sep}bin{os.sep}" in opening else "it was moved here from elsewhere"


def make(venv, path, fault):
    """Make the venv anew, but never over something that is not one."""
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        sys.exit(
            f"{sys.executable} has no ensurepip, so it cannot make an environment with pip. "
            "Install it (on Debian and Ubuntu: the package python3-venv) and run make again."
        )
    import venv as maker

    if venv.exists() and not venv.is_dir():
        sys.exit(f"{path} is a file, not an environment; name another: make VENV=.venv")
    if venv.is_dir() and not (venv / "pyvenv.cfg").exists():
        strange = sorted(entry.name for entry in venv.iterdir() if entry.name not in OF_A_VENV)
        if strange:
            sys.exit(f"{path} is no virtual environment (it holds {strange[0]}); name another: make VENV=.venv")
    print(f"making {path} with Python {sys.version.split()[0]} ({fault})", flush=True)
    try:
        maker.create(str(venv), clear=True, with_pip=True)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        sys.exit(f"{path} could not be made: {error}")


def install(venv, path, extra):
    """Install the tree itself, and to develop its plugins too: editable, so that a change needs nothing more."""
    what = f"ropewalk and its {extra} extra" if extra else "ropewalk"
    print(f"installing {what} into {path} (the first time takes a minute or two)", flush=True)
    run_pip(venv, what, "--editable", f"{TREE}[{extra}]" if extra else str(TREE))
    if extra == "dev":
        # What builds them came with the extra: an environment for building each of them would take longest of all.
        editable = [part for folder in plugins() for part in ("--editable", str(folder))]
        run_pip(venv, "the plugins", "--no-build-isolation", *editable)


def run_pip(venv, what, *arguments):
    """Let uv install something where the environment has it and it can, else pip, or end with a sentence."""
    python = str(venv / "bin" / "python")
    uv = [str(venv / "bin" / "uv"), "pip", "install", "--quiet", "--python", python]
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "-qq"]
    if not os.environ.get("PYTHONDONTWRITEBYTECODE"):
        # Python compiles what it imports, and keeps it; pip would compile all that there is.
        pip.append("--no-compile")
    for installer in (uv, pip):
        if os.path.exists(installer[0]) and not subprocess.run([*installer, *arguments], check=False).returncode:
            return
    sys.exit(f"pip could not install {what}: its message stands above. Mend that and run make again.")


if __name__ == "__main__":
    main(*sys.argv[1:])
