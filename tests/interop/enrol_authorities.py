"""Everybody whom Siegel asks for certificates: a registration authority, CMP and EST servers; and a token."""

import concurrent.futures
import csv
import hashlib
import itertools
import os
import pathlib
import re
import signal
import ssl
import subprocess
import time
import zipfile

EXTENSIONS = "basicConstraints = critical, CA:FALSE\nsubjectKeyIdentifier = hash\nauthorityKeyIdentifier = keyid\n"


def openssl(*words, stdin=None):
    """The octets that OpenSSL's own command line writes."""
    made = subprocess.run(["openssl", *map(str, words)], input=stdin, capture_output=True)
    if made.returncode != 0:
        raise RuntimeError(f"openssl {' '.join(map(str, words))}: {made.stderr.decode()}")
    return made.stdout


def on_all_cores(work, things):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(work, things))


class Issuer:
    """The openssl command line with the key of a CA that `siegel ca init` has made."""

    def __init__(self, authority, work):
        self.ca, self.work = pathlib.Path(authority) / "ca.pem", pathlib.Path(work)
        self.work.mkdir(exist_ok=True)
        self.key = self.work / "ca.key"
        openssl("pkey", "-inform", "DER", "-in", pathlib.Path(authority) / "ca.key", "-out", self.key)
        self.serials = itertools.count(1000)
        (self.work / "extensions").write_text(EXTENSIONS)

    def issue(self, request, days=365):
        """The certificate (DER) for a PKCS#10 request, with all that it asks for."""
        return openssl("x509", "-req", "-inform", "DER", "-copy_extensions", "copyall", "-days", days, "-extfile",
                       self.work / "extensions", *self._signed(), stdin=request)

    def issue_for_other_address(self, request, usage):
        file = self.work / "other-address"
        file.write_text(EXTENSIONS + f"keyUsage = critical, {usage}\nextendedKeyUsage = emailProtection\n"
                        "subjectAltName = email:jemand@anderswo.example\n")
        return openssl("x509", "-req", "-inform", "DER", "-days", 365, "-extfile", file, *self._signed(),
                       stdin=request)

    def issue_for_other_key(self, address):
        key = self.work / "other-key"
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", key)
        return self.issue(openssl("req", "-new", "-key", key, "-subj", "/CN=Poststelle", "-addext",
                                  f"subjectAltName=email:{address}", "-outform", "DER"))

    def _signed(self):
        return "-CA", self.ca, "-CAkey", self.key, "-set_serial", next(self.serials), "-outform", "DER"


