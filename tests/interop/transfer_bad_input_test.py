#!/usr/bin/env python3
"""What goes wrong around siegel-transfer: clients that lie, break off or never end, a full disk, a locked database.

For each: a clear answer, nothing lost, nothing leaked, and the daemon lives on. After each case a file is sent and
fetched as usual, by the same process.

usage: transfer_bad_input_test.py FOLDER_OF_PROGRAMS [CASE ...]
"""

import base64
import contextlib
import email
import email.policy
import hashlib
import io
import os
import pathlib
import random
import re
import select
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unicodedata
import zipfile

import transfer_site

BAUAMT = "bauamt@stadt.example"
PAGE = f"/upload/{BAUAMT}"
MARK = "Geheimakte"  # in all names and messages: no log may hold it
MULTIPART = "Content-Type: multipart/form-data; boundary=grenze"
LIMITS = ", file: 8 MB, transfer: 16 MB, sender: 64 MB, files: 40, new_uploads_per_hour: 1000000"


class Scene:
    """A site, somebody of the staff, and what holds after each case."""

    def __init__(self, root, programs, limits=LIMITS):
        self.site = transfer_site.TransferSite(pathlib.Path(root) / "site", programs, limits)
        self.sent = 0

    def start(self):
        self.site.start_all()
        self.process = self.site.portal.pid
        self.bauamt = transfer_site.Browser(self.site)
        self.bauamt.sign_in(BAUAMT)
        self.citizen = transfer_site.Browser(self.site)
        self.citizen.open(PAGE)

    def send(self, files, **form):
        """Somebody new is sent the files: (id of the parcel, link)."""
        self.sent += 1
        recipient = f"p{self.sent}@buerger.example"
        self.bauamt.open("/new")
        parcel = self.bauamt.send(files, recipient, **form)
        return parcel, self.site.link(recipient)

    def fetch(self, link, file="0"):
        return transfer_site.Browser(self.site).open(link, form={"file": file}).octets

    def all_is_well(self):
        octets = os.urandom(100000)
        _, link = self.send({f"{MARK}.bin": octets})
        assert self.fetch(link) == octets
        assert self.site.portal.pid == self.process and self.site.portal.poll() is None, "the daemon has ended"
        log = self.site.portal_log()
        assert MARK not in log, "the log names a file"
        assert not re.search(r"[A-Za-z0-9_-]{43}", log), "the log holds a secret"
        assert "level=alarm" not in log and " alarm " not in log, log[log.index("alarm") - 100:][:500]

    def head(self, method, path, *lines, browser=None):
        browser = browser or self.bauamt
        return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", f"Cookie: {browser.cookies()}", *lines, "",
                            ""]).encode()

    def begin(self, length, octets=b"", **headers):
        """The path of a new upload of the office's."""
        answer = self.citizen.open("/uploads", method="POST", data=octets, headers={
            "Tus-Resumable": "1.0.0", "X-Siegel-Token": self.citizen.token, "X-Siegel-Page": PAGE,
            "Content-Type": "application/offset+octet-stream", "Upload-Length": str(length), **headers})
        assert answer.status == 201, answer
        return answer.headers["Location"]

    def patch(self, path, offset, octets, **headers):
        return self.site.ask("PATCH", path, {
            "Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream",
            "Upload-Offset": str(offset), **headers}, octets)

    def offset(self, path):
        answer = self.site.ask("HEAD", path, {"Tus-Resumable": "1.0.0"})
        assert answer.status == 200, answer
        return int(answer.headers["Upload-Offset"])

    def patch_head(self, path, offset, *lines):
        return self.head("PATCH", path, "Tus-Resumable: 1.0.0", "Content-Type: application/offset+octet-stream",
                         f"Upload-Offset: {offset}", *lines)

    def count(self, table):
        return self.site.rows(f"SELECT COUNT(*) FROM {table}")[0][0]

    def memory(self, what="VmHWM"):
        status = pathlib.Path(f"/proc/{self.process}/status").read_text()
        return int(re.search(rf"{what}:\s+(\d+) kB", status).group(1)) // 1024

    def talk(self, octets):
        """All that is answered to these octets on one connection, up to its end."""
        with self.site.connect() as line:
            with contextlib.suppress(OSError):
                line.send(octets)
            return line.rest()

    def talk_and_end(self, octets):
        """The same of a client that sends no more."""
        with self.site.connect() as line:
            with contextlib.suppress(OSError):
                line.send(octets)
                line.socket.unwrap()
            return line.rest()

    def begin_named(self, name, octets):
        """The secret of a finished upload with a name that may be no text at all."""
        named = base64.b64encode(name).decode()
        self.bauamt.open("/new")
        answer = self.bauamt.open("/uploads", method="POST", data=octets, headers={
            "Tus-Resumable": "1.0.0", "X-Siegel-Token": self.bauamt.token, "X-Siegel-Page": "/new",
            "Content-Type": "application/offset+octet-stream", "Upload-Length": str(len(octets)),
            "Upload-Metadata": f"filename {named}".strip()})
        assert answer.status == 201, answer
        return answer.headers["Location"].rsplit("/", 1)[1]


