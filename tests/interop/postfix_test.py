#!/usr/bin/env python3
"""Real Postfix on both sides of a real Siegel: 300 mixed mails.

Every mail that was to be signed verifies with `openssl cms -verify` and with `gpgsm --verify`; every mail
that was to be left alone arrives octet for octet (trace fields aside); nothing is lost, nothing doubled.

usage: postfix_test.py FOLDER_OF_PROGRAMS SOURCE_ROOT
"""

import collections
import os
import pathlib
import re
import smtplib
import subprocess
import sys
import tempfile
import time

import gateway
import mails
import postfix

OUTGOING, INCOMING = 200, 100
TRACE = {b"received", b"return-path", b"delivered-to", b"x-original-to"}
OURS = TRACE | {b"authentication-results", b"x-siegel-verdict"}


def require(is_so, text):
    if not is_so:
        raise AssertionError(text)


def fields_and_body(octets):
    """The head as a list of whole fields, and the body; line ends are LF, as in a maildir."""
    octets = octets.replace(b"\r\n", b"\n")
    head, _, body = octets.partition(b"\n\n")
    return re.split(rb"\n(?![ \t])", head), body


def without(names, octets):
    fields, body = fields_and_body(octets)
    kept = [field for field in fields if field.split(b":", 1)[0].lower() not in names]
    return b"\n".join(kept) + b"\n\n" + body


def value(octets, name):
    fields, _ = fields_and_body(octets)
    found = [f.split(b":", 1)[1].strip() for f in fields if f.lower().startswith(name.lower().encode() + b":")]
    require(len(found) == 1, f"{len(found)} fields {name}")
    return found[0].decode(errors="replace")


class Verifiers:
    """The two command lines that decide whether a signature is one."""

    def __init__(self, root, ca):
        self.root, self.ca = pathlib.Path(root), ca
        self.home = tempfile.mkdtemp(prefix="gpgsm-")
        self.env = dict(os.environ, GNUPGHOME=self.home)
        pem = subprocess.run(["openssl", "x509", "-in", ca, "-noout", "-fingerprint", "-sha1"],
                             capture_output=True, text=True, check=True).stdout
        pathlib.Path(self.home, "trustlist.txt").write_text(pem.split("=")[1].strip() + " S relax\n")
        subprocess.run(["gpgsm", "--batch", "--import", ca], env=self.env, check=True, capture_output=True)

    def close(self):
        subprocess.run(["gpgconf", "--kill", "all"], env=self.env, check=False)

    def openssl(self, octets):
        path = self.root / "openssl.eml"
        path.write_bytes(octets)
        return subprocess.run(["openssl", "cms", "-verify", "-in", path, "-CAfile", self.ca, "-purpose", "smimesign",
                               "-out", self.root / "content"], capture_output=True, text=True)

    def gpgsm(self, octets):
        signed, signature = detached(octets)
        (self.root / "signed").write_bytes(signed)
        (self.root / "signature").write_bytes(signature)
        return subprocess.run(["gpgsm", "--batch", "--disable-crl-checks", "--verify", self.root / "signature",
                               self.root / "signed"], env=self.env, capture_output=True, text=True)


def detached(octets):
    """The two parts of a multipart/signed: the signed octets with CRLF, and the signature's DER."""
    import base64

    octets = octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    boundary = re.search(rb'multipart/signed;[^\x00]*?boundary="?([^";\r\n]+)', octets).group(1)
    parts = octets.split(b"\r\n--" + boundary)
    signed = parts[1].partition(b"\r\n")[2]
    _, _, text = parts[2].partition(b"\r\n\r\n")
    return signed, base64.b64decode(text)


