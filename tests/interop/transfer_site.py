"""A Siegel with its transfer service: relay, portal, clamd, one mailbox that signs; and people who use it."""

import base64
import contextlib
import email
import email.policy
import functools
import http.client
import http.cookiejar
import json
import os
import re
import smtplib
import socket
import ssl
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
import traceback
import typing
import urllib.parse
import urllib.request

import gateway

CONFIG = """\
name: gateway.stadt.example
domains: [stadt.example]
relay:
  listen:
    - {{at: "127.0.0.1:0", side: world}}
    - {{at: "127.0.0.1:{relay}", side: inside, clients: [127.0.0.0/8]}}
  deliver:
    inside: maildir:{root}/inside
    world: maildir:{root}/world
  limits: {{message_size: 100 MB}}
storage:
  directory: {root}/data
  key_encryption_key: {root}/kek
revocation:
  lists: [{root}/authority.crl]
rules:
  outgoing:
    - {{subject_tag: vertraulich, sign: if-possible, encrypt: required, without_key: pickup}}
    - {{from: "*@stadt.example", sign: if-possible, offload: 1 MB}}
transfer:
  url: {url}
  listen: ["127.0.0.1:{portal}"]
  tls: {{certificate: {root}/portal.pem, key: {root}/portal.key}}
  directory: {root}/transfer
  key: {root}/transfer-kek
  relay: smtp://127.0.0.1:{relay}
  clamd: "unix:{clamd}"
  sender: post@stadt.example
  look: {{name: Stadt Beispiel}}
{more}  limits: {{sign_ins_per_hour: 1000, requests_per_minute: 1000000{limits}}}
  upload_addresses:
    - {{mailbox: bauamt@stadt.example, name: Bauamt}}
"""

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Clamd:
    """A clamd of our own that knows EICAR's test file."""

    def __init__(self, folder):
        self.folder, self.process = folder, None
        self.socket = folder / "clamd.ctl"
        (folder / "signatures").mkdir(parents=True)
        (folder / "signatures" / "tests.ndb").write_text(f"Eicar-Test-Signature:0:0:{EICAR.hex()}\n")
        (folder / "clamd.conf").write_text(
            f"Foreground yes\nLocalSocket {self.socket}\nDatabaseDirectory {folder}/signatures\n"
            f"StreamMaxLength 2000M\nMaxScanSize 2000M\nMaxFileSize 2000M\nLogFile {folder}/log\n"
            "ConcurrentDatabaseReload no\n")

    def start(self):
        self.process = subprocess.Popen(["clamd", f"--config-file={self.folder}/clamd.conf"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.socket.exists, "clamd")

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None


def wait_for(condition, what, seconds=60):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.05)
    return found