def statuses(octets):
    return [int(status) for status in re.findall(rb"^HTTP/1\.1 (\d\d\d) ", octets, re.MULTILINE)]


# --- connections that are cut


def cut_in_the_handshake(scene):
    hello = client_hello()
    dice = random.Random(1)
    for at in [0, 1, 2, 3, 4, 5, 6, 10, 40, len(hello) - 1, len(hello)]:
        for how in ("close", "cut"):
            line = scene.site.connect(tls=False).send(hello[:at])
            line.cut() if how == "cut" else line.socket.close()
    for junk in (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\0" * 1000, dice.randbytes(3000),
                 b"\x16\x03\x01\xff\xff",
                 b"\x16\x03\x01\x40\x00" + b"x" * 16384, hello[:-20] + dice.randbytes(20), hello + dice.randbytes(500),
                 b"\x80\x2e\x01\x00\x02", b"EHLO x\r\n"):
        with scene.site.connect(tls=False) as line:
            with contextlib.suppress(OSError):
                line.send(junk)
                line.socket.shutdown(socket.SHUT_WR)
            assert b"HTTP/1.1 2" not in line.rest(), junk[:20]


def client_hello():
    out = ssl.MemoryBIO()
    context = ssl.create_default_context()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), out, server_hostname="localhost").do_handshake()
    return out.read()


def cut_in_a_request(scene):
    """A form, an upload in a form and one by tus, cut after each octet that is of interest: nothing half is taken."""
    parcels = scene.count("parcel")
    upload = scene.begin(3, b"abc").rsplit("/", 1)[1]
    path = scene.begin(100000)
    form = f"csrf={scene.citizen.token}&upload={upload}&name={MARK}".encode()
    plain = multipart([("csrf", None, scene.citizen.token.encode()), ("name", None, b"Anna"),
                       ("files", f"{MARK}.pdf", os.urandom(50000))])
    urlencoded = "Content-Type: application/x-www-form-urlencoded"
    requests = [
        scene.head("POST", PAGE, urlencoded, f"Content-Length: {len(form)}", browser=scene.citizen) + form,
        scene.head("POST", PAGE, MULTIPART, f"Content-Length: {len(plain)}", browser=scene.citizen) + plain,
        scene.patch_head(path, 0, "Content-Length: 100000") + os.urandom(100000)]
    dice = random.Random(2)
    for request in requests:
        body = request.index(b"\r\n\r\n") + 4
        end = len(request) - 8  # behind the last octet that means something, a form may be taken for whole
        cuts = [1, 4, 30, body - 3, body - 1, body, body + 1, end] + dice.sample(range(end), 6)
        for at in cuts:
            line = scene.site.connect().send(request[:at])
            line.cut() if dice.random() < 0.5 else line.socket.close()
    assert scene.count("parcel") == parcels
    answer = scene.citizen.post(PAGE, upload=upload, name="Anna")
    assert answer.status == 200, answer
    transfer_site.wait_for(lambda: scene.patch(path, at := scene.offset(path), os.urandom(100000 - at)).status == 204,
                           "an upload that was cut goes on")


def a_form_that_breaks_off_keeps_nothing(scene):
    """Without JavaScript nobody can go on with it: it must not fill the office's quota (64 MB; a file has 8 MB)."""
    before = (scene.count("upload"), scene.site.vault())
    plain = multipart([("csrf", None, scene.citizen.token.encode()), ("files", f"{MARK}.pdf", os.urandom(1000)),
                       ("files", f"{MARK}.bin", os.urandom(200000))])
    for _ in range(12):
        with scene.site.connect() as line:
            line.send(scene.head("POST", PAGE, MULTIPART, f"Content-Length: {len(plain)}", browser=scene.citizen))
            line.send(plain[:100000])
            transfer_site.wait_for(lambda: scene.count("upload") >= before[0] + 2, "both files are being stored")
    transfer_site.wait_for(lambda: (scene.count("upload"), scene.site.vault()) == before,
                           "what nobody can go on with is erased", seconds=20)


def multipart(fields):
    octets = b""
    for name, file, content in fields:
        named = f'; filename="{file}"' if file is not None else ""
        head = f'--grenze\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
        octets += head.encode() + content + b"\r\n"
    return octets + b"--grenze--\r\n"


def cut_in_a_download(scene):
    octets = os.urandom(8 << 20)
    parcel, link = scene.send({f"{MARK}.bin": octets})
    for file in ("0", "all"):
        ticket = scene.citizen.ticket(link, file)
        for taken in (1, 1000, 100000, 3000000):
            line = scene.site.connect().send(scene.head("GET", ticket))
            while taken > 0:
                taken -= len(line.socket.recv(min(taken, 65536)))
            line.cut()
        line = scene.site.connect().send(scene.head("GET", ticket))
        line.cut()
    events = scene.site.rows("SELECT COUNT(*) FROM parcel_event WHERE parcel = ? AND what = 'fetched'", parcel)
    assert events[0][0] == 0, "a download that broke off counts as one"
    assert scene.fetch(link) == octets


# --- lengths that lie


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"