class Scene:
    def __init__(self, root, programs, source):
        root, deploy = pathlib.Path(root), pathlib.Path(source) / "deploy" / "postfix"
        root.chmod(0o755)  # Postfix's own user delivers below it
        self.inside = postfix.Postfix(root / "inside", "mail.stadt.example", ["stadt.example"])
        self.edge = postfix.Postfix(root / "edge", "edge.stadt.example", ["buerger.example"])
        self.reinject = postfix.free_port()
        self.gateway = gateway.Gateway(root / "gateway", programs)
        self.gateway.configure(f"smtp://127.0.0.1:{self.inside.port}", f"smtp://127.0.0.1:{self.reinject}")
        self.deploy = deploy

    def start(self):
        for name in ("authority", "citizens"):
            self.gateway.make_authority(name)
        self.gateway.enrol(mails.BAUAMT)
        self.gateway.start()
        self.inside.configure(main=postfix.connector(self.deploy / "inside-main.cf",
                                                     siegel_inside=f"[127.0.0.1]:{self.gateway.port('inside')}"))
        self.edge.configure(
            main=postfix.connector(self.deploy / "edge-main.cf", siegel_domains="stadt.example",
                                   siegel_world=f"[127.0.0.1]:{self.gateway.port('world')}"),
            master=postfix.on_port((self.deploy / "edge-master.cf").read_text(), self.reinject))
        self.inside.start()
        self.edge.start()

    def stop(self):
        self.gateway.stop()
        self.inside.stop()
        self.edge.stop()


def send(port, batch):
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        for mail in batch:
            client.sendmail(mail.sender, [mail.recipient], mail.octets, mail_options=["BODY=8BITMIME"])


def wait_for(place, count, scene):
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        arrived = place.mails()
        if len(arrived) >= count and scene.inside.waiting() == 0 and scene.edge.waiting() == 0:
            return arrived
        time.sleep(0.5)
    raise AssertionError(f"only {len(place.mails())} of {count} mails arrived\n" + place.log()[-3000:] +
                         scene.gateway.log()[-3000:])


def by_name(arrived, sent):
    names = [value(octets, "X-Test-Name") for octets in arrived]
    doubled = [name for name, count in collections.Counter(names).items() if count > 1]
    require(not doubled, f"doubled: {doubled}")
    missing = {mail.name for mail in sent} - set(names)
    require(not missing, f"lost: {sorted(missing)}")
    return dict(zip(names, arrived))


def check_outgoing(sent, arrived, verifiers):
    tally = collections.Counter()
    for mail in sent:
        octets = arrived[mail.name]
        if mail.fate == "untouched":
            require(without(TRACE, octets) == without(TRACE, mail.octets), f"{mail.name} was altered")
        else:
            for tool in (verifiers.openssl, verifiers.gpgsm):
                done = tool(octets)
                require(done.returncode == 0, f"{mail.name}: {tool.__name__} says {done.stderr}")
        tally[mail.fate] += 1
    return tally


def check_incoming(sent, arrived):
    tally = collections.Counter()
    for mail in sent:
        octets = arrived[mail.name]
        verdict = value(octets, "X-Siegel-Verdict").split(";")[0]
        wanted = "good" if mail.fate == "opened" else mail.fate
        require(verdict == wanted, f"{mail.name}: {verdict} instead of {wanted}\n" + octets.decode(errors="replace"))
        if mail.fate == "opened":
            require(mail.marker in octets, f"{mail.name} was not opened")
        else:
            require(fields_and_body(octets)[1] == fields_and_body(mail.octets)[1], f"{mail.name}: altered body")
            names = OURS | {b"subject"}
            require(without(names, octets) == without(names, mail.octets), f"{mail.name}: altered head")
        tally[mail.fate] += 1
    return tally


def play(scene, root):
    scene.start()
    anna = scene.gateway.issue("citizens", mails.ANNA, "both")
    crypto = mails.Crypto(anna, scene.gateway.root / f"{mails.BAUAMT}.encrypt.pem", root)
    out, into = mails.outgoing(OUTGOING, crypto), mails.incoming(INCOMING, crypto)
    verifiers = Verifiers(root, scene.gateway.root / "authority" / "ca.pem")
    try:
        send(scene.inside.port, out)
        send(scene.edge.port, into)
        left = check_outgoing(out, by_name(wait_for(scene.edge, len(out), scene), out), verifiers)
        came = check_incoming(into, by_name(wait_for(scene.inside, len(into), scene), into))
    finally:
        verifiers.close()
    print(f"out: {dict(left)}; in: {dict(came)}; nothing lost, nothing doubled")


def main():
    programs, source = sys.argv[1:3]
    with tempfile.TemporaryDirectory(prefix="siegel-interop-") as root:
        scene = Scene(root, programs, source)
        try:
            play(scene, pathlib.Path(root))
        finally:
            scene.stop()


if __name__ == "__main__":
    main()
