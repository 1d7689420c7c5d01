#!/usr/bin/env python3
"""Large attachments and files by mail: the relay's offload, the virus scan, and the command line.

What leaves by link is small, signed, and leads to the very octets; what must not be touched is not; what is infected
goes nowhere, and whoever sent it hears of it.

usage: transfer_mail_test.py FOLDER_OF_PROGRAMS [CASE ...]
"""

import base64
import email
import email.policy
import hashlib
import io
import json
import os
import pathlib
import re
import smtplib
import subprocess
import zipfile

import mails
import transfer_site

ANNA, BERT, BAUAMT = "anna@buerger.example", "bert@buerger.example", "bauamt@stadt.example"
LARGE = 30 << 20


class Scene:
    def __init__(self, root, programs):
        self.root = pathlib.Path(root)
        self.site = transfer_site.TransferSite(self.root / "site", programs)
        self.site.start_all()
        self.crypto = mails.Crypto(self.site.issue("authority", BERT, "both"), self.site.root / f"{BAUAMT}.sign.pem",
                                   self.root)

    def send(self, name, content, *recipients):
        """A mail of the Bauamt; the new mails in `world`, by recipient."""
        before = self.site.mails("world")
        head = mails.head(name, BAUAMT, ", ".join(recipients)).encode()
        self.site.send_mail(mails.crlf(head + content), BAUAMT, *recipients)
        transfer_site.wait_for(lambda: len(self.site.mails("world") - before) >= 1, f"the mail {name}")
        return [file for file in self.site.mails("world") - before if name.encode() in file.read_bytes()]

    def refused(self, content):
        """Code and text of the reply to DATA."""
        try:
            self.site.send_mail(mails.crlf(mails.head("refused", BAUAMT, ANNA).encode() + content), BAUAMT, ANNA)
        except smtplib.SMTPDataError as refusal:
            return refusal.smtp_code, refusal.smtp_error.decode()
        raise AssertionError("the mail was taken")

    def fetch(self, link, file="0"):
        return transfer_site.Browser(self.site).open(link, form={"file": file}).octets

    def siegel(self, *arguments):
        """Exit code, output and errors of the command line."""
        command = [self.site.programs / "siegel", "--config", self.site.root / "siegel.yaml", *arguments]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr


def part(name, octets, kind="application/octet-stream"):
    return (f'Content-Type: {kind}; name="{name}"\nContent-Transfer-Encoding: base64\n'
            f'Content-Disposition: attachment; filename="{name}"\n\n{base64.encodebytes(octets).decode()}')


def letter(*attachments):
    """Text and HTML, and files beside them, as a mail program writes it."""
    text = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nGrüße vom Amt\n"
    html = "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n<p>Grüße vom <b>Amt</b></p>\n"
    return mails.multipart("mixed", [mails.multipart("alternative", [text, html], "innen"), *attachments],
                           "aussen").encode()


# --- offload


def a_large_attachment_goes_by_link(scene):
    """30 MB: the mail arrives small and signed, the small file is still in it, and the download is identical."""
    large, small = os.urandom(LARGE), os.urandom(2000)
    files = scene.send("gross", letter(part("Plan Größe.bin", large), part("klein.bin", small)), ANNA)
    assert len(files) == 1 and files[0].stat().st_size < 50000, files
    message = email.message_from_bytes(scene.site.verified(files[0]), policy=email.policy.default)
    text, html = message.get_body(("plain",)).get_content(), message.get_body(("html",)).get_content()
    assert "Grüße vom Amt" in text and "<b>Amt</b>" in html
    link = transfer_site.link_in(text, "d")
    assert link in html, "who reads HTML finds no link"
    for shown in (text, html):
        assert "30" in shown and re.search(r"Until \d{1,2} [A-Z][a-z]+ \d{4}", shown), "size or expiry is missing"
    assert [attached.get_content() for attached in message.iter_attachments()] == [small]
    assert hashlib.sha256(scene.fetch(link)).digest() == hashlib.sha256(large).digest()
    assert ("mail", BAUAMT, LARGE) in [(one["origin"], one["owner"], one["octets"]) for one in scene.site.transfers()]


def each_recipient_can_fetch(scene):
    octets = os.urandom(2 << 20)
    files = scene.send("zwei", letter(part("a.bin", octets)), ANNA, "carl@buerger.example")
    links = {transfer_site.link_in(transfer_site.text_of(file), "d") for file in files}
    assert len(links) >= 1 and all(scene.fetch(link) == octets for link in links)
    assert all(scene.site.verified(file) for file in files)