def lengths_that_lie(scene):
    """Whatever two programs could read in two ways ends the connection; what is behind it is no request."""
    lies = ["Content-Length: 5\r\nContent-Length: 6", "Content-Length: 0\r\nContent-Length: 0", "Content-Length: 0, 0",
            "Content-Length: +0", "Content-Length: -1", "Content-Length: 0x0", "Content-Length: 0 0",
            "Content-Length: 1e1", f"Content-Length: {10**30}", "Content-Length: ", "Content-Length: \xb2",
            "Content-Length : 0", "Content-Length: 0\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked\r\nContent-Length: 0",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: identity", "Transfer-Encoding: gzip, chunked",
            "Transfer-Encoding: xchunked", "Transfer-Encoding: \x0bchunked", "Transfer-Encoding : chunked",
            "Transfer-Encoding:\r\n chunked", " Transfer-Encoding: chunked", "X: y\r\n\tTransfer-Encoding: chunked",
            "X: y\nTransfer-Encoding: chunked", "X: y\rTransfer-Encoding: chunked", "X\0: y", "X: y\0z", ": x",
            "Host: b"]
    for lie in lies:
        head = f"POST /sign-in HTTP/1.1\r\nHost: localhost\r\n{lie}\r\n\r\n"
        octets = scene.talk(head.encode("latin-1") + b"0\r\n\r\n" + SMUGGLED)
        answers = statuses(octets)
        assert len(answers) == 1 and answers[0] in (400, 431, 501), (lie, octets[:300])
        assert b"\r\nConnection: close\r\n" in octets, lie
    for line in (b"GET / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
                 b"GET  / HTTP/1.1\r\n",
                 b"GET / HTTP/2.0\r\n", b"GET / http/1.1\r\n", b"GET /\r\n", b"G\xffT / HTTP/1.1\r\n", b"\r\n\r\n\r\n",
                 b"GET / HTTP/1.1\nHost: x\n\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                 b"GET * HTTP/1.1\r\nHost: x\r\n\r\n"):
        octets = scene.talk(line + b"Host: localhost\r\n\r\n" + SMUGGLED)
        assert len(statuses(octets)) == 1 and statuses(octets)[0] in (400, 505), (line, octets[:300])


def a_length_that_is_too_long_takes_nothing(scene):
    """The client announces more than comes: no answer can be a success."""
    form = f"csrf={scene.citizen.token}&name=Anna&upload={scene.begin(1, b'x').rsplit('/', 1)[1]}".encode()
    plain = multipart([("csrf", None, scene.citizen.token.encode()), ("name", None, b"Anna"), ("files", "x", b"x")])
    parcels = scene.count("parcel")
    for kind, body in (("Content-Type: application/x-www-form-urlencoded", form), (MULTIPART, plain[:-4])):
        with scene.site.connect() as line:
            line.send(scene.head("POST", PAGE, kind, f"Content-Length: {len(body) + 100}", browser=scene.citizen))
            line.send(body)
            line.socket.shutdown(socket.SHUT_WR)
            assert all(status >= 400 for status in statuses(line.rest()))
    assert scene.count("parcel") == parcels


def a_length_that_is_too_short_leaves_a_next_request(scene):
    """What is behind the body is read as a request of its own, and has to be one."""
    path = scene.begin(10)
    octets = scene.talk(scene.patch_head(path, 0, "Content-Length: 4") + b"abcdefghij" + b"\r\n\r\n")
    assert statuses(octets) == [204, 400], octets
    assert scene.offset(path) == 4
    octets = scene.talk(scene.patch_head(path, 4, "Content-Length: 6") + b"efghij" + scene.head("GET", "/robots.txt")
                        + scene.head("GET", "/health", "Connection: close"))
    assert statuses(octets) == [204, 200, 200], octets


def chunks_that_lie(scene):
    path = scene.begin(100)
    for chunks in (b"FFFFFFFFFFFFFFFFF\r\nx", b"-1\r\nx", b"3\nabc\n", b"g\r\n", b"3\r\nabcd\r\n0\r\n\r\n",
                   b"3;" + b"x" * 40000,
                   b"3 \r\nabc", b"0x3\r\nabc\r\n", b"3\r\nabc0\r\n\r\n", b"\r\n", b"3\r\nab",
                   b"0\r\n" + b"X: y\r\n" * 5000):
        at = scene.offset(path)
        answers = statuses(scene.talk_and_end(scene.patch_head(path, at, "Transfer-Encoding: chunked") + chunks))
        assert len(answers) <= 1, (chunks[:20], answers)  # a part that broke off may be acknowledged as far as it came
        assert scene.offset(path) <= at + 4, "framing was taken for data"
    octets = scene.talk(scene.patch_head(path, scene.offset(path), "Transfer-Encoding: chunked", "Connection: close")
                        + b"1;a=b\r\nx\r\n0\r\nTrailer: y\r\n\r\n")
    assert statuses(octets) == [204], octets


def ranges_that_lie(scene):
    octets = os.urandom(1000)
    _, link = scene.send({f"{MARK}.bin": octets})
    ticket = scene.citizen.ticket(link)
    for range_, status, expected in (
            ("bytes=0-0", 206, octets[:1]), ("bytes=999-", 206, octets[999:]), ("bytes=-1", 206, octets[-1:]),
            ("bytes=-5000", 206, octets), ("bytes=990-99999999999999999999999", 206, octets[990:]),
            ("bytes=1000-", 416, None), ("bytes=-0", 416, None), ("bytes=99999999999999999999999-", 416, None),
            ("bytes=5-2", 200, octets), ("bytes=0-0,5-9", 200, octets), ("bytes=" + "0-," * 2000, 200, octets),
            ("bytes=a-b", 200, octets), ("bytes=--1", 200, octets), ("lines=0-1", 200, octets),
            ("bytes=", 200, octets)):
        answer = scene.site.ask("GET", ticket, {"Range": range_})
        assert answer.status == status, (range_[:40], answer)
        assert expected is None or answer.octets == expected, range_[:40]


# --- names


NAMES = ["../../etc/passwd", "..\\..\\windows\\system32\\x.dll", "/etc/passwd", "C:\\x.txt", "CON", "con.txt",
         "NUL.tar.gz",
         "COM1", "LPT9.pdf", "aux", "COM¹.txt", ".", "..", "...", " ", "", ".htaccess", "x.", "x ", "\u202egnp.exe",
         "Rechnung\u202efdp.exe", "\u200b\u2066x\u2069.txt", "a\"b.txt", "a'b.txt", "a\r\nSet-Cookie: x=1\r\n.txt",
         "a\0b.txt",
         "\x1b[2J.txt", "\x7f.txt", "a;b.txt", "a%2fb.txt", "a%00b.txt", "=1+1.csv", "-rf", "$(x).txt",
         "x" * 4000 + ".pdf",
         "ä" * 4000 + ".pdf", "😀" * 1000, "x." + "y" * 3000, "e\u0301.txt", "文件.txt", "file:///etc/passwd",
         "a\u2028b.txt"]
BROKEN = [b"\xff\xfe.txt", b"\xed\xa0\x80.txt", b"a\xc0\xafb", b"\xf5\x80\x80\x80", b"x" * 399 + "ä".encode() + b".txt"]
HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


def names_are_data(scene):
    """Whatever a file is called, by tus and by form: page, ZIP, mail and Content-Disposition show what is harmless."""
    octets = [os.urandom(10) for _ in NAMES + BROKEN]
    scene.bauamt.open("/new")
    for names in in_parcels(list(zip([name.encode() for name in NAMES] + BROKEN, octets))):
        uploads = [scene.begin_named(name, content) for name, content in names]
        recipient = f"namen{uploads[0][:6]}@buerger.example".replace("_", "").replace("-", "")
        answer = scene.bauamt.post("/transfers", upload=uploads, recipients=recipient, days="1", message=MARK)
        assert answer.status == 200, answer
        look_at_names(scene, scene.site.link(recipient), [content for _, content in names])
    assert_mails_are_harmless(scene.site.mails("world"))


def in_parcels(items, size=24):
    return [items[i:i + size] for i in range(0, len(items), size)]


def look_at_names(scene, link, octets):
    page = scene.citizen.open(link).octets.decode()
    assert not HIDDEN.search(page.replace("\n", "")), "the page holds a character that nobody sees"
    for position, content in enumerate(octets):
        answer = scene.site.ask("GET", scene.citizen.ticket(link, str(position)))
        assert answer.octets == content
        assert_harmless(shown_name(answer.headers["Content-Disposition"]))
        assert answer.headers["Set-Cookie"] is None, answer
    archive = zipfile.ZipFile(io.BytesIO(scene.fetch(link, "all")))
    assert len(set(name.lower() for name in archive.namelist())) == len(octets), archive.namelist()
    for entry, content in zip(archive.infolist(), octets):
        assert_harmless(entry.filename)
        assert archive.read(entry) == content and not entry.is_dir()


def shown_name(field):
    """The name that a browser takes; both forms of RFC 6266 have to be there."""
    found = re.fullmatch(r"attachment; filename=\"([ -~]+)\"; filename\*=UTF-8''([A-Za-z0-9!#$&+.^_`|~%-]+)", field)
    assert found and '"' not in found.group(1) and "\\" not in found.group(1), field
    assert_harmless(found.group(1))
    return bytes.fromhex(re.sub(r"%(..)|(.)", lambda m: m[1] or f"{ord(m[2]):02x}", found.group(2))).decode()


def assert_harmless(name):
    assert not re.search(r'[/\\:*?"<>|]', name) and not HIDDEN.search(name), repr(name)
    assert 0 < len(name.encode()) <= 210 and name == name.strip(". "), repr(name)
    assert not re.fullmatch(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", name), repr(name)
    assert unicodedata.is_normalized("NFC", name) or "\u0301" in name, repr(name)


def assert_mails_are_harmless(files):
    for file in files:
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        assert message["Set-Cookie"] is None and len(message.defects) == 0, file
        assert all(len(line) <= 998 for line in file.read_bytes().split(b"\n")), file
        text = transfer_site.text_of(file)
        assert not HIDDEN.search(re.sub("[\r\n\t]", "", text)), (file, HIDDEN.search(re.sub("[\r\n\t]", "", text)))


def names_in_a_form_are_data(scene):
    """As a browser without JavaScript writes them (HTML standard: only quotes and line ends are escaped), and worse."""
    head = 'Content-Disposition: form-data; name="files"; filename='
    names = ['"../../etc/passwd"', '"CON"', '"a%22b%0D%0Ac.txt"', '"' + "x" * 4000 + '.pdf"', '"\u202egnp.exe"',
             '"a\\"b.txt"',
             "ohne.txt", '"a"; filename="b"', "\"\"; filename*=UTF-8''..%2f..%2fx", '"a\0b"', '"a\nX: y"',
             '"a\r\n\r\nX"',
             '"\r\nContent-Type: x"']
    taken = 0
    for name in names:
        fields = multipart([("csrf", None, scene.citizen.token.encode()), ("name", None, MARK.encode())])
        body = fields.removesuffix(b"--\r\n") + f"\r\n{head}{name}\r\n\r\nINHALT\r\n--grenze--\r\n".encode()
        before = scene.site.mails("inside")
        answer = scene.citizen.open(PAGE, data=body, headers={"Content-Type": MULTIPART.split(": ")[1]})
        assert answer.status in (200, 400, 403, 422), (name, answer)
        if answer.status != 200:
            scene.citizen.open(PAGE)  # the answer to what is not understood may be plain
            continue
        taken += 1
        file, text = scene.site.mail("inside", f"To: {BAUAMT}", "/d/", but=before)
        look_at_names(scene, transfer_site.link_in(text, "d"), [b"INHALT"])
        assert_mails_are_harmless([file])
    assert taken >= 6, f"only {taken} names were taken: the case proves little"


def what_people_write_may_be_long(scene):
    """Texts are cut, and never in the middle of a letter."""
    for message in ("x" * 3999 + "ä" * 100, "ä" * 4001, "😀" * 3000, "x" * 100000, "\u202e" * 500, "a\0b", "\ud7ff"):
        answer = scene.bauamt.post("/transfers", upload=fresh(scene.bauamt), recipients="x@buerger.example", days="1",
                                   message=message)
        assert answer.status in (200, 403, 413, 422), (message[:3], answer)
        scene.bauamt.open("/new")
    for field in ("name", "reference", "message"):
        for text in ("x" * 199 + "ä" * 50, "x" * 3999 + "ä" * 50, "ä" * 5000):
            answer = scene.citizen.post(PAGE, **{"upload": fresh(scene.citizen, PAGE), "name": "Anna", field: text})
            assert answer.status in (200, 422), (field, answer)
            scene.citizen.open(PAGE)
    scene.bauamt.open("/invite")
    assert scene.bauamt.post("/invitations", note="x" * 1999 + "ä" * 50, days="1").status == 200


def fresh(browser, page="/new"):
    return browser.upload(b"x", f"{MARK}.txt", page)


# --- too much of everything


def a_hundred_thousand_files(scene):
    """By form with uploads, by form with files, and as a wish: a clear answer, and no more kept than may be."""
    uploads = scene.count("upload")
    secrets = "&".join(f"upload={'A' * 43}" for _ in range(100000))
    for browser, path, more in ((scene.bauamt, "/transfers", "&recipients=x@buerger.example&days=1"),
                                (scene.citizen, PAGE, "&name=Anna")):
        body = f"csrf={browser.token}{more}&{secrets}".encode()
        octets = scene.talk(scene.head("POST", path, "Content-Type: application/x-www-form-urlencoded",
                                       f"Content-Length: {len(body)}", "Connection: close", browser=browser) + body)
        assert len(statuses(octets)) == 1 and statuses(octets)[0] in (403, 413, 422), octets[:300]
    part = b'--grenze\r\nContent-Disposition: form-data; name="files"; filename="Geheimakte"\r\n\r\nx\r\n'
    body = multipart([("csrf", None, scene.citizen.token.encode()), ("name", None, b"Anna")])[:-12] + part * 100000 \
        + b"--grenze--\r\n"
    head = scene.head("POST", PAGE, MULTIPART, f"Content-Length: {len(body)}", browser=scene.citizen)
    octets = scene.talk(head + body)
    assert len(statuses(octets)) == 1 and statuses(octets)[0] in (400, 413, 422), octets[:300]
    assert scene.count("upload") - uploads <= 41, f"{scene.count('upload') - uploads} files were kept of 40 that may be"
    scene.bauamt.open("/new")
    wish = [fresh(scene.bauamt) for _ in range(41)]
    answer = scene.bauamt.post("/transfers", upload=wish, recipients="x@buerger.example", days="1")
    assert answer.status == 422, answer
    for secret in wish:
        scene.site.ask("DELETE", f"/uploads/{secret}", {"Tus-Resumable": "1.0.0"})


def heads_that_never_end(scene):
    for octets in (b"GET /" + b"x" * 100000, b"GET / HTTP/1.1\r\nX: " + b"y" * 100000,
                   b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20000,
                   b"x" * 100000, b"GET / HTTP/1.1\r\nHost: x\r\nCookie: " + b"__Host-session=x; " * 5000):
        answers = statuses(scene.talk(octets))
        assert len(answers) == 1 and answers[0] in (400, 414, 431), (octets[:30], answers)


def bodies_that_never_end(scene):
    """Beyond Upload-Length, beyond what a form may have: the server says so and hangs up, whatever still comes."""
    path = scene.begin(1 << 20)
    flood = b"10000\r\n" + os.urandom(65536) + b"\r\n"
    urlencoded = "Content-Type: application/x-www-form-urlencoded"
    for head, piece, answers in (
            (scene.patch_head(path, 0, "Transfer-Encoding: chunked"), flood, {413}),
            (scene.head("POST", "/sign-in", "Transfer-Encoding: chunked", urlencoded), flood, {403, 413}),
            (scene.head("POST", PAGE, "Transfer-Encoding: chunked", MULTIPART, browser=scene.citizen), flood,
             {400, 403, 413}),
            (scene.head("POST", "/nirgends", "Transfer-Encoding: chunked"), flood, {404})):
        with scene.site.connect() as line:
            octets = flooded(line, head, piece)
        assert set(statuses(octets)) <= answers, octets[:300]
    assert scene.offset(path) == 0, "what was too much was kept"
    assert scene.memory() < 600, f"{scene.memory()} MB"


def flooded(line, head, piece, most=64 << 20):
    """Sends until the server answers; fails if that takes more than any limit here. Returns the answer."""
    sent = 0
    with contextlib.suppress(OSError):
        line.send(head)
        while not select.select([line.socket], [], [], 0)[0]:
            assert sent < most, f"it takes all that comes to {head[:40]}"
            line.send(piece)
            sent += len(piece)
    return line.rest()


def new_uploads_are_counted(scene):
    """A client that begins upload after upload is told when to go on; others are served meanwhile."""
    config = scene.site.root / "siegel.yaml"
    good = config.read_text()
    reload(scene, good.replace("new_uploads_per_hour: 1000000", "new_uploads_per_hour: 20"))
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "1", "X-Siegel-Token": scene.citizen.token,
               "X-Siegel-Page": PAGE, "Cookie": scene.citizen.cookies()}
    try:
        answers = [scene.site.ask("POST", "/uploads", headers, source="127.0.0.77") for _ in range(25)]
        assert [answer.status for answer in answers] == [201] * 20 + [429] * 5
        assert int(answers[-1].headers["Retry-After"]) > 0
        assert scene.site.ask("POST", "/uploads", headers, source="127.0.0.78").status == 201
    finally:
        reload(scene, good)


def reload(scene, text):
    (scene.site.root / "siegel.yaml").write_text(text)
    before = scene.site.portal_log().count("event=reloaded")
    scene.site.portal.send_signal(1)
    transfer_site.wait_for(lambda: scene.site.portal_log().count("event=reloaded") > before, "the reload")


def a_quota_that_is_full(scene):
    """The sender's limit counts what is promised, and is free again when that ends."""
    kept, = scene.site.rows("SELECT (SELECT COALESCE(SUM(octets), 0) FROM upload WHERE owner = ?) + (SELECT "
                            "COALESCE(SUM(octets), 0) FROM parcel WHERE owner = ? AND ended = 0)", BAUAMT, BAUAMT)[0]
    paths = [scene.begin(8 << 20) for _ in range(((64 << 20) - kept) // (8 << 20))]
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(8 << 20), "X-Siegel-Token": scene.citizen.token,
               "X-Siegel-Page": PAGE, "Cookie": scene.citizen.cookies()}
    assert scene.site.ask("POST", "/uploads", headers).status == 507
    for path in paths:
        assert scene.site.ask("DELETE", path, {"Tus-Resumable": "1.0.0"}).status == 204
    scene.site.ask("DELETE", scene.begin(8 << 20), {"Tus-Resumable": "1.0.0"})


# --- what is around the daemon


def a_locked_database_is_a_temporary_failure(scene):
    """Who writes meanwhile is told to come again; who only reads is served; afterwards nothing is lost."""
    octets = os.urandom(300000)
    _, link = scene.send({f"{MARK}.bin": octets})
    path, ticket, upload = scene.begin(6), scene.citizen.ticket(link), fresh(scene.bauamt)
    scene.citizen.open("/sign-in")
    with contextlib.closing(scene.site.database()) as database:
        database.execute("BEGIN EXCLUSIVE")
        asked = [lambda: scene.bauamt.post("/transfers", upload=upload, recipients="x@buerger.example", days="1"),
                 lambda: scene.bauamt.post("/invitations", days="1"),
                 lambda: scene.citizen.post("/sign-in", address=BAUAMT),
                 lambda: scene.patch(path, 0, b"abc"),
                 lambda: scene.site.ask("POST", link[len(scene.site.url):], transfer_site.FORM, "file=0")]
        answers = together(asked)
        assert scene.site.ask("GET", ticket).octets == octets and scene.site.ask("GET", "/health").status == 200
        database.execute("ROLLBACK")
    assert [answer.status for answer in answers] == [503] * len(answers), answers
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
    at = scene.offset(path)
    assert scene.patch(path, at, b"abcdef"[at:]).status == 204
    scene.bauamt.open("/new")
    answer = scene.bauamt.post("/transfers", upload=upload, recipients="spaeter@buerger.example", days="1")
    assert answer.status == 200, answer
    scene.site.link("spaeter@buerger.example")


def together(asked):
    """Asks all at the same time; the answers in their order."""
    answers = [None] * len(asked)

    def ask(i):
        answers[i] = asked[i]()

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(len(asked))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def a_full_disk_is_a_temporary_failure(scene):
    """On a file system of 24 MB: promises are kept within its room, and what was received before it was full stays."""
    folder = scene.site.root / "transfer"
    octets = os.urandom(4 << 20)
    path, upload = scene.begin(len(octets)), fresh(scene.bauamt)
    assert scene.patch(path, 0, octets[:1 << 20]).status == 204
    subprocess.run(["dd", "if=/dev/zero", f"of={folder / 'filler'}", "bs=16k"], check=False, capture_output=True)
    answer = scene.patch(path, 1 << 20, octets[1 << 20:])
    assert answer.status in (503, 507), answer
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "5", "X-Siegel-Token": scene.citizen.token,
               "X-Siegel-Page": PAGE, "Cookie": scene.citizen.cookies()}
    assert scene.site.ask("POST", "/uploads", headers).status in (503, 507)
    refused = scene.bauamt.post("/transfers", upload=upload, recipients="voll@buerger.example", days="1")
    assert refused.status in (200, 503), refused  # a page of the database may have had room
    assert scene.site.ask("GET", "/health").status == 503
    (folder / "filler").unlink()
    at = scene.offset(path)
    assert at >= 1 << 20, "what was acknowledged is lost"
    assert scene.patch(path, at, octets[at:]).status == 204
    assert scene.site.ask("GET", "/health").status == 200
    scene.citizen.open(PAGE)
    before = scene.site.mails("inside")
    assert scene.citizen.post(PAGE, upload=path.rsplit("/", 1)[1], name="Anna").status == 200
    _, text = scene.site.mail("inside", f"To: {BAUAMT}", "/d/", but=before)
    assert hashlib.sha256(scene.fetch(transfer_site.link_in(text, "d"))).digest() == hashlib.sha256(octets).digest()


def what_has_no_room_is_not_begun(scene):
    """The reserve (4 MB) is never promised away."""
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(30 << 20), "X-Siegel-Token": scene.citizen.token,
               "X-Siegel-Page": PAGE, "Cookie": scene.citizen.cookies()}
    uploads = scene.count("upload")
    assert scene.site.ask("POST", "/uploads", headers).status == 507
    assert scene.count("upload") == uploads


