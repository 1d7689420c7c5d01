"""The program `siegel` as its user meets it: arguments in, exit code and two streams out."""

import json
import pathlib
import subprocess

DONE, NO, USAGE, WORLD, OURS = range(5)  # docs/CLI.md


class Done:
    """What came of one run. Both streams must be UTF-8 whatever the input was."""

    def __init__(self, completed):
        self.code = completed.returncode
        self.out = completed.stdout.decode("utf-8")
        self.err = completed.stderr.decode("utf-8", errors="replace")

    def json(self):
        return json.loads(self.out)

    def __str__(self):
        return f"exit {self.code}\n{self.out}\n{self.err}"


class Siegel:
    def __init__(self, programs, config=None):
        self.program = pathlib.Path(programs) / "siegel"
        self.options = ["--config", str(config)] if config else []

    def run(self, *arguments, stdin=b""):
        command = [str(self.program), *self.options, *map(str, arguments)]
        return Done(subprocess.run(command, input=stdin, capture_output=True, timeout=120))


def openssl(*arguments, stdin=None):
    """The octets that OpenSSL's own command line writes."""
    made = subprocess.run(["openssl", *map(str, arguments)], input=stdin, capture_output=True)
    if made.returncode != 0:
        raise RuntimeError(f"openssl {' '.join(map(str, arguments))}: {made.stderr.decode()}")
    return made.stdout
