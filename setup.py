"""What pyproject.toml cannot say: manual pages and completions are written from the code while a distribution is built.

A wheel has them below share/, where man, bash-completion and fish look for those of a program on PATH.
"""

import sys
from pathlib import Path

from setuptools import setup
from setuptools.command.sdist import sdist

# isort: split
# Of setuptools' own making, since setuptools came first.
from distutils.command.install_data import install_data

# The command line's parser needs nothing but the standard library, so it is there when pip builds in isolation.
sys.path.insert(0, str(Path(__file__).parent))

from llmcc.cli import manual


class InstallData(install_data):
    """Writes the pages and completions of the command line as it is now."""

    def run(self) -> None:
        """Write them below share/ of what is installed."""
        super().run()
        self.outfiles += manual.write_all(Path(self.install_dir) / "share")


class SourceDistribution(sdist):
    """With the pages and completions, for packagers who look before they build."""

    def make_release_tree(self, base_dir: str, files: list[str]) -> None:
        """Write them below share/ of the source tree."""
        super().make_release_tree(base_dir, files)
        manual.write_all(Path(base_dir) / "share")


setup(
    cmdclass={"install_data": InstallData, "sdist": SourceDistribution},
    data_files=[("share/llmcc", ["CMakeToolchain.cmake"])],
)