# --- clients that are slow


class Slow:
    """Clients that are begun with the test and looked at when all else is done: patience takes a minute."""

    def __init__(self, scene):
        self.scene = scene
        self.paths = [scene.begin(1 << 20) for _ in range(3)]
        self.lines = {name: scene.site.connect("127.0.0.9", tls) for name, tls in (
            ("handshake", False), ("head", True), ("upload", True), ("chunks", True), ("form", True), ("idle", True))}
        heads = {"upload": scene.patch_head(self.paths[0], 0, "Content-Length: 1048576"),
                 "chunks": scene.patch_head(self.paths[1], 0, "Transfer-Encoding: chunked"),
                 "form": scene.head("POST", "/sign-in", "Content-Length: 10000")}
        for name, head in heads.items():
            self.lines[name].send(head)
        self.drops = {"handshake": client_hello(), "head": b"GET / HTTP/1.1\r\nX: " + b"y" * 9999,
                      "upload": b"z" * 9999, "chunks": b"1\r\nz\r\n" * 9999, "form": b"x" * 9999, "idle": b""}
        self.silent = scene.site.connect("127.0.0.9").send(scene.patch_head(self.paths[2], 0, "Content-Length: 1048576")
                                                           + b"z" * 1000)
        self.ended = set()
        threading.Thread(target=self.run, daemon=True).start()

    def close(self):
        """The daemon would wait for them when it stops."""
        for line in (self.silent, *self.lines.values()):
            line.socket.close()

    def run(self):
        at = 0
        while len(self.ended) < len(self.lines):
            for name in self.lines.keys() - self.ended:
                self.drip(name, at)
            at += 1
            time.sleep(0.5)

    def drip(self, name, at):
        """One octet; notes when the server has hung up."""
        line = self.lines[name]
        line.socket.settimeout(0.01)
        try:
            line.send(self.drops[name][at:at + 1])
            if line.socket.recv(65536) == b"":
                self.ended.add(name)
        except TimeoutError:
            pass  # nothing has come
        except OSError:
            self.ended.add(name)