class TransferSite(gateway.Gateway):
    """Started as a whole; what it sent lies in the maildirs `inside` and `world`."""

    def __init__(self, root, programs, limits="", more=""):
        """`limits` are more of `transfer.limits`, ", file: 64 MB"; `more` whole lines of `transfer`."""
        super().__init__(root, programs)
        self.portal_port, self.relay_port = free_port(), free_port()
        self.url = f"https://localhost:{self.portal_port}"
        self.clamd = Clamd(self.root / "clamd")
        self.portal = None
        (self.root / "transfer").mkdir()
        (self.root / "transfer-kek").write_text(os.urandom(32).hex() + "\n")
        self._certify_portal()
        (self.root / "siegel.yaml").write_text(CONFIG.format(
            root=self.root, relay=self.relay_port, portal=self.portal_port, url=self.url, limits=limits,
            clamd=self.clamd.socket, more=more))
        self.make_authority("authority")
        for mailbox in ("bauamt@stadt.example", "post@stadt.example"):
            self.enrol(mailbox)

    def _certify_portal(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
                        self.root / "portal.key", "-out", self.root / "portal.pem"], check=True, capture_output=True)

    def start_all(self):
        self.clamd.start()
        self.start()
        self.start_portal()

    def start_portal(self):
        log = self.root / "portal.log"
        before = log.read_text().count("event=listening") if log.exists() else 0
        self.portal = subprocess.Popen([str(self.programs / "siegel-transfer"), "--config",
                                        str(self.root / "siegel.yaml"), "--log", str(log)])
        wait_for(lambda: self.portal.poll() is not None
                 or (log.exists() and log.read_text().count("event=listening") > before), "siegel-transfer")
        assert self.portal.poll() is None, f"siegel-transfer ended: {log.read_text() if log.exists() else ''}"

    def stop_portal(self, kill=False):
        if self.portal:
            self.portal.kill() if kill else self.portal.terminate()
            self.portal.wait(timeout=60)
            self.portal = None

    def stop_all(self):
        self.stop_portal()
        self.stop()
        self.clamd.stop()

    # --- mail

    def send_mail(self, octets, sender, *recipients):
        with smtplib.SMTP("127.0.0.1", self.relay_port, timeout=120) as client:
            return client.sendmail(sender, list(recipients), octets)

    def mail(self, folder, *words, seconds=60, but=()):
        """The newest mail in this maildir whose text (decoded) holds all the words: (file, text)."""
        return wait_for(lambda: self._mail(folder, words, but), f"a mail with {words}", seconds)

    def mails(self, folder):
        return set((self.root / folder / "new").glob("*"))

    def _mail(self, folder, words, but):
        for file in sorted(self.mails(folder).difference(but), key=lambda path: -path.stat().st_mtime_ns):
            text = text_of(file)
            if all(word in text for word in words):
                return file, text
        return None

    def verified(self, file):
        """The content of a signed mail, once openssl has found its signature good."""
        done = subprocess.run(["openssl", "cms", "-verify", "-in", str(file), "-CAfile",
                               str(self.root / "authority" / "ca.pem"), "-purpose", "smimesign"], capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def link(self, recipient):
        """The one that this recipient was sent last."""
        _, text = self.mail("world", f"To: {recipient}", "/d/")
        return link_in(text, "d")

    def transfers(self):
        return json.loads(self.siegel("--json", "transfer", "list"))

    # --- what lies on the disk

    def rows(self, sql, *values):
        with contextlib.closing(self.database()) as database:
            return database.execute(sql, values).fetchall()

    def database(self):
        return sqlite3.connect(self.root / "transfer" / "transfer.db", isolation_level=None, timeout=60)

    def vault(self):
        """The ids of the files that the vault keeps."""
        return {path.stem for path in (self.root / "transfer" / "vault").glob("*/*.blob")}

    def portal_log(self):
        return (self.root / "portal.log").read_text(errors="replace")

    # --- connections without a browser

    @functools.cache
    def trust(self):
        return ssl.create_default_context(cafile=str(self.root / "portal.pem"))

    def ask(self, method, path, headers=None, body=None, source="127.0.0.1"):
        """One request on a connection of its own; no redirect is followed."""
        connection = http.client.HTTPSConnection("localhost", self.portal_port, context=self.trust(), timeout=120,
                                                 source_address=(source, 0))
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())

    def connect(self, source="127.0.0.1", tls=True):
        return Line(self, source, tls)


def hold(cases, scene, names=()):
    """Plays the cases, or those of them that are named, and fails if one does not hold."""
    failed = 0
    for case in cases:
        if names and case.__name__ not in names:
            continue
        begun = time.monotonic()
        try:
            case(scene)
            verdict = "held"
        except Exception:  # the others are to be played all the same
            traceback.print_exc(file=sys.stdout)
            verdict = "NOT HELD"
            failed += 1
        print(f"{verdict}: {case.__name__.replace('_', ' ')} ({time.monotonic() - begun:.1f} s)", flush=True)
    assert failed == 0, f"{failed} of {len(cases)} cases do not hold"


def play(make_scene, cases, prefix):
    """What a test of this kind does: a scene in a folder of its own, all cases on it (or those that the command line
    names), and everything stopped again. Gives the scene."""
    with tempfile.TemporaryDirectory(prefix=prefix) as root:
        scene = make_scene(root, sys.argv[1])
        try:
            hold(cases, scene, sys.argv[2:])
        finally:
            scene.site.stop_all()
    return scene


