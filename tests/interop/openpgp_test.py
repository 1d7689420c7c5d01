#!/usr/bin/env python3
"""OpenPGP with a running siegel-relay: the gpg command line, Thunderbird's way of writing, and neomutt read what we
send, and we read what they send. One message goes to S/MIME, OpenPGP and clear text at once.

usage: openpgp_test.py FOLDER_OF_PROGRAMS [CASE ...]
"""

import base64
import email
import email.policy
import json
import os
import pathlib
import pty
import re
import select
import shutil
import smtplib
import subprocess
import sys
import tempfile
import time

import gateway
import mails

BAUAMT, PRESSE = "bauamt@stadt.example", "presse@stadt.example"
ANNA, BERT, CARLA = "anna@buerger.example", "bert@firma.example", "carla@verein.example"
SECRET = "geheimes Wort 4711"


class Gpg:
    """Somebody's own gpg, in a home whose path is short enough for the agent's socket."""

    def __init__(self, user=None):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="siegel-gpg-"))
        if user:
            self("--quick-generate-key", user, "future-default", "default", "1y")

    def __call__(self, *words, stdin=b"", check=True):
        done = subprocess.run(["gpg", "--homedir", self.home, "--batch", "--no-tty", "--quiet", "--trust-model", "always",
                               "--pinentry-mode", "loopback", "--passphrase", "", *map(str, words)],
                              input=stdin, capture_output=True, check=False)
        if check and done.returncode != 0:
            raise AssertionError(f"gpg {words}: {done.stderr.decode()}")
        return done.stdout

    def fingerprint(self, user):
        listing = self("--with-colons", "--list-keys", user).decode()
        return next(line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr:"))

    def verifies(self, signature, covered):
        with tempfile.TemporaryDirectory() as folder:
            files = [pathlib.Path(folder, name) for name in ("signature", "covered")]
            files[0].write_bytes(signature)
            files[1].write_bytes(covered)
            status = self("--status-fd", "1", "--verify", *files).decode()
        assert "VALIDSIG" in status, status
        return status

    def close(self):
        subprocess.run(["gpgconf", "--homedir", self.home, "--kill", "all"], check=False, capture_output=True)
        shutil.rmtree(self.home, ignore_errors=True)


class Scene:
    def __init__(self, root, programs):
        self.site = gateway.Gateway(pathlib.Path(root) / "site", programs)
        root = self.site.root
        self.site.configure(f"maildir:{root}/inside", f"maildir:{root}/world")
        with (root / "siegel.yaml").open("a") as config:
            config.write(f"openpgp: {{directory: {root}/gnupg}}\n")
        self.site.make_authority("authority")
        self.site.make_authority("citizens")
        self.site.enrol(BAUAMT)
        self.site.siegel("mailbox", "add", PRESSE)
        for mailbox in (BAUAMT, PRESSE):
            self.site.siegel("key", "make", mailbox, "--name", "Amt")
        self.bauamt_key = self.site.siegel("key", "export", BAUAMT).encode()
        self.anna = Gpg(f"Anna Huber <{ANNA}>")
        self.anna("--import", stdin=self.bauamt_key)
        self.site.siegel("peer", "add", ANNA, self.file("anna.asc", self.anna("--armor", "--export", ANNA)))
        self.berts = self.site.issue("citizens", BERT, "both")
        self.site.siegel("peer", "add", BERT, self.berts)
        self.site.start()
        self.count = 0

    def file(self, name, octets):
        path = self.site.root / name
        path.write_bytes(octets)
        return path

    def send(self, content, sender, *recipients, fields=""):
        """The new mails at the other side, as octets with LF line ends of a file; the relay must have sent them all."""
        self.count += 1
        name = f"mail-{self.count}"
        side, folder = ("inside", "world") if sender in (BAUAMT, PRESSE) else ("world", "inside")
        head = mails.head(name, sender, ">, <".join(recipients), fields)
        with smtplib.SMTP("127.0.0.1", self.site.port(side), timeout=60) as client:
            client.sendmail(sender, list(recipients), mails.crlf(head.encode() + content))
        return name, folder

    def received(self, name, folder, count=1):
        new = self.site.root / folder / "new"
        deadline = time.monotonic() + 60
        while True:
            found = [file for file in sorted(new.glob("*")) if f"X-Test-Name: {name}".encode() in file.read_bytes()]
            if len(found) >= count:
                assert len(found) == count, f"{len(found)} mails instead of {count}"
                return [mails.crlf(file.read_bytes()) for file in found]
            assert time.monotonic() < deadline, f"{name}: {len(found)} mails of {count}\n{self.site.log()[-3000:]}"
            time.sleep(0.05)

    def exchange(self, content, sender, *recipients, fields="", count=1):
        name, folder = self.send(content, sender, *recipients, fields=fields)
        return self.received(name, folder, count)

    def peers(self):
        return json.loads(self.site.siegel("--json", "peer", "list"))

    def close(self):
        self.site.stop()
        self.anna.close()
        subprocess.run(["gpgconf", "--homedir", self.site.root / "gnupg", "--kill", "all"], check=False,
                       capture_output=True)


def text(words):
    return mails.crlf(f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n{words}\n")


def split(octets):
    """The two parts of the outermost multipart, as they were sent."""
    message = email.message_from_bytes(octets)
    boundary = message.get_boundary().encode()
    _, first, second, _ = octets.split(b"--" + boundary)
    return message, first.removeprefix(b"\r\n").removesuffix(b"\r\n"), email.message_from_bytes(second.lstrip())


def pgp_signed(gpg, user, entity):
    signature = gpg("--local-user", user, "--armor", "--detach-sign", stdin=entity)
    return mails.crlf(b"Content-Type: multipart/signed; micalg=pgp-sha512;\n protocol=\"application/pgp-signature\";\n"
                      b" boundary=\"sig1\"\n\nThis is an OpenPGP/MIME signed message (RFC 4880 and 3156)\n--sig1\n" +
                      entity + b"\n--sig1\nContent-Type: application/pgp-signature; name=\"OpenPGP_signature.asc\"\n"
                      b"Content-Description: OpenPGP digital signature\n\n" + signature + b"\n--sig1--\n")


def pgp_encrypted(armoured):
    return mails.crlf(b"Content-Type: multipart/encrypted;\n protocol=\"application/pgp-encrypted\"; boundary=\"enc1\"\n\n"
                      b"This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156)\n--enc1\n"
                      b"Content-Type: application/pgp-encrypted\n\nVersion: 1\n\n--enc1\n"
                      b"Content-Type: application/octet-stream; name=\"encrypted.asc\"\n\n" + armoured + b"\n--enc1--\n")


def verdict_of(octets):
    return email.message_from_bytes(octets, policy=email.policy.default)["X-Siegel-Verdict"]


# --- what we send


def gpg_reads_what_we_sign_and_encrypt(scene):
    octets, = scene.exchange(text(SECRET), BAUAMT, ANNA)
    assert SECRET.encode() not in octets
    message, first, sealed = split(octets)
    assert message.get_content_type() == "multipart/encrypted" and b"Version: 1" in first
    opened = scene.anna("--decrypt", stdin=sealed.get_payload(decode=True))
    inner, covered, signature = split(opened)
    assert inner.get_content_type() == "multipart/signed" and SECRET.encode() in covered
    assert inner.get_param("micalg").startswith("pgp-sha")
    scene.anna.verifies(signature.get_payload(decode=True), covered)


def a_mailbox_without_certificate_signs_by_openpgp(scene):
    octets, = scene.exchange(text("Grüße  \n-- \nFrom hier"), PRESSE, CARLA)
    reader = Gpg()
    reader("--import", stdin=scene.site.siegel("key", "export", PRESSE).encode())
    _, covered, signature = split(octets)
    reader.verifies(signature.get_payload(decode=True), covered)
    reader.close()


def one_message_goes_three_ways(scene):
    """To an S/MIME peer, an OpenPGP peer and somebody without a key: each gets what it can read, and the log says why."""
    content = text(SECRET)
    sent = scene.exchange(content, BAUAMT, ANNA, BERT, CARLA, count=3)
    kinds = sorted(email.message_from_bytes(octets).get_content_type() for octets in sent)
    assert kinds == ["application/pkcs7-mime", "multipart/encrypted", "multipart/signed"], kinds
    clear = next(octets for octets in sent if b"multipart/signed" in octets)
    assert b"application/pkcs7-signature" in clear and SECRET.encode() in clear
    decided = [line for line in scene.site.log().splitlines() if "event=decided" in line][-3:]
    for scheme, encrypted in (("smime", "yes"), ("openpgp", "yes"), ("smime", "no")):
        wanted = re.compile(rf"signed=yes encrypted={encrypted} scheme={scheme} reason=")
        assert any(wanted.search(line) for line in decided), decided


def a_hidden_recipient_is_in_nobody_elses_copy(scene):
    dora = Gpg("Dora <dora@verein.example>")
    scene.site.siegel("peer", "add", "dora@verein.example",
                      scene.file("dora.asc", dora("--armor", "--export", "dora@verein.example")))
    scene.count += 1
    name = f"bcc-{scene.count}"
    head = mails.head(name, BAUAMT, ANNA)
    with smtplib.SMTP("127.0.0.1", scene.site.port("inside"), timeout=60) as client:
        client.sendmail(BAUAMT, [ANNA, "dora@verein.example"], mails.crlf(head.encode() + text(SECRET)))
    ids = []
    for octets in scene.received(name, "world", 2):
        _, _, sealed = split(octets)
        packets = dora("--list-packets", "--list-only", stdin=sealed.get_payload(decode=True), check=False).decode()
        ids.append(set(re.findall(r"keyid ([0-9A-F]{16})", packets)))
    assert len(ids[0] & ids[1]) == 1, f"only the sender's own key is in both: {ids}"
    dora.close()


def we_tell_our_key_by_autocrypt(scene):
    octets, = scene.exchange(text("Guten Tag"), BAUAMT, CARLA)
    field = email.message_from_bytes(octets)["Autocrypt"]
    attributes = dict(item.strip().split("=", 1) for item in field.split(";"))
    assert attributes["addr"] == BAUAMT and attributes["prefer-encrypt"] == "mutual", attributes
    reader = Gpg()
    reader("--import", stdin=base64.b64decode("".join(attributes["keydata"].split())))
    assert reader.fingerprint(BAUAMT) == scene.anna.fingerprint(BAUAMT)
    reader.close()


# --- what we receive


def we_read_what_gpg_signs_and_encrypts(scene):
    entity = text(SECRET)
    octets, = scene.exchange(pgp_signed(scene.anna, ANNA, entity), ANNA, BAUAMT)
    assert verdict_of(octets).startswith("good; scheme=openpgp"), verdict_of(octets)
    armoured = scene.anna("--armor", "--local-user", ANNA, "--recipient", BAUAMT, "--sign", "--encrypt", stdin=entity)
    octets, = scene.exchange(pgp_encrypted(armoured), ANNA, BAUAMT)
    assert verdict_of(octets).startswith("good; scheme=openpgp") and SECRET.encode() in octets, octets.decode()
    assert "encryption=opened" in verdict_of(octets)


def what_was_altered_is_bad_and_what_is_not_ours_stays_closed(scene):
    signed = pgp_signed(scene.anna, ANNA, text(SECRET)).replace(SECRET.encode(), b"etwas anderes")
    octets, = scene.exchange(signed, ANNA, BAUAMT)
    assert verdict_of(octets).startswith("bad"), verdict_of(octets)
    armoured = scene.anna("--armor", "--recipient", ANNA, "--encrypt", stdin=text(SECRET))
    octets, = scene.exchange(pgp_encrypted(armoured), ANNA, BAUAMT)
    assert "encryption=closed" in verdict_of(octets) and armoured.splitlines()[3] in octets


def thunderbirds_way_is_read(scene):
    """Protected headers (v1) and the sender's key within what is signed, Autocrypt outside."""
    egon = Gpg("Egon Test <egon@verein.example>")
    key = egon("--armor", "--export", "egon@verein.example")
    entity = mails.crlf(
        b'Content-Type: multipart/mixed; boundary="mix1";\n protected-headers="v1"\n'
        b"From: Egon Test <egon@verein.example>\nTo: " + BAUAMT.encode() + b"\nSubject: Vorgang egon\n\n--mix1\n"
        b'Content-Type: multipart/mixed; boundary="mix2"\n\n--mix2\nContent-Type: text/plain; charset=UTF-8; format=flowed\n'
        b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes("Grüße\n".encode()) + b"\n--mix2\n"
        b'Content-Type: application/pgp-keys; name="OpenPGP_0x1.asc"\n'
        b'Content-Disposition: attachment; filename="OpenPGP_0x1.asc"\nContent-Description: OpenPGP public key\n'
        b"Content-Transfer-Encoding: quoted-printable\n\n" + key.replace(b"=", b"=3D") + b"\n--mix2--\n\n--mix1--")
    keydata = base64.b64encode(egon("--export", "egon@verein.example")).decode()
    folded = "\n ".join(keydata[at:at + 70] for at in range(0, len(keydata), 70))
    head = (f"From: Egon Test <egon@verein.example>\nTo: <{BAUAMT}>\nSubject: Vorgang egon\nX-Test-Name: egon\n"
            f"Date: {email.utils.formatdate()}\nMessage-ID: <egon@verein.example>\nMIME-Version: 1.0\n"
            f"Autocrypt: addr=egon@verein.example; keydata=\n {folded}\n")
    content = mails.crlf(head.encode() + pgp_signed(egon, "egon@verein.example", entity))
    with smtplib.SMTP("127.0.0.1", scene.site.port("world"), timeout=60) as client:
        client.sendmail("egon@verein.example", [BAUAMT], content)
    octets, = scene.received("egon", "inside")
    assert verdict_of(octets).startswith("untrusted; scheme=openpgp"), verdict_of(octets)
    learned = [peer for peer in scene.peers() if peer["address"] == "egon@verein.example"]
    assert [peer["came"] for peer in learned] == ["autocrypt"], learned
    egon.close()


def who_asks_for_encryption_by_autocrypt_gets_it(scene):
    fritz = Gpg("fritz@verein.example")
    keydata = base64.b64encode(fritz("--export", "fritz@verein.example")).decode()
    folded = "\n ".join(keydata[at:at + 70] for at in range(0, len(keydata), 70))
    fields = f"Autocrypt: addr=fritz@verein.example; prefer-encrypt=mutual; keydata=\n {folded}\n"
    scene.exchange(text("Guten Tag"), "fritz@verein.example", BAUAMT, fields=fields)
    octets, = scene.exchange(text(SECRET), BAUAMT, "fritz@verein.example")
    _, _, sealed = split(octets)
    assert SECRET.encode() in fritz("--decrypt", stdin=sealed.get_payload(decode=True))
    fritz.close()


# --- a mail program


def neomutt_shows(gpg, octets):
    """What neomutt (gpgme) makes of a message: its text, with what it says of signatures."""
    with tempfile.TemporaryDirectory(prefix="mutt-") as folder:
        folder = pathlib.Path(folder)
        (folder / "box").write_bytes(b"From anna Mon Jun  1 12:00:00 2026\n" + octets.replace(b"\r\n", b"\n") + b"\n")
        pager = folder / "pager"
        pager.write_text(f'#!/bin/sh\nexec cp "$1" {folder}/shown\n')
        pager.chmod(0o700)
        (folder / "rc").write_text(
            "set crypt_use_gpgme=yes\nset crypt_verify_sig=yes\nset wait_key=no\nset prompt_after=no\nset quit=yes\n"
            f"set mbox_type=mbox\nset move=no\nset read_only=yes\nset folder={folder}\nset spoolfile={folder}/box\n"
            f"set pager={pager}\npush \"<first-entry><display-message><exit>\"\n")
        run_in_terminal(["neomutt", "-n", "-F", str(folder / "rc"), "-f", str(folder / "box")],
                        {"GNUPGHOME": str(gpg.home), "HOME": str(folder)}, lambda: (folder / "shown").exists())
        return (folder / "shown").read_text(errors="replace")


def run_in_terminal(words, environment, is_done, seconds=60):
    """neomutt needs a terminal to run in, if only a dumb one."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(environment, TERM="vt100", LINES="40", COLUMNS="120", LC_ALL="C.UTF-8")
        os.execvp(words[0], words)
    deadline = time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            if select.select([terminal], [], [], 0.1)[0]:
                try:
                    if not os.read(terminal, 65536):
                        break
                except OSError:
                    break
    finally:
        if os.waitpid(child, os.WNOHANG) == (0, 0):
            os.kill(child, 9)
            os.waitpid(child, 0)
        os.close(terminal)
    assert is_done(), "neomutt showed nothing"


def neomutt_reads_what_we_send(scene):
    encrypted, = scene.exchange(text(SECRET), BAUAMT, ANNA)
    shown = neomutt_shows(scene.anna, encrypted)
    assert SECRET in shown and "BEGIN PGP MESSAGE" not in shown, shown
    assert "Good signature from" in shown, shown
    signed, = scene.exchange(text("nur signiert"), PRESSE, CARLA)
    reader = Gpg()
    reader("--import", stdin=scene.site.siegel("key", "export", PRESSE).encode())
    shown = neomutt_shows(reader, signed)
    assert "nur signiert" in shown and "Good signature from" in shown, shown
    reader.close()


CASES = [gpg_reads_what_we_sign_and_encrypt, a_mailbox_without_certificate_signs_by_openpgp, one_message_goes_three_ways,
         a_hidden_recipient_is_in_nobody_elses_copy, we_tell_our_key_by_autocrypt, we_read_what_gpg_signs_and_encrypts,
         what_was_altered_is_bad_and_what_is_not_ours_stays_closed, thunderbirds_way_is_read,
         who_asks_for_encryption_by_autocrypt_gets_it, neomutt_reads_what_we_send]


def main(programs, *wanted):
    # A short path: gpg-agent's socket must fit into 108 octets.
    with tempfile.TemporaryDirectory(prefix="so-") as root:
        scene = Scene(root, programs)
        try:
            for case in CASES:
                if not wanted or case.__name__ in wanted:
                    case(scene)
                    print("ok", case.__name__, flush=True)
        finally:
            scene.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