def who_never_ends_is_hung_up_on(scene):
    """A trickle in the handshake, the head, an upload, chunks and a form; and what came of an upload is kept."""
    slow = scene.slow
    transfer_site.wait_for(lambda: len(slow.ended) == len(slow.lines), f"all but {slow.ended}", seconds=150)
    for path in slow.paths[:2]:
        at = scene.offset(path)
        assert at > 10, f"what came slowly to {path[:10]} is lost: {at}"
        assert scene.patch(path, at, os.urandom((1 << 20) - at)).status == 204
    at = scene.offset(slow.paths[2])
    assert at == 1000, "what came before the silence is lost"


CLIENTS, PER_ADDRESS = 2000, 50


def two_thousand_clients_that_do_nothing(scene):
    """Idle, in the handshake, reading slowly: 2,000 from forty addresses; a normal client is served meanwhile."""
    octets = os.urandom(8 << 20)
    _, link = scene.send({f"{MARK}.bin": octets})
    ticket = scene.citizen.ticket(link)
    before, peaks = scene.memory("VmRSS"), []
    for _ in range(2):
        with contextlib.ExitStack() as lines:
            for i in range(CLIENTS):
                lines.enter_context(idle_client(scene, ticket, i))
            peaks.append(scene.memory("VmRSS"))
            assert scene.fetch(link) == octets
            scene.all_is_well()
        transfer_site.wait_for(lambda: threads(scene) < 100, "the end of all connections", seconds=120)
    print(f"  {CLIENTS} clients: {before} MB before, {peaks[0]} and {peaks[1]} MB with them, "
          f"{scene.memory('VmRSS')} MB after, VmHWM {scene.memory()} MB")
    assert peaks[1] < peaks[0] * 1.3, "memory grows with each round"
    # A sanitizer keeps books of its own: several times what the program has.
    limit = CLIENTS * 3 if is_sanitized(scene) else CLIENTS // 2
    assert peaks[1] - before < limit, "memory grows by client"