def several_attachments_count_together(scene):
    """The rule says 1 MB in sum: the largest leave until the rest is small enough."""
    octets = [os.urandom(700000), os.urandom(600000), os.urandom(100000)]
    files = scene.send("summe", letter(*(part(f"{i}.bin", one) for i, one in enumerate(octets))), ANNA)
    message = email.message_from_bytes(scene.site.verified(files[0]), policy=email.policy.default)
    kept = [attached.get_content() for attached in message.iter_attachments()]
    assert kept == octets[1:], [len(one) for one in kept]
    assert scene.fetch(transfer_site.link_in(transfer_site.text_of(files[0]), "d")) == octets[0]


def what_is_signed_or_encrypted_is_left_alone(scene):
    """Octet for octet, however large: a signature must not break, and a ciphertext is nobody's business."""
    inner = letter(part("a.bin", os.urandom(2 << 20)))
    parcels = len(scene.site.transfers())
    for name, content in (("signiert", scene.crypto.sign(mails.crlf(inner))),
                          ("undurchsichtig", scene.crypto.sign(mails.crlf(inner), opaque=True)),
                          ("verschluesselt", scene.crypto.encrypt(mails.crlf(inner), scene.crypto.anna))):
        file, = scene.send(name, content, ANNA)
        sent = mails.crlf(mails.head(name, BAUAMT, ANNA).encode() + content)
        body = mails.crlf(content)
        assert mails.crlf(file.read_bytes()).endswith(body[body.index(b"\r\n\r\n"):]), f"{name}: its body was touched"
        assert len(file.read_bytes()) >= len(sent) - 2000
    assert len(scene.site.transfers()) == parcels


def a_small_mail_stays_as_it_is(scene):
    small = os.urandom(500000)
    file, = scene.send("klein", letter(part("a.bin", small)), ANNA)
    message = email.message_from_bytes(scene.site.verified(file), policy=email.policy.default)
    assert [attached.get_content() for attached in message.iter_attachments()] == [small]


def names_of_attachments_are_data(scene):
    """What stands in a mail's header shows up in page and download as something harmless."""
    names = ["../../etc/passwd", "CON", "=?utf-8?B?4oCuZ25wLmV4ZQ==?=", "a;b.bin", "Akte " * 150 + ".bin"]
    octets = [os.urandom(1100000) for _ in names]
    file, = scene.send("namen", letter(*(part(name, one) for name, one in zip(names, octets))), ANNA)
    link = transfer_site.link_in(transfer_site.text_of(file), "d")
    for position, content in enumerate(octets):
        answer = transfer_site.Browser(scene.site).open(link, form={"file": str(position)})
        assert answer.octets == content
        name = re.match(r'attachment; filename="([^"\\/]+)"; filename\*=', answer.headers["Content-Disposition"])
        assert name and name.group(1).upper() != "CON" and ".." not in name.group(1)[:2], answer
    assert "\u202e" not in transfer_site.text_of(file)


# --- the scan


def infected():
    """EICAR's test file with so much behind it that it would go by link; our clamd knows its beginning."""
    return transfer_site.EICAR + b"\n" + b"x" * (2 << 20)


def an_infected_attachment_is_refused(scene):
    parcels, vault = len(scene.site.transfers()), scene.site.vault()
    code, text = scene.refused(letter(part("Rechnung.pdf", infected())))
    assert code == 554 and "Rechnung.pdf" in text, (code, text)
    assert len(scene.site.transfers()) == parcels and scene.site.vault() == vault


def without_the_scanner_a_large_attachment_waits(scene):
    """451: the sender's server tries again, and then the same mail goes through."""
    content = letter(part("a.bin", os.urandom(2 << 20)))
    vault = scene.site.vault()
    scene.site.clamd.stop()
    code, text = scene.refused(content)
    assert code == 451, (code, text)
    assert scene.site.vault() == vault, "what was not taken is kept"
    scene.site.clamd.start()
    assert len(scene.send("nachher", content, ANNA)) == 1


def an_infected_upload_of_a_citizen_reaches_nobody(scene):
    citizen, page = transfer_site.Browser(scene.site), f"/upload/{BAUAMT}"
    citizen.open(page)
    uploads = [citizen.upload(octets, name, page) for name, octets in
               (("gut.txt", b"gut"), ("Virus.exe", transfer_site.EICAR), ("auch-gut.txt", b"auch gut"))]
    before, vault = scene.site.mails("inside"), len(scene.site.vault())
    answer = citizen.post(page, upload=uploads, name="Egon")
    assert answer.status == 200, answer
    _, text = scene.site.mail("inside", f"To: {BAUAMT}", "Virus.exe", but=before)
    assert "/d/" not in text and "Eicar" in text, text
    parcel = re.search("/transfers/([0-9a-f]{32})", text).group(1)
    assert scene.site.rows("SELECT state FROM parcel WHERE id = ?", parcel) == [("infected",)]
    assert len(scene.site.vault()) == vault, "what is in quarantine is kept"
    clerk = transfer_site.Browser(scene.site)
    clerk.sign_in(BAUAMT)
    assert clerk.open(f"/transfers/{parcel}").status == 200
    assert clerk.post(f"/transfers/{parcel}/delete").status == 200
    transfer_site.wait_for(lambda: len(scene.site.vault()) == vault - 3, "the files are erased")
    assert scene.site.rows("SELECT * FROM link WHERE parcel = ? AND sealed_key != ''", parcel) == []