class RegistrationAuthority:
    """Gets the folder of a batch, looks at it, has it issued and sends files back, each in another way."""

    def __init__(self, issuer):
        self.issuer = issuer

    def read(self, batch):
        """The rows of a batch's manifest with their requests, once every checksum is seen to fit."""
        listed = {}
        for line in (batch / "SHA256SUMS").read_text().splitlines():
            digest, name = line.split("  ", 1)
            listed[name] = (batch / name).read_bytes()
            assert hashlib.sha256(listed[name]).hexdigest() == digest, f"{name} is not what its checksum says"
        there = {str(file.relative_to(batch)) for file in batch.rglob("*") if file.is_file()}
        assert there == {*listed, "SHA256SUMS"}, f"without a checksum: {there - set(listed)}"
        rows = list(csv.DictReader(listed["manifest.csv"].decode().splitlines()))
        assert len(rows) == len({row["spki_sha256"] for row in rows}), "a key stands in the manifest twice"
        return [{**row, "request": listed[row["file"]]} for row in rows]

    def issue(self, rows):
        return on_all_cores(lambda row: self.issuer.issue(row["request"]), rows)

    def send_back(self, certificates, folder):
        """As DER, PEM, PEM after PEM, P7B and ZIP, under names that say nothing."""
        folder.mkdir()
        ways = [self._der, self._pem, self._pems, self._p7b, self._zip]
        for number, way in enumerate(ways):
            if some := certificates[number::len(ways)]:
                way(some, folder)

    def _der(self, certificates, folder):
        for number, certificate in enumerate(certificates):
            (folder / f"{number:04}.cer").write_bytes(certificate)

    def _pem(self, certificates, folder):
        sub = folder / "Ordner für Frau Müller"
        sub.mkdir()
        for number, text in enumerate(map(pem, certificates)):
            (sub / f"Kopie von Zertifikat ({number}).txt").write_bytes(text)

    def _pems(self, certificates, folder):
        (folder / "alle").write_bytes(b"\n".join(map(pem, certificates)))

    def _p7b(self, certificates, folder):
        for number in range(0, len(certificates), 25):
            source = folder / "source"
            source.write_bytes(b"".join(map(pem, certificates[number:number + 25])))
            bundle = openssl("crl2pkcs7", "-nocrl", "-certfile", source, "-certfile", self.issuer.ca, "-outform",
                             "DER" if number % 2 else "PEM")
            source.unlink()
            (folder / f"antwort-{number}.p7b").write_bytes(bundle)

    def _zip(self, certificates, folder):
        with zipfile.ZipFile(folder / "Zertifikate.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for number, certificate in enumerate(certificates):
                archive.writestr(f"x/{number}.crt", certificate)


def pem(certificate):
    return ssl.DER_cert_to_PEM_cert(certificate).encode()


class Server:
    """A program that listens on a port of its own choice, which it prints."""

    def __init__(self, command, log, pattern):
        self.log = pathlib.Path(log)
        with self.log.open("wb") as out:
            self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=out,
                                            stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 30
        while not (found := re.search(pattern, self.log.read_text(errors="replace"))):
            assert self.process.poll() is None and time.monotonic() < deadline, self.log.read_text(errors="replace")
            time.sleep(0.01)
        self.port = int(found.group(1))

    def stop(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


def cmp_server(issuer, name, certificate, secret):
    """`openssl cmp` as a server, which knows one transaction and answers it, after a wait, with this certificate."""
    answer = issuer.work / f"{name}.pem"
    answer.write_bytes(pem(certificate))
    return Server(["openssl", "cmp", "-config", "", "-verbosity", "7", "-port", "0", "-srv_secret", f"file:{secret}",
                   "-srv_cert", issuer.ca, "-srv_key", issuer.key, "-srv_trusted", issuer.ca, "-rsp_cert", answer,
                   "-poll_count", "2", "-check_after", "1"],
                  issuer.work / f"{name}.log", r"ACCEPT \[::\]:(\d+)\s")


class Est:
    """est-server and the TLS client certificate that it asks for."""

    def __init__(self, program, authority, work):
        self.program, self.authority, self.work = program, authority, work
        self.certificate, self.key = work / "client.pem", work / "client.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                "/CN=Stadt Beispiel", "-addext", "extendedKeyUsage=clientAuth", "-keyout", self.key, "-out",
                self.certificate)

    def serve(self, name, wait):
        return Server([self.program, "--ca", self.authority, "--clients", self.certificate, "--wait", wait],
                      self.work / f"{name}.log", r"port (\d+)\n")


class Token:
    """SoftHSM with one token, in a folder of ours. It is found by the environment of every later program."""

    MODULE, LABEL = "/usr/lib/softhsm/libsofthsm2.so", "siegel"

    def __init__(self, folder):
        self.folder = folder
        (folder / "tokens").mkdir(parents=True)
        (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n")
        os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
        self.pin = folder / "pin"
        self.pin.write_text("4711-Geheim\n")
        self.pin.chmod(0o400)
        subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", self.LABEL, "--so-pin", "12345678",
                        "--pin", "4711-Geheim"], check=True, capture_output=True)
        [self.token] = folder.rglob("token.object")
        self.whole = self.token.read_bytes()

    def outlive_a_kill(self):
        """A real token is a device of its own, and does not end with the program that uses it.

        SoftHSM is part of that program: it writes token.object in place at each login, and a kill in between leaves
        it empty or cut short. It never changes its length else."""
        if self.token.stat().st_size != len(self.whole):
            self.token.write_bytes(self.whole)

    def objects(self):
        """How many things it holds; a key pair is two."""
        return sum(1 for _ in self.folder.rglob("*.object"))
