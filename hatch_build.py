"""
The build hook that compiles the hot core with mypyc; it does nothing unless it is asked for.

    HATCH_BUILD_HOOK_ENABLE_CUSTOM=true pip install .

What is compiled are the very files of `src`, in a copy: nothing is written into the tree, and the wheel carries each
module twice, compiled and as it was written. Without the variable the wheel is pure, and no compiler is looked for.
"""

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from tempfile import mkdtemp

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# What an intent passes on its way from being wanted to being posted, and what each bar passes; and the heirs of what is
# compiled. Everything else stays as it is: events, settings and named tuples have metaclasses, results and commands are
# not called per bar, and a compiled class has no docstrings, so whatever has a public name is left out.
MODULES = (
    "arbiter/arbiter.py",
    "arbiter/conflicts.py",
    "arbiter/desk.py",
    "arbiter/limits.py",
    "arbiter/wishes.py",
    "bus.py",
    "clock.py",
    "ledger/book.py",
    "ledger/execution.py",
    "ledger/ledger.py",
    "market/columns.py",
    "market/history.py",
    "market/standing.py",
    "money.py",
    "orchestrator/visits.py",
    "strategies/adapters.py",
    "strategies/chorus.py",
    "strategies/recital.py",
    "strategies/signals.py",
    "strategies/voice.py",
)
OPTIMIZATION = "2"  # of gcc; a fifth more time than with 1
GROUP = "ropewalk._core"  # the one library in which they all are, so that they call each other directly
# Types of the core and of what it is made of. Those of other packages take mypy longer than all of this.
SETTINGS = """
[mypy]
strict = true
follow_imports = silent
[mypy-numpy.*,pandas.*,plotly.*,polars.*,pyarrow.*,pydantic.*,pydantic_core.*,rich.*,sortedcontainers.*,structlog.*]
follow_imports = skip
follow_imports_for_stubs = true
ignore_missing_imports = true
"""


class CompiledCore(BuildHookInterface):
    """Puts the compiled modules beside those they were made from."""

    def initialize(self, version, build_data):
        """Compile, and say what else belongs into the wheel."""
        if version == "editable":
            self.app.abort("an editable installation is pure; leave HATCH_BUILD_HOOK_ENABLE_CUSTOM out for it")
        lacking = what_is_lacking()
        if lacking:
            self.app.abort(f"ropewalk can only be compiled with a C compiler and Python's headers: {lacking}")
        self._copy = Path(mkdtemp(prefix="ropewalk-"))
        shutil.copytree(Path(self.root, "src", "ropewalk"), self._copy / "ropewalk")
        made = compiled(self._copy)
        build_data["force_include"].update({str(path): str(path.relative_to(self._copy)) for path in made})
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    def finalize(self, version, build_data, artifact_path):
        """Sweep the copy out, once the wheel is written."""
        shutil.rmtree(self._copy)


def what_is_lacking():
    """Name what compiling needs and this machine has not; empty when all is there."""
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")[0]
    if os.name != "nt" and shutil.which(compiler) is None:
        return f"there is no {compiler}; install one (on Debian and Ubuntu: gcc and libc6-dev), or name it: CC=clang"
    header = Path(sysconfig.get_path("include"), "Python.h")
    if not header.exists():
        return f"there is no {header}; install it (on Debian and Ubuntu: python3-dev)"
    return ""


def compiled(tree):
    """Compile the modules of a tree of sources in place; says what was made."""
    # In a process of its own: neither mypy nor setuptools leave this one as it was.
    answer = subprocess.run(
        [sys.executable, str(Path(__file__).resolve())], cwd=tree, capture_output=True, text=True, check=False
    )
    if answer.returncode:
        raise RuntimeError(f"mypyc could not compile ropewalk:\n{answer.stdout}{answer.stderr}")
    return sorted(tree.glob(f"ropewalk/**/*{sysconfig.get_config_var('EXT_SUFFIX')}"))


def main():
    """Compile what lies in the current directory."""
    from mypyc.build import mypycify
    from setuptools import setup

    files = [f"ropewalk/{name}" for name in MODULES]
    Path("mypy.ini").write_text(SETTINGS)
    extensions = mypycify(files, opt_level=OPTIMIZATION, debug_level="0", separate=[(files, GROUP)])
    setup(name="ropewalk", packages=[], ext_modules=extensions, script_args=["-q", "build_ext", "--inplace"])


if __name__ == "__main__":
    main()