def a_false_alarm_is_let_out_of_quarantine(scene):
    """By an operator; the notices leave then, and their links open the files."""
    browser = transfer_site.Browser(scene.site)
    browser.sign_in(BAUAMT)
    browser.open("/new")
    before, world = scene.site.mails("inside"), scene.site.mails("world")
    parcel = browser.send({"Muster.txt": transfer_site.EICAR}, ANNA)
    scene.site.mail("inside", f"To: {BAUAMT}", "Muster.txt", but=before)
    assert scene.site.mails("world") == world, "a recipient was told"
    assert scene.siegel("transfer", "release", parcel)[0] == 0
    _, text = scene.site.mail("world", f"To: {ANNA}", "/d/", but=world)
    stranger = transfer_site.Browser(scene.site)
    link = transfer_site.link_in(text, "d")
    assert stranger.open(link).status == 200
    assert stranger.open(link, form={"file": "0"}).octets == transfer_site.EICAR
    assert scene.siegel("transfer", "release", parcel)[0] == 1, "it is in quarantine no more"


def an_infected_file_of_staff_is_told_to_its_sender(scene):
    browser = transfer_site.Browser(scene.site)
    browser.sign_in(BAUAMT)
    browser.open("/new")
    before, world = scene.site.mails("inside"), scene.site.mails("world")
    parcel = browser.send({"Virus.exe": transfer_site.EICAR}, ANNA, BERT)
    file, text = scene.site.mail("inside", f"To: {BAUAMT}", "Virus.exe", but=before)
    assert "Eicar" in text and parcel in text, text
    assert scene.site.mails("world") == world, "a recipient was told"
    assert "infected" in json.loads(scene.siegel("--json", "transfer", "show", parcel)[1])["state"]
    assert browser.open(f"/transfers/{parcel}").status == 200


# --- the command line


def files_can_be_sent_by_command(scene):
    """Names with blanks, umlauts, quotes and a line's end; a message; a password; two recipients."""
    folder = scene.root / "files"
    folder.mkdir()
    files = {name: os.urandom(100000) for name in ("Plan Größe.pdf", "-rf", "a\"b'c.txt", "a\nb.txt", "\u202egnp.exe")}
    files["leer.txt"] = b""
    for name, octets in files.items():
        (folder / name).write_bytes(octets)
    (scene.root / "parole").write_text("Sesam öffne dich\n")
    code, out, error = scene.siegel(
        "--json", "transfer", "send", "--from", BAUAMT, "--to", "dora@buerger.example", "--to", "emil@buerger.example",
        "--message", "Grüße\nvom Amt", "--days", "3", "--password-file", scene.root / "parole", "--",
        *(folder / name for name in files))
    assert code == 0, error
    parcel = json.loads(out)["id"]
    for recipient in ("dora@buerger.example", "emil@buerger.example"):
        file, text = scene.site.mail("world", f"To: {recipient}", "/d/")
        scene.site.verified(file)
        assert "Sesam" not in text and "> vom Amt" in text, text
        link = transfer_site.link_in(text, "d")
        ticket = transfer_site.Browser(scene.site).ticket(link, "all", "Sesam öffne dich")
        archive = zipfile.ZipFile(io.BytesIO(scene.site.ask("GET", ticket).octets))
        assert [archive.read(entry) for entry in archive.infolist()] == list(files.values())
        wrong = transfer_site.Browser(scene.site).open(link, form={"file": "0", "password": "falsch"})
        assert wrong.status == 403, wrong
    shown = json.loads(scene.siegel("--json", "transfer", "show", parcel)[1])
    assert [file["octets"] for file in shown["files"]] == [len(octets) for octets in files.values()]
    assert {link["recipient"]: link["password"] for link in shown["links"]} == {
        "dora@buerger.example": True, "emil@buerger.example": True}
    assert [event["what"] for event in shown["events"]].count("fetched") == 2 * len(files)


