"""An installation to drive the command line against."""

import pathlib
import smtplib
import socket
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "interop"))

import gateway  # noqa: E402
import mails  # noqa: E402
from program import DONE, Siegel, openssl  # noqa: E402

BAUAMT, ANNA = mails.BAUAMT, mails.ANNA


def closed_port():
    """A port of this machine at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Case(unittest.TestCase):
    """An installation of its own for each test, and the words in which the tests are told."""

    programs = ""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="siegel-cli-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.gateway = gateway.Gateway(self.root / "gateway", self.programs)
        self.addCleanup(self.gateway.stop)
        self.gateway.configure(f"maildir:{self.root}/inside", f"maildir:{self.root}/world")
        self.config = self.gateway.root / "siegel.yaml"
        self.password = self.gateway.root / "password"
        self.siegel = Siegel(self.programs, self.config)

    def does(self, *arguments):
        return self.ends(DONE, *arguments)

    def ends(self, code, *arguments):
        done = self.siegel.run(*arguments)
        self.assertEqual(done.code, code, f"siegel {' '.join(map(str, arguments))}: {done}")
        if code != DONE and "--json" not in arguments:
            self.assertTrue(done.err or done.out, "it ends badly and says nothing")
        return done

    def refuses(self, code, words, *arguments):
        """Ends with `code`, and its text holds each of `words`."""
        done = self.ends(code, *arguments)
        for word in words:
            self.assertIn(word, done.out + done.err)
        return done

    def rows(self, keys, *arguments):
        """The rows of a list as JSON; each has exactly these keys, and the table for people the same columns."""
        rows = self.does("--json", *arguments).json()
        for row in rows:
            self.assertEqual(list(row), keys)
        heading = self.does(*arguments).out.splitlines()[0].split()
        self.assertEqual(heading, " ".join(keys).replace("_", " ").upper().split())
        return rows

    def write(self, name, octets):
        path = self.root / name
        path.write_bytes(octets if isinstance(octets, bytes) else octets.encode())
        return path

    def stranger(self, name):
        """An authority that is not trusted. Elliptic curves, because these tests are not about their keys."""
        folder = self.gateway.root / name
        self.does("ca", "init", folder, "--name", f"CA {name}", "--key-type", "p-256")
        self.does("ca", "crl", folder, "--out", self.gateway.root / f"{name}.crl")
        return folder / "ca.pem"

    def authority(self, name="authority"):
        file = self.stranger(name)
        self.does("trust", "add", file)
        return file

    def p12(self, address=BAUAMT, use="both", authority="authority"):
        out = self.root / f"{authority}.{address}.{use}.p12"
        self.does("ca", "issue", self.gateway.root / authority, "--address", address, "--use", use, "--key-type",
                  "p-256", "--password-file", self.password, "--out", out)
        return out

    def pem(self, p12):
        """The same as PEM: certificate, its authority's, and the key in the open."""
        return self.write(p12.with_suffix(".pem").name, openssl("pkcs12", "-in", p12, "-passin", "pass:demo", "-nodes"))

    def comes_in(self, name, signer, *options):
        """Anna's mail, signed by her own program, reaches the running relay."""
        body = self.write("body", b"Content-Type: text/plain\r\n\r\nvon Anna\r\n")
        signed = openssl("cms", "-sign", "-binary", "-in", body, "-signer", signer, *options)
        octets = mails.crlf(mails.head(name, ANNA, BAUAMT).encode() + signed.replace(b"MIME-Version: 1.0\n", b"", 1))
        with smtplib.SMTP("127.0.0.1", self.gateway.port("world"), timeout=30) as client:
            client.sendmail(ANNA, [BAUAMT], octets)

    def has_mailbox(self):
        self.authority()
        self.does("mailbox", "add", BAUAMT)
