"""A Siegel of its own: demo authorities, two mailboxes' worth of certificates, one running relay."""

import os
import pathlib
import re
import subprocess
import time

CONFIG = """\
name: gateway.stadt.example
domains: [stadt.example]
relay:
  listen:
    - {{at: "127.0.0.1:0", side: world}}
    - {{at: "127.0.0.1:0", side: inside, clients: [127.0.0.0/8]}}
  deliver:
    inside: {inside}
    world: {world}
storage:
  directory: {root}/data
  key_encryption_key: {root}/kek
revocation:
  lists: [{root}/authority.crl, {root}/citizens.crl]
rules:
  outgoing:
    - {{from: "*@stadt.example", sign: if-possible, encrypt: if-possible}}
"""


class Gateway:
    def __init__(self, root, programs):
        self.root, self.programs = pathlib.Path(root), pathlib.Path(programs)
        self.root.mkdir(parents=True, exist_ok=True)
        self.process = None
        self.starts = 0
        os.umask(0o077)
        (self.root / "data").mkdir()
        (self.root / "kek").write_text(os.urandom(32).hex() + "\n")
        (self.root / "password").write_text("demo\n")

    def configure(self, inside, world):
        (self.root / "siegel.yaml").write_text(CONFIG.format(root=self.root, inside=inside, world=world))

    def siegel(self, *arguments):
        command = [self.programs / "siegel", "--config", self.root / "siegel.yaml", *arguments]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"siegel {' '.join(map(str, arguments))}: {done.stderr}")
        return done.stdout

    def make_authority(self, name):
        self.siegel("ca", "init", self.root / name, "--name", f"CA {name}")
        self.siegel("ca", "crl", self.root / name, "--out", self.root / f"{name}.crl")
        self.siegel("trust", "add", self.root / name / "ca.pem")

    def issue(self, authority, address, use):
        """The file of a new certificate with its key, PEM."""
        p12 = self.root / f"{address}.{use}.p12"
        self.siegel("ca", "issue", self.root / authority, "--address", address, "--use", use,
                    "--password-file", self.root / "password", "--out", p12)
        pem = p12.with_suffix(".pem")
        subprocess.run(["openssl", "pkcs12", "-in", p12, "-passin", "pass:demo", "-nodes", "-out", pem],
                       check=True, capture_output=True)
        return pem

    def enrol(self, address):
        self.siegel("mailbox", "add", address)
        for use in ("sign", "encrypt"):
            self.issue("authority", address, use)
            self.siegel("cert", "import", address, self.root / f"{address}.{use}.p12",
                        "--password-file", self.root / "password")

    def start(self):
        self.starts += 1
        self.process = subprocess.Popen([str(self.programs / "siegel-relay"), "--config",
                                         str(self.root / "siegel.yaml"), "--log", str(self.root / "log")])
        deadline = time.monotonic() + 20
        while len(re.findall("event=listening", self.log())) < 2 * self.starts:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("siegel-relay does not start: " + self.log())
            time.sleep(0.05)

    def port(self, side):
        return int(re.findall(rf"event=listening side={side} .*port=(\d+)", self.log())[-1])

    def log(self):
        path = self.root / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def stop(self, kill=False):
        if self.process is None:
            return
        self.process.kill() if kill else self.process.terminate()
        self.process.wait(timeout=60)
        self.process = None