def transfers_are_listed_and_shown(scene):
    code, out, _ = scene.siegel("transfer", "list")
    parcels = scene.site.transfers()
    assert code == 0 and len(parcels) > 5 and all(parcel["id"] in out for parcel in parcels)
    owned = json.loads(scene.siegel("--json", "transfer", "list", "--owner", BAUAMT)[1])
    assert owned == parcels and json.loads(scene.siegel("--json", "transfer", "list", "--owner",
                                                        "post@stadt.example")[1]) == []
    for parcel in parcels:
        code, out, _ = scene.siegel("transfer", "show", parcel["id"])
        assert code == 0 and parcel["state"] in out and parcel["owner"] in out, out
        assert not re.search(r"[A-Za-z0-9_-]{43}", out + str(parcel)), "a link is shown"
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", out), "a terminal would obey it"


def a_transfer_is_recalled_by_command(scene):
    """Of one recipient, then of all; a second time there is nothing to recall (exit code 1)."""
    file = scene.root / "a.bin"
    file.write_bytes(b"abc")
    _, out, _ = scene.siegel("--json", "transfer", "send", "--from", BAUAMT, "--to", "fritz@buerger.example", "--to",
                             "gerda@buerger.example", file)
    parcel = json.loads(out)["id"]
    fritz, gerda = (scene.site.link(f"{name}@buerger.example") for name in ("fritz", "gerda"))
    path = len(scene.site.url)
    recall = ["--json", "transfer", "recall", parcel]
    assert scene.siegel(*recall, "--recipient", "fritz@buerger.example")[0] == 0
    assert scene.site.ask("GET", fritz[path:]).status == 404 and scene.fetch(gerda) == b"abc"
    assert scene.siegel(*recall, "--recipient", "fritz@buerger.example")[0] == 1
    assert scene.siegel(*recall, "--recipient", "niemand@buerger.example")[0] == 1
    assert scene.siegel(*recall)[0] == 0
    assert scene.site.ask("GET", gerda[path:]).status == 404
    code, out, _ = scene.siegel(*recall)
    assert code == 1 and json.loads(out) == {"recalled": None}, out


def wrong_uses_are_told(scene):
    """Exit code 2 for what is not understood, 1 for what cannot be done; and always a reason, on standard error."""
    file = scene.root / "b.bin"
    file.write_bytes(b"abc")
    parcels = len(scene.site.transfers())
    send = ["transfer", "send", "--from", BAUAMT, "--to", ANNA]
    wrong = [["transfer"], ["transfer", "lisst"], ["transfer", "show"], ["transfer", "recall"], ["transfer", "send"],
             [*send], ["transfer", "send", file, "--to", ANNA], ["transfer", "send", file, "--from", BAUAMT],
             ["transfer", "send", file, "--from", "x@anderswo.example", "--to", ANNA],
             ["transfer", "send", file, "--from", BAUAMT, "--to", "keine Adresse"],
             ["transfer", "send", file, "--from", "x", "--to", ANNA], [*send, file, "--days", "400"],
             [*send, file, "--days", "viele"], [*send, file, "--days", "-1"],
             ["transfer", "list", "--owner", "keine Adresse"], [*send, *[file] * 501]]
    for arguments in wrong:
        code, _, error = scene.siegel(*arguments)
        assert code == 2 and error.strip(), (arguments[:6], code, error)
    impossible = [["transfer", "show", "0" * 32], ["transfer", "recall", "0" * 32], ["transfer", "show", "../x\x1b[2J"],
                  [*send, scene.root / "gibtesnicht"], [*send, scene.root], [*send, file, scene.root / "gibtesnicht"]]
    for arguments in impossible:
        code, _, error = scene.siegel(*arguments)
        assert code == 1 and error.strip() and "\x1b" not in error, (arguments, code, error)
    assert len(scene.site.transfers()) == parcels
    assert scene.site.rows("SELECT * FROM upload") == [], "what was not sent is kept"


CASES = [a_large_attachment_goes_by_link, each_recipient_can_fetch, several_attachments_count_together,
         what_is_signed_or_encrypted_is_left_alone, a_small_mail_stays_as_it_is, names_of_attachments_are_data,
         an_infected_attachment_is_refused, without_the_scanner_a_large_attachment_waits,
         an_infected_upload_of_a_citizen_reaches_nobody, an_infected_file_of_staff_is_told_to_its_sender,
         a_false_alarm_is_let_out_of_quarantine,
         files_can_be_sent_by_command, transfers_are_listed_and_shown, a_transfer_is_recalled_by_command,
         wrong_uses_are_told]


def main():
    transfer_site.play(Scene, CASES, "siegel-transfer-mail-")


if __name__ == "__main__":
    main()