def is_sanitized(scene):
    with open(f"/proc/{scene.process}/maps", encoding="utf-8", errors="replace") as maps:
        return any("libasan" in line or "libtsan" in line for line in maps)


def idle_client(scene, ticket, number):
    """Half of them never begin their handshake; the others wait, read slowly, or stop in the middle of a head."""
    line = scene.site.connect(f"127.0.1.{1 + number // PER_ADDRESS}", tls=number % 2 == 0)
    if number % 10 == 2:
        line.send(scene.head("GET", "/robots.txt")).answer()
    if number % 10 in (4, 6):
        line.send(scene.head("GET", ticket)).socket.recv(100)
    if number % 10 == 8:
        line.send(b"GET / HTTP/1.1\r\n")
    return line


def threads(scene):
    return len(os.listdir(f"/proc/{scene.process}/task"))


def one_address_has_so_many_connections(scene):
    """limits.connections_per_client (100): the next one is hung up on, others are served, and it is counted down."""
    with contextlib.ExitStack() as lines:
        held = [lines.enter_context(scene.site.connect("127.0.2.1")) for _ in range(100)]
        assert held[-1].send(scene.head("GET", "/robots.txt")).answer().status == 200
        for _ in range(3):
            with lines.enter_context(scene.site.connect("127.0.2.1", tls=False)) as more:
                assert more.rest() == b""
        assert scene.site.ask("GET", "/robots.txt", source="127.0.2.2").status == 200
    transfer_site.wait_for(lambda: served(scene, "127.0.2.1"), "the address is free again")


