"""Who sends the mail: authorities of both makes, people with keys, and what OpenSSL writes in their name."""

import atexit
import pathlib
import tempfile

from program import DONE, openssl

ANNA, BAUAMT = "anna@buerger.example", "bauamt@stadt.example"
BODY = b"Content-Type: text/plain; charset=utf-8\r\n\r\nGuten Tag, hier ist Anna \xc3\xa4\xc3\xb6\xc3\xbc.\r\n"

REQUEST = """\
[req]
distinguished_name = name
prompt = no
[name]
C = DE
O = Test
CN = {name}
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[person]
basicConstraints = critical, CA:FALSE
keyUsage = critical, {usage}
extendedKeyUsage = emailProtection
subjectAltName = email:{address}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[ca]
default_ca = list
[list]
database = {folder}/index.txt
crlnumber = {folder}/crlnumber
default_md = sha256
default_crl_days = 30
"""

KEYS = {"rsa-3072": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"],
        "rsa-2048": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        "rsa-1024": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
        "p-256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
        "p-384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"]}


class Person:
    """A certificate with its key, in every form that a test may want."""

    def __init__(self, pem, p12):
        self.pem, self.p12 = pem, p12

    def key(self):
        """The words that name it on the command line."""
        password = self.p12.with_suffix(".password")
        password.write_text("ge:heim\n")
        return "--key", self.p12, "--password-file", password


class OpensslCa:
    """An authority made with the openssl command line alone."""

    def __init__(self, folder, name, key="p-256"):
        self.folder, self.name, self.count = folder, name, 0
        self.folder.mkdir()
        (folder / "index.txt").touch()
        (folder / "crlnumber").write_text("01\n")
        self._settings(name, "-", "digitalSignature")
        self.key, self.certificate = folder / "ca.key", folder / "ca.pem"
        openssl("genpkey", *KEYS[key], "-out", self.key)
        openssl("req", "-new", "-x509", "-key", self.key, "-config", folder / "cnf", "-extensions", "root",
                "-sha256", "-days", "3650", "-out", self.certificate)

    def _settings(self, name, address, usage):
        (self.folder / "cnf").write_text(REQUEST.format(name=name, address=address, usage=usage, folder=self.folder))

    def issue(self, address, key="p-256", usage=None, digest="sha256", days=300):
        self.count += 1
        usage = usage or ("digitalSignature, keyAgreement" if key.startswith("p-") else
                          "digitalSignature, keyEncipherment")
        self._settings(address, address, usage)
        stem = self.folder / f"person{self.count}"
        openssl("genpkey", *KEYS[key], "-out", f"{stem}.key")
        openssl("req", "-new", "-key", f"{stem}.key", "-config", self.folder / "cnf", "-out", f"{stem}.csr")
        openssl("x509", "-req", "-in", f"{stem}.csr", "-CA", self.certificate, "-CAkey", self.key, "-set_serial",
                100 + self.count, "-days", days, f"-{digest}", "-extfile", self.folder / "cnf", "-extensions",
                "person", "-out", f"{stem}.crt")
        return self._person(stem)

    def _person(self, stem):
        pem, p12 = pathlib.Path(f"{stem}.pem"), pathlib.Path(f"{stem}.p12")
        pem.write_bytes(pathlib.Path(f"{stem}.crt").read_bytes() + pathlib.Path(f"{stem}.key").read_bytes())
        openssl("pkcs12", "-export", "-in", pem, "-passout", "pass:ge:heim", "-out", p12)
        return Person(pem, p12)

    def crl(self, *revoked):
        """The revocation list that names these certificates, PEM."""
        call = ["ca", "-config", self.folder / "cnf", "-keyfile", self.key, "-cert", self.certificate]
        for person in revoked:
            openssl(*call, "-revoke", person.pem)
        file = self.folder / f"{len(revoked)}.crl"
        openssl(*call, "-gencrl", "-out", file)
        return file


class SiegelCa:
    """The same by `siegel ca`."""

    def __init__(self, siegel, folder, name):
        self.folder, self.count = folder, 0
        self.siegel = siegel
        self._does("ca", "init", folder, "--name", name)
        self.certificate = folder / "ca.pem"
        (folder / "password").write_text("ge:heim\n")

    def _does(self, *arguments):
        done = self.siegel.run(*arguments)
        if done.code != DONE:
            raise RuntimeError(str(done))

    def issue(self, address, key="p-256"):
        self.count += 1
        p12 = self.folder / f"person{self.count}.p12"
        self._does("ca", "issue", self.folder, "--address", address, "--key-type", key, "--password-file",
                   self.folder / "password", "--out", p12)
        pem = p12.with_suffix(".pem")
        pem.write_bytes(openssl("pkcs12", "-in", p12, "-passin", "pass:ge:heim", "-nodes", "-clcerts"))
        return Person(pem, p12)

    def crl(self, *revoked):
        file = self.folder / f"{len(revoked)}.crl"
        words = [word for person in revoked for word in ("--revoke", person.pem)]
        self._does("ca", "crl", self.folder, "--out", file, *words)
        return file


def crlf(octets):
    return octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def head(author=ANNA, extra=b""):
    return crlf(b"From: " + author.encode() + b"\nTo: " + BAUAMT.encode() + b"\nSubject: Antrag\n"
                b"Date: Sun, 22 Nov 2026 00:00:00 +0000\nMessage-ID: <1@buerger.example>\nMIME-Version: 1.0\n" + extra)


class World:
    """What all tests share, because keys take time: two authorities, one of each make, and people."""

    def __init__(self, siegel):
        folder = tempfile.TemporaryDirectory(prefix="siegel-explain-")
        atexit.register(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.ca = OpensslCa(self.root / "ca", "Test-CA")
        self.ours = SiegelCa(siegel, self.root / "ours", "Unsere CA")
        self.anna = self.ca.issue(ANNA)
        self.revoked = self.ca.issue(ANNA)
        self.bauamt = self.ca.issue(BAUAMT)
        self.empty_crl, self.crl = self.ca.crl(), self.ca.crl(self.revoked)

    def file(self, octets):
        with tempfile.NamedTemporaryFile(dir=self.root, delete=False) as file:
            file.write(octets)
        return file.name

    def cms(self, octets, *options):
        """A MIME entity without MIME-Version, as openssl writes it."""
        made = openssl("cms", *options, "-binary", "-in", self.file(octets))
        return crlf(made).replace(b"MIME-Version: 1.0\r\n", b"", 1)

    def signed(self, person, octets=BODY, options=()):
        return self.cms(octets, "-sign", "-md", "sha256", "-signer", person.pem, *options)

    def encrypted(self, person, octets=BODY, cipher="-aes256"):
        certificate = self.file(openssl("x509", "-in", person.pem))
        return self.cms(octets, "-encrypt", cipher, "-recip", certificate)
