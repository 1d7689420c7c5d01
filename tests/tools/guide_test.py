"""The enrolment guides, German and English, done command by command: what they say is what works."""

import pathlib
import re
import subprocess
import sys
import time
import unittest

from installation import Case
from program import openssl

GUIDES = "docs/ENROLMENT.md", "docs/ENROLMENT.de.md"
BLOCK = re.compile(r"(?:<!-- (?P<mark>[^>]*?) -->\n)?(?:```(?P<kind>\w+)\n(?P<text>.*?)```\n)?", re.S)
AUTHORITY_WORKS = "the registration authority works here"


def blocks(guide):
    """Each fenced block or mark of a guide, in order: (mark, kind, text)."""
    for match in BLOCK.finditer(guide):
        if match["mark"] or match["kind"]:
            yield match["mark"], match["kind"], match["text"]


class Guide(Case):
    source = ""

    def setUp(self):
        super().setUp()
        self.etc, self.var = self.root / "etc", self.root / "var"
        for folder in self.etc / "profiles", self.var:
            folder.mkdir(parents=True)
        self.make_authority()
        self.port = self.start_relay()

    def make_authority(self):
        self.ca = self.gateway.root / "authority"
        self.does("ca", "init", self.ca, "--name", "Guide CA", "--key-type", "p-256")
        self.does("ca", "crl", self.ca, "--out", self.gateway.root / "authority.crl")
        (self.etc / "root.pem").write_bytes((self.ca / "ca.pem").read_bytes())

    def start_relay(self):
        """The relay of the README's set-up, on loopback; the port for mail servers inside."""
        text = self.config.read_text()
        self.config.write_text(text + f"\nenrolment: {{profiles: [{self.etc}/profiles]}}\n")
        self.gateway.start()
        return self.gateway.port("inside")

    def in_place(self, text):
        """The same words for this installation's places."""
        return (text.replace("/etc/siegel", str(self.etc)).replace("/var/lib/siegel", str(self.var))
                .replace("--port 587", f"--port {self.port}"))

    def run_commands(self, text):
        words = f'set -eu\nsiegel() {{ "{self.siegel.program}" --config "{self.config}" "$@"; }}\n'
        done = subprocess.run(["bash", "-c", words + self.in_place(text)], capture_output=True, timeout=120)
        self.assertEqual(done.returncode, 0, f"{text}\n{done.stdout.decode()}\n{done.stderr.decode()}")

    def authority_works(self):
        returned = self.var / "returned"
        returned.mkdir()
        for request in self.var.glob("batches/*/csr/*.p10"):
            openssl("x509", "-req", "-inform", "DER", "-in", request, "-CA", self.ca / "ca.pem", "-CAkey",
                    self.ca / "ca.key", "-CAkeyform", "DER", "-copy_extensions", "copyall", "-days", "365",
                    "-out", returned / f"{request.stem}.pem")

    def follow(self, guide):
        """Returns how many commands were run."""
        commands = 0
        for mark, kind, text in blocks(guide):
            if mark == AUTHORITY_WORKS:
                self.authority_works()
            elif mark and mark.startswith("file: "):
                pathlib.Path(self.in_place(mark.removeprefix("file: "))).write_text(text)
            elif kind == "sh":
                self.run_commands(text)
                commands += text.count("\n")
        return commands

    def check_the_mail(self):
        """The relay delivers at once; its first attempt may be a moment away."""
        deadline = time.monotonic() + 20
        while not (mails := list((self.root / "world" / "new").glob("*"))):
            self.assertLess(time.monotonic(), deadline, "no mail has left: " + self.gateway.log())
            time.sleep(0.1)
        checked = openssl("cms", "-verify", "-CAfile", self.etc / "root.pem", stdin=mails[0].read_bytes())
        self.assertIn(b"Guten Tag", checked)

    def test_the_guides_lead_to_a_signed_mail(self):
        self.assertGreater(self.follow((self.source / self.guide).read_text()), 10)
        self.check_the_mail()
        states = {row["state"]: row["requests"] for row in self.does("--json", "enrol", "stats").json()}
        self.assertEqual(states, {"active": 4})


class EnglishGuide(Guide):
    guide = GUIDES[0]


class GermanGuide(Guide):
    guide = GUIDES[1]


del Guide  # it has no guide of its own

if __name__ == "__main__":
    Case.programs = sys.argv[1]
    EnglishGuide.source = GermanGuide.source = pathlib.Path(sys.argv[2])
    unittest.main(argv=sys.argv[:1])