class Answer(typing.NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    octets: bytes

    def __repr__(self):
        return f"{self.status} {dict(self.headers)} {self.octets[:200]}"


class Line:
    """A connection on which the test writes each octet itself."""

    def __init__(self, site, source="127.0.0.1", tls=True):
        self.socket = socket.create_connection(("127.0.0.1", site.portal_port), timeout=120, source_address=(source, 0))
        if tls:
            self.socket = site.trust().wrap_socket(self.socket, server_hostname="localhost")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, octets):
        self.socket.sendall(octets)
        return self

    def answer(self, method="GET"):
        """The next answer; what an interim one (100) says is passed over."""
        answer = http.client.HTTPResponse(self.socket, method=method)
        with contextlib.closing(answer):
            answer.begin()
            return Answer(answer.status, answer.headers, answer.read())

    def rest(self):
        """All that comes up to the end of the connection, however it ends."""
        octets = b""
        with contextlib.suppress(OSError):
            while piece := self.socket.recv(65536):
                octets += piece
        return octets

    def cut(self):
        """Ends it by a reset, as a phone does that loses its network."""
        raw = socket.socket(fileno=self.socket.detach())
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raw.close()


@functools.cache  # a file of a maildir never changes, and hundreds are looked through again and again
def text_of(file):
    """Subject, recipients and all texts of a mail."""
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    texts = [f"{field}: {message[field]}" for field in ("From", "To", "Subject")]
    for part in message.walk():
        if part.get_content_maintype() == "text":
            texts.append(part.get_content())
    return "\n".join(texts)


def link_in(text, kind):
    return re.search(rf"https://\S+/{kind}/[A-Za-z0-9_-]+", text).group(0)


class Browser:
    """Somebody with cookies and without JavaScript."""

    def __init__(self, site):
        self.site, self.token = site, None
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=site.trust()),
                                                  urllib.request.HTTPCookieProcessor(self.jar))

    def open(self, path, form=None, headers=None, method=None, data=None):
        """(status, header, octets); redirects are followed, errors are answers."""
        url = path if path.startswith("http") else self.site.url + path
        if form is not None:
            data = urllib.parse.urlencode(form, doseq=True).encode()
        request = urllib.request.Request(url, data=data, headers=headers or {}, method=method)
        try:
            answer = self.opener.open(request, timeout=120)
        except urllib.error.HTTPError as error:
            answer = error
        with contextlib.closing(answer):
            octets = answer.read()
            if field := re.search(rb'name="csrf" value="([^"]+)"', octets):
                self.token = field.group(1).decode()
            return Answer(answer.status, answer.headers, octets)

    def post(self, path, **form):
        return self.open(path, form={"csrf": self.token, **form})

    def cookies(self):
        """As the field Cookie has them."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.jar)

    def sign_in(self, address):
        link = self.sign_in_link(address)
        status, _, octets = self.open(link)
        assert status == 200, octets.decode()
        status, _, octets = self.post(link)
        assert status == 200 and address.encode() in octets, octets.decode()

    def sign_in_link(self, address):
        before = self.site.mails("inside")
        self.open("/sign-in")
        status, _, octets = self.post("/sign-in", address=address)
        assert status == 200, octets.decode()
        _, text = self.site.mail("inside", f"To: {address}", "/sign-in/", but=before)
        return link_in(text, "sign-in")

    def upload(self, octets, name, page="/new"):
        """By tus, in one part; returns what the form posts."""
        named = base64.b64encode(name.encode()).decode()
        headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(len(octets)), "X-Siegel-Token": self.token,
                   "X-Siegel-Page": page, "Upload-Metadata": f"filename {named}",
                   "Content-Type": "application/offset+octet-stream"}
        status, answer, body = self.open("/uploads", headers=headers, data=octets, method="POST")
        assert status == 201, (status, body)
        assert answer["Upload-Offset"] == str(len(octets)), dict(answer)
        return answer["Location"].rsplit("/", 1)[1]

    def send(self, files, *recipients, **form):
        """Sends the files, given as {name: octets}; returns the id of the parcel."""
        uploads = [self.upload(octets, name) for name, octets in files.items()]
        form = {"recipients": " ".join(recipients), "days": "14", **form}
        answer = self.post("/transfers", upload=uploads, **form)
        assert answer.status == 200, answer
        return re.search(rb'/transfers/([0-9a-f]{32})"', answer.octets).group(1).decode()

    def ticket(self, link, file="0", password=""):
        """The URL from which a download comes, and goes on."""
        form = urllib.parse.urlencode({"file": file, "password": password})
        answer = self.site.ask("POST", link[len(self.site.url):], {"Cookie": self.cookies(), **FORM}, form)
        assert answer.status == 303, answer
        return answer.headers["Location"]
