"""The mixed mails of the interop test: every kind with what must become of it."""

import base64
import dataclasses
import pathlib
import subprocess
import tempfile

BAUAMT = "bauamt@stadt.example"
ANNA = "anna@buerger.example"


@dataclasses.dataclass
class Mail:
    """One mail to send. `fate`: signed | untouched (left alone) | good | bad | opened | annotated."""

    name: str
    fate: str
    octets: bytes
    sender: str = BAUAMT
    recipient: str = ANNA
    marker: bytes = b""


def crlf(text):
    octets = text if isinstance(text, bytes) else text.encode()
    return octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def head(name, sender, recipient, extra=""):
    return (f"From: Amt <{sender}>\nTo: <{recipient}>\nSubject: Vorgang {name}\nX-Test-Name: {name}\n"
            f"Date: Mon, 1 Jun 2026 12:00:00 +0200\nMessage-ID: <{name}@stadt.example>\nMIME-Version: 1.0\n{extra}")


def multipart(kind, parts, boundary, parameters=""):
    lines = [f"Content-Type: multipart/{kind}; boundary=\"{boundary}\"{parameters}", ""]
    for part in parts:
        lines += [f"--{boundary}", part]
    return "\n".join(lines + [f"--{boundary}--", ""])


def attachment(size, seed):
    octets = bytes((i * 7 + seed) % 256 for i in range(size))
    return ("Content-Type: application/pdf; name=\"plan.pdf\"\nContent-Transfer-Encoding: base64\n"
            "Content-Disposition: attachment; filename=\"plan.pdf\"\n\n" + base64.encodebytes(octets).decode())


def to_be_signed(i):
    """Bodies as clients write them, with everything that signing has to be careful about."""
    text = f"marker-{i}"
    return {
        "plain": f"Content-Type: text/plain; charset=us-ascii\n\n{text}\nMit freundlichen Gruessen\n",
        "no-mime": f"\n{text}\nohne Typ\n",
        "umlauts-8bit": f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text} äöüß €\n",
        "umlauts-quoted": "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
                          f"{text} =C3=A4=C3=B6=C3=BC=\n=C3=9F\n",
        "trailing-blanks": f"Content-Type: text/plain\n\n{text}  \t\n-- \nFrom hier an\n.\n..zwei Punkte\n",
        "flowed": f"Content-Type: text/plain; format=flowed\n\n{text} \nweiter \nEnde\n",
        "empty-lines": f"Content-Type: text/plain\n\n\n\n{text}\n\n\n",
        "html": multipart("alternative", [f"Content-Type: text/plain\n\n{text}",
                                          f"Content-Type: text/html; charset=utf-8\n\n<p>{text} ä</p>"], f"alt{i}"),
        "attachment": multipart("mixed", [f"Content-Type: text/plain\n\n{text}", attachment(5000 + i, i)], f"mix{i}"),
        "forwarded": multipart("mixed", [
            f"Content-Type: text/plain\n\n{text}",
            "Content-Type: message/rfc822\n\nFrom: x@y.example\nSubject: alt\n\nweitergeleitet ä \n"], f"fwd{i}"),
        "long-line": f"Content-Type: text/plain\n\n{text} " + "x" * 900 + "\n",
        "pgp-inline": f"Content-Type: text/plain\n\n-----BEGIN PGP SIGNED MESSAGE-----\n{text}\n",
        "auto-reply": f"Auto-Submitted: auto-replied\nContent-Type: text/plain\n\n{text}\n",
    }


def left_alone(i, crypto):
    body = crlf(f"Content-Type: text/plain; charset=utf-8\n\nmarker-{i} geheim äöü \n")
    return {
        "calendar": multipart("alternative", [f"Content-Type: text/plain\n\nmarker-{i}",
                                              "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n"
                                              "END:VCALENDAR"], f"cal{i}").encode(),
        "dsn": multipart("report", [f"Content-Type: text/plain\n\nmarker-{i}",
                                    "Content-Type: message/delivery-status\n\nReporting-MTA: dns; stadt.example"],
                         f"dsn{i}", "; report-type=delivery-status").encode(),
        "client-signed": crypto.sign(body),
        "client-signed-opaque": crypto.sign(body, opaque=True),
        "client-encrypted": crypto.encrypt(body, crypto.anna),
    }


class Crypto:
    """Anna's own tools: the openssl command line."""

    def __init__(self, anna, bauamt, work):
        self.anna, self.bauamt, self.work = pathlib.Path(anna), pathlib.Path(bauamt), pathlib.Path(work)

    def _openssl(self, arguments, octets):
        with tempfile.NamedTemporaryFile(dir=self.work) as source:
            source.write(octets)
            source.flush()
            made = subprocess.run(["openssl", "cms", *arguments, "-in", source.name], capture_output=True)
        if made.returncode != 0:
            raise RuntimeError(made.stderr.decode())
        return made.stdout.replace(b"MIME-Version: 1.0\n", b"", 1).replace(b"MIME-Version: 1.0\r\n", b"", 1)

    def sign(self, octets, opaque=False):
        return self._openssl(["-sign", "-binary", "-md", "sha256", "-signer", str(self.anna)] +
                             (["-nodetach"] if opaque else []), octets)

    def encrypt(self, octets, certificate):
        return self._openssl(["-encrypt", "-binary", "-aes256", "-recip", str(certificate)], octets)


def outgoing(count, crypto):
    mails = []
    while len(mails) < count:
        i = len(mails)
        kinds = [(name, "signed", body.encode()) for name, body in to_be_signed(i).items()]
        kinds += [(name, "untouched", body) for name, body in left_alone(i, crypto).items()]
        kind, fate, body = kinds[i % len(kinds)]
        name = f"out-{i}-{kind}"
        octets = crlf(head(name, BAUAMT, f"p{i}@buerger.example").encode() + body)
        sender = "" if kind == "dsn" else BAUAMT
        mails.append(Mail(name, fate, octets, sender, f"p{i}@buerger.example", f"marker-{i}".encode()))
    return mails


def incoming(count, crypto):
    mails = []
    for i in range(count):
        body = crlf(f"Content-Type: text/plain; charset=utf-8\n\nmarker-{i} von Anna äöü\n")
        signed = crypto.sign(body)
        kinds = [("plain", "none", body), ("signed", "good", signed),
                 ("signed-opaque", "good", crypto.sign(body, opaque=True)),
                 ("forged", "bad", signed.replace(b"von Anna", b"von Egon")),
                 ("encrypted", "opened", crypto.encrypt(crlf(signed), crypto.bauamt))]
        kind, fate, content = kinds[i % len(kinds)]
        name = f"in-{i}-{kind}"
        octets = crlf(head(name, ANNA, BAUAMT).encode() + content)
        mails.append(Mail(name, fate, octets, ANNA, BAUAMT, f"marker-{i}".encode()))
    return mails