def served(scene, source):
    with contextlib.suppress(OSError):
        return scene.site.ask("GET", "/robots.txt", source=source).status == 200
    return False


CASES = [cut_in_the_handshake, cut_in_a_request, cut_in_a_download,
         lengths_that_lie, a_length_that_is_too_long_takes_nothing, a_length_that_is_too_short_leaves_a_next_request,
         chunks_that_lie, ranges_that_lie, names_are_data, names_in_a_form_are_data, what_people_write_may_be_long,
         a_hundred_thousand_files, heads_that_never_end, bodies_that_never_end, new_uploads_are_counted,
         a_quota_that_is_full, a_locked_database_is_a_temporary_failure, one_address_has_so_many_connections,
         two_thousand_clients_that_do_nothing, who_never_ends_is_hung_up_on, a_form_that_breaks_off_keeps_nothing]
ON_A_SMALL_DISK = [what_has_no_room_is_not_begun, a_full_disk_is_a_temporary_failure]


def and_then_all_is_well(case):
    def play(scene):
        case(scene)
        scene.all_is_well()

    play.__name__ = case.__name__
    return play


def play(scene, cases):
    transfer_site.hold([and_then_all_is_well(case) for case in cases], scene, sys.argv[2:])
    print(f"  VmHWM {scene.memory()} MB")


def play_all(root):
    scene = Scene(root, sys.argv[1])
    try:
        scene.start()
        scene.slow = Slow(scene)
        with contextlib.closing(scene.slow):
            play(scene, CASES)
    finally:
        scene.site.stop_all()


def play_on_a_small_disk(root):
    scene = Scene(root, sys.argv[1], LIMITS.replace("file: 8 MB, transfer: 16 MB", "file: 40 MB, transfer: 40 MB")
                  + ", reserve: 4 MB")
    disk = scene.site.root / "transfer"
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m,mode=0700", "tmpfs", disk], check=True)
    try:
        scene.start()
        play(scene, ON_A_SMALL_DISK)
    finally:
        scene.site.stop_all()
        subprocess.run(["umount", disk], check=True)


def main():
    with tempfile.TemporaryDirectory(prefix="siegel-bad-input-") as root:
        play_all(root)
    with tempfile.TemporaryDirectory(prefix="siegel-full-disk-") as root:
        play_on_a_small_disk(root)


if __name__ == "__main__":
    main()
