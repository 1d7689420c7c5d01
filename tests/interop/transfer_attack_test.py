#!/usr/bin/env python3
"""Attacks on the portal: those that a real gateway's portal fell to in 2026, and the classes around them.

No file of the server is read, written or deleted by a path; nobody does what he has no right to; what strangers write
stays text; wrong links tell nothing.

usage: transfer_attack_test.py FOLDER_OF_PROGRAMS [CASE ...]
"""

import email
import html
import io
import os
import pathlib
import re
import time
import urllib.parse
import zipfile

import transfer_site

BAUAMT, POST = "bauamt@stadt.example", "post@stadt.example"
NOBODY = "A" * 43  # well-formed, and leads nowhere
SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{csrf}}{{>page_top}}"


class Scene:
    def __init__(self, root, programs):
        self.site = transfer_site.TransferSite(pathlib.Path(root) / "site", programs, ", downloads: 2")
        self.site.start_all()
        self.bauamt, self.post = self.staff(BAUAMT), self.staff(POST)
        self.recipients = 0

    def staff(self, address):
        browser = transfer_site.Browser(self.site)
        browser.sign_in(address)
        return browser

    def stranger(self):
        return transfer_site.Browser(self.site)

    def send(self, files, **form):
        """Somebody new is sent the files: (id of the parcel, link)."""
        self.recipients += 1
        self.bauamt.open("/new")
        recipient = f"p{self.recipients}@buerger.example"
        parcel = self.bauamt.send(files, recipient, **form)
        return parcel, self.site.link(recipient)

    def state(self, parcel):
        return self.site.rows("SELECT state, expires FROM parcel WHERE id = ?", parcel)[0]

    def events(self, parcel):
        return [what for what, in self.site.rows("SELECT what FROM parcel_event WHERE parcel = ?", parcel)]

    def count(self, table):
        return self.site.rows(f"SELECT COUNT(*) FROM {table}")[0][0]

    def files(self):
        """All that lies below the site, but for what grows by itself."""
        return {str(path.relative_to(self.site.root)) for path in self.site.root.rglob("*")
                if not {"vault", "world", "inside", "spool"} & set(path.relative_to(self.site.root).parts)
                and "-wal" not in path.name and "-shm" not in path.name}


CLIMBING = ["../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/portal.key", "..%5c..%5cportal.key",
            "....//....//portal.key", "%252e%252e%252fportal.key", "..;/portal.key", "%2fetc%2fpasswd", "/etc/passwd",
            "..%c0%af..%c0%afportal.key", "portal.css%00.key", ".", "..", "%2e", "%2e%2e", "~root", "C:%5cportal.key",
            "file:%2f%2f%2fetc%2fpasswd", "%ff%fe", "portal.css/../../portal.key", "look.css%2f..%2f..%2fportal.key"]


def cve_2026_2743_path_traversal_in_an_upload(scene):
    before, secret = scene.files(), (scene.site.root / "portal.key").read_bytes()[30:90]
    for climbing in CLIMBING:
        for folder in ("/assets/", "/uploads/", "/d/", "/f/", "/i/", "/upload/", "/sign-in/", "/transfers/", "/"):
            with scene.site.connect() as line:
                line.send(f"GET {folder}{climbing} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                          f"Cookie: {scene.bauamt.cookies()}\r\n\r\n".encode())
                octets = line.rest()
            assert re.match(rb"HTTP/1.1 (400|404|405|412) ", octets) or octets.startswith(b"HTTP/1.1 200 OK\r\n") and \
                folder == "/sign-in/", (folder, climbing, octets[:200])
            assert secret not in octets and b"root:" not in octets, (folder, climbing)
    names = [urllib.parse.unquote(climbing, errors="replace") for climbing in CLIMBING]
    parcel, link = scene.send({name: os.urandom(10) for name in names})
    archive = zipfile.ZipFile(io.BytesIO(scene.stranger().open(link, form={"file": "all"}).octets))
    assert len(archive.namelist()) == len(set(names)) and archive.testzip() is None
    assert not any(re.search(r"[/\\\0]|^\.\.?$", name) for name in archive.namelist()), archive.namelist()
    for file, in scene.site.rows("SELECT file_id FROM parcel_file WHERE parcel = ?", parcel):
        assert re.fullmatch("[0-9a-f]{32}", file) and file in scene.site.vault()
    assert scene.files() == before


def cve_2026_44127_file_read_and_delete_without_sign_in(scene):
    parcel, link = scene.send({"eins.txt": b"eins", "zwei.txt": b"zwei"})
    path, stranger = link[len(scene.site.url):], scene.stranger()
    for file in ("2", "-1", "0x0", "00", "0 ", "all/../0", "../0", "/etc/passwd", "0\0", "4294967296", "", "0;1"):
        answer = stranger.open(link, form={"file": file})
        assert b"eins" not in answer.octets.replace(b"eins.txt", b"") and answer.status in (200, 403), (file, answer)
        assert "Content-Disposition" not in answer.headers, file
    for method in ("DELETE", "PUT", "PATCH", "PROPFIND", "MOVE", "TRACE", "CONNECT", "DEBUG"):
        for target in (path, f"/transfers/{parcel}", f"/f/{NOBODY}", "/", "/assets/portal.css"):
            assert scene.site.ask(method, target).status in (404, 405), (method, target)
    assert scene.state(parcel)[0] == "ready" and stranger.open(link, form={"file": "1"}).octets == b"zwei"


STAFF_ROUTES = [("GET", "/new"), ("POST", "/transfers"), ("GET", "/transfers"), ("GET", "/transfers/ID"),
                ("POST", "/transfers/ID/extend"), ("POST", "/transfers/ID/recall"), ("POST", "/transfers/ID/delete"),
                ("GET", "/invite"), ("POST", "/invitations")]


def cve_2026_44125_missing_authorisation(scene):
    """Each route of staff, by strangers: without a session, with a session that never was."""
    parcel, _ = scene.send({"Akte.pdf": b"geheim"})
    before, parcels, invitations = scene.state(parcel), scene.count("parcel"), scene.count("invitation")
    stranger = scene.stranger()
    stranger.open("/sign-in")
    form = urllib.parse.urlencode({"csrf": stranger.token, "days": "20", "recipient": "x@buerger.example"})
    for method, route in STAFF_ROUTES:
        for session in ("", f"; __Host-session={NOBODY}", "; __Host-session=", f"; __Host-session={'x' * 3000}"):
            answer = scene.site.ask(method, route.replace("ID", parcel),
                                    {"Cookie": stranger.cookies() + session, **transfer_site.FORM},
                                    form if method == "POST" else None)
            assert answer.status == 303 and answer.headers["Location"] == "/sign-in", (method, route, answer)
            assert b"Akte" not in answer.octets
    assert (scene.state(parcel), scene.count("parcel"), scene.count("invitation")) == (before, parcels, invitations)


def cve_2026_44126_another_users_parcel(scene):
    """What belongs to a colleague does not exist: the answers are those for an id that nobody has."""
    parcel, link = scene.send({"Akte.pdf": b"geheim"})
    before = scene.state(parcel)
    for method, route in [("GET", ""), ("POST", "/extend"), ("POST", "/recall"), ("POST", "/delete")]:
        answers = []
        for asked in (parcel, "0" * 32, parcel.upper(), parcel[:-1], "x", parcel + "'--"):
            path = f"/transfers/{asked}{route}"
            answer = scene.post.open(path) if method == "GET" else scene.post.post(path, days="20", recipient="p1")
            answers.append((answer.status, answer.octets))
        assert answers[0][0] == 404 and len(set(answers)) == 1, (route, answers[0])
    assert scene.state(parcel) == before
    assert parcel.encode() not in scene.post.open("/transfers").octets
    scene.post.open("/new")
    foreign = scene.bauamt.upload(b"geheim", "Akte.pdf")
    answer = scene.post.post("/transfers", upload=foreign, recipients="x@buerger.example", days="1")
    assert answer.status == 422, answer
    assert scene.stranger().open(link, form={"file": "0"}).octets == b"geheim"


def cve_2026_44128_nothing_is_executed(scene):
    """What looks like code is text, whoever reads it: shell, SQL, templates, serialised objects."""
    before = scene.files()
    codes = ["$(touch pwned)", "`touch pwned`", "'; DROP TABLE parcel; --", "{{#lambda}}x{{/lambda}}", "${7*7}",
             "<%= 7*7 %>", "|touch pwned", "%s%s%s%n", "rO0ABXNyABFqYXZhLnV0aWw="]
    parcel, link = scene.send({f"{i}{code}": b"x" for i, code in enumerate(codes)}, message="\n".join(codes))
    page = text_of(scene.stranger().open(link).octets)
    assert all(code in page for code in codes), page
    assert scene.state(parcel)[0] == "ready" and scene.files() == before


def text_of(page):
    """As a browser shows it."""
    return html.unescape(re.sub(r"<[^>]*>", "", page.decode()))


# --- requests that others forge


def forms_need_the_token_of_their_browser(scene):
    parcel, _ = scene.send({"Akte.pdf": b"geheim"})
    other = scene.stranger()
    other.open("/sign-in")
    upload = scene.bauamt.upload(b"x", "x.txt")
    routes = ["/transfers", f"/transfers/{parcel}/extend", f"/transfers/{parcel}/recall",
              f"/transfers/{parcel}/delete", "/invitations", "/sign-out", "/sign-in", f"/upload/{BAUAMT}"]
    before = (scene.state(parcel), *map(scene.count, ("parcel", "invitation", "sign_in", "portal_session")))
    for route in routes:
        for token in (None, "", other.token, scene.bauamt.token[:-1], scene.bauamt.token + "x"):
            form = {"upload": upload, "recipients": "x@buerger.example", "days": "20", "name": "x", "address": POST,
                    "recipient": "x", "code": "x", **({} if token is None else {"csrf": token})}
            answer = scene.site.ask("POST", route, {"Cookie": scene.bauamt.cookies(), **transfer_site.FORM},
                                    urllib.parse.urlencode(form))
            assert answer.status == 403, (route, token, answer)
    assert (scene.state(parcel), *map(scene.count, ("parcel", "invitation", "sign_in", "portal_session"))) == before


def uploads_need_the_token_of_their_browser(scene):
    other, before = scene.stranger(), scene.count("upload")
    other.open("/sign-in")
    for page in ("/new", f"/upload/{BAUAMT}", "", "/upload/x@stadt.example", f"/i/{NOBODY}"):
        for token in (None, "", other.token):
            headers = {"Cookie": scene.bauamt.cookies(), "Tus-Resumable": "1.0.0", "Upload-Length": "3",
                       "X-Siegel-Page": page, **({} if token is None else {"X-Siegel-Token": token})}
            assert scene.site.ask("POST", "/uploads", headers).status == 401, (page, token)
    headers = {"Cookie": other.cookies(), "Tus-Resumable": "1.0.0", "Upload-Length": "3",
               "X-Siegel-Token": other.token, "X-Siegel-Page": "/new"}
    assert scene.site.ask("POST", "/uploads", headers).status == 401, "nobody is signed in"
    assert scene.count("upload") == before


def a_multipart_form_needs_its_token_before_the_files(scene):
    before = (scene.count("upload"), scene.site.vault())
    stranger = scene.stranger()
    stranger.open(f"/upload/{BAUAMT}")
    for fields in ([("files", "x.txt", "x")], [("csrf", None, "falsch"), ("files", "x.txt", "x")],
                   [("files", "x.txt", "x"), ("csrf", None, stranger.token)]):
        answer = stranger.open(f"/upload/{BAUAMT}", data=multipart(fields), headers=MULTIPART)
        assert answer.status == 403, answer
    assert (scene.count("upload"), scene.site.vault()) == before


MULTIPART = {"Content-Type": "multipart/form-data; boundary=grenze"}


def multipart(fields):
    lines = []
    for name, file, content in fields:
        named = f'; filename="{file}"' if file is not None else ""
        lines += ["--grenze", f'Content-Disposition: form-data; name="{name}"{named}', "", content]
    return "\r\n".join([*lines, "--grenze--", ""]).encode()


# --- sign-in


def a_session_ends_with_the_sign_out(scene):
    browser = scene.staff(BAUAMT)
    cookies = browser.cookies()
    assert scene.site.ask("GET", "/new", {"Cookie": cookies}).status == 200
    browser.post("/sign-out")
    assert scene.site.ask("GET", "/new", {"Cookie": cookies}).status == 303
    assert scene.bauamt.open("/new").status == 200 and scene.bauamt.token, "another session is another's business"


def session_cookies_are_out_of_reach(scene):
    link = (browser := scene.stranger()).sign_in_link(BAUAMT)
    browser.open(link)
    answer = scene.site.ask("POST", link[len(scene.site.url):], {"Cookie": browser.cookies(), **transfer_site.FORM},
                            urllib.parse.urlencode({"csrf": browser.token}))
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=") and "Domain" not in cookie, cookie
    assert all(word in cookie for word in ("; Path=/", "; Secure", "; HttpOnly", "; SameSite=")), cookie


def a_sign_in_link_works_once_and_in_its_browser(scene):
    browser, thief = scene.stranger(), scene.stranger()
    link = browser.sign_in_link(BAUAMT)
    thief.open("/sign-in")
    stolen = thief.open(link)
    assert stolen.status == 200 and BAUAMT.encode() not in stolen.octets, stolen
    unknown = thief.open(f"/sign-in/{NOBODY}")
    assert stolen.octets == unknown.octets, "it tells that the link exists"
    assert thief.post(link).status == 404
    for method in ("GET", "HEAD", "GET"):
        browser.open(link, method=method)  # a scanner looks at it, too
    browser.open(link)
    assert browser.post(link).status == 200 and b"/sign-out" in browser.open("/new").octets
    assert browser.post(link).status == 404, "a second time"
    assert b"/sign-out" not in thief.open("/").octets


# --- what the request says of itself


def the_host_field_is_not_believed(scene):
    browser = scene.stranger()
    browser.open("/sign-in")
    before = scene.site.mails("inside")
    form = urllib.parse.urlencode({"csrf": browser.token, "address": BAUAMT})
    answer = scene.site.ask("POST", "/sign-in", {
        "Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example",
        "X-Forwarded-For": "203.0.113.9", "X-Original-URL": "/new", "X-Rewrite-URL": "/new",
        "Origin": "https://evil.example", "Cookie": browser.cookies(), **transfer_site.FORM}, form)
    assert answer.status == 200 and b"evil" not in answer.octets, answer
    _, text = scene.site.mail("inside", f"To: {BAUAMT}", "/sign-in/", but=before)
    assert "evil" not in text and f"{scene.site.url}/sign-in/" in text, text
    with scene.site.connect() as line:
        line.send(b"GET https://evil.example/new HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
        octets = line.rest()
    assert b"\r\nLocation: /sign-in\r\n" in octets and b"evil" not in octets, octets
    assert "203.0.113.9" not in scene.site.portal_log(), "X-Forwarded-For of somebody who is no proxy"


def no_redirect_leads_elsewhere(scene):
    elsewhere = ["//evil.example", "///evil.example/%2e%2e", "/%2f%2fevil.example", "/%5cevil.example",
                 "/\\evil.example",
                 "/new?next=https://evil.example", "/sign-in?next=//evil.example", "/?url=https://evil.example",
                 "/new//evil.example", "https://evil.example@localhost/new", "/sign-in/..//evil.example"]
    for cookies in ("", scene.bauamt.cookies()):
        for target in elsewhere:
            with scene.site.connect() as line:
                line.send(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\n\r\n".encode())
                location = line.answer().headers["Location"]
            assert location is None or re.fullmatch("/[a-z-]*", location), (target, location)


def no_field_is_injected(scene):
    """CR LF in what is entered makes no field of an answer and none of a mail."""
    evil = "\r\nX-Evil: 1\r\nBcc: evil@evil.example\r\n\r\n<b>evil</b>"
    quoted = urllib.parse.quote(evil)
    for target in (f"/{quoted}", f"/?lang=de{quoted}", f"/d/{NOBODY}{quoted}", f"/assets/look.css{quoted}",
                   f"/transfers?x={quoted}", f"/sign-in/{quoted}"):
        answer = scene.bauamt.open(target)
        assert answer.headers["X-Evil"] is None and answer.headers["Bcc"] is None, (target, answer)
    answer = scene.stranger()
    answer.open("/sign-in")
    assert answer.post("/sign-in", address=BAUAMT + evil).status == 422
    answer = scene.bauamt.post("/transfers", upload=scene.bauamt.upload(b"x", "x.txt"), days="1",
                               recipients="x@buerger.example" + evil)
    assert answer.status == 422, answer
    _, link = scene.send({f"Akte{evil}.pdf": b"x"}, message=f"Hallo{evil}")
    mails = [email.message_from_bytes(path.read_bytes()) for path in scene.site.mails("world")]
    assert not any(mail["Bcc"] or mail["X-Evil"] for mail in mails)
    answer = scene.stranger().open(link, form={"file": "0"})
    assert answer.octets == b"x" and answer.headers["X-Evil"] is None, answer
    assert "\n" not in answer.headers["Content-Disposition"]


# --- what links tell


def without_own_parts(page):
    """A page as somebody else would see it: each browser has a token of its own."""
    return re.sub(rb'name="csrf" value="[^"]+"', b"", page)


def look(scene, path, method="GET"):
    answer = scene.site.ask(method, path, transfer_site.FORM if method == "POST" else None,
                            "file=0&password=x" if method == "POST" else None)
    fields = sorted(name for name in answer.headers if name != "Date")
    return answer.status, fields, without_own_parts(answer.octets)


def dead_links_look_alike(scene):
    """Wrong, malformed, expired, recalled, erased: the answers are the same octets, so nobody learns what was there."""
    _, recalled_alone = scene.send({"a.txt": b"a"})
    scene.bauamt.post(f"/transfers/{last(scene)}/recall", recipient=f"p{scene.recipients}@buerger.example")
    recalled, recalled_link = scene.send({"a.txt": b"a"}, password="Passwort")
    scene.bauamt.post(f"/transfers/{recalled}/delete")
    expired, expired_link = scene.send({"a.txt": b"a"})
    scene.site.rows("UPDATE parcel SET expires = ? WHERE id = ?", int(time.time()) - 1, expired)
    dead = [link[len(scene.site.url):] for link in (recalled_alone, recalled_link, expired_link)]
    dead += [f"/d/{NOBODY}", "/d/x", "/d/" + "x" * 3000, "/d/%C3%A4", f"/f/{NOBODY}", f"/i/{NOBODY}"]
    for method in ("GET", "HEAD"):
        answers = [look(scene, path, method) for path in dead]
        assert answers[0][0] == 404 and all(answer == answers[0] for answer in answers), answers
    answers = [look(scene, path, "POST") for path in dead if path.startswith("/d/")]
    assert answers[0][0] == 404 and all(answer == answers[0] for answer in answers), answers


def last(scene):
    return scene.site.rows("SELECT id FROM parcel ORDER BY created DESC, rowid DESC LIMIT 1")[0][0]


def tickets_end_with_their_parcel(scene):
    parcel, link = scene.send({"a.txt": b"a"})
    tickets = [scene.stranger().ticket(link, file) for file in ("0", "all")]
    assert all(scene.site.ask("GET", ticket).status == 200 for ticket in tickets)
    scene.bauamt.post(f"/transfers/{parcel}/delete")
    wrong = look(scene, f"/f/{NOBODY}")
    assert wrong[0] == 404 and all(look(scene, ticket) == wrong for ticket in tickets)


def who_is_one_of_us_stays_unknown(scene):
    """Sign-in says the same for addresses that exist and such that do not; a receipt's code is not to be guessed."""
    pages = []
    for address in (BAUAMT, "gibtesnicht@stadt.example"):
        browser = scene.stranger()
        browser.open("/sign-in")
        answer = browser.post("/sign-in", address=address)
        pages.append((answer.status, without_own_parts(answer.octets).replace(address.encode(), b"")))
    assert pages[0] == pages[1] and pages[0][0] == 200, pages
    for code in ("0000-0000-0000-0000", "", "x" * 5000, "' OR 1=1 --", "%", "x" + "ä" * 300):
        answer = scene.stranger().open("/receipt", form={"code": code})
        assert answer.status == 422, (code[:20], answer)
        answer.octets.decode()  # what is given back is cut, and not in the middle of a letter


def a_receipt_can_be_checked(scene):
    """By whoever has its code, as he may have noted it down."""
    citizen, page = scene.stranger(), f"/upload/{BAUAMT}"
    citizen.open(page)
    answer = citizen.post(page, upload=citizen.upload(b"x", "x.txt", page), name="Anna")
    code = re.search(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", answer.octets.decode()).group(0)
    for written in (code, code.lower(), code.replace("-", " "), f"  {code.replace('-', '')} "):
        answer = scene.stranger().open("/receipt", form={"code": written})
        assert answer.status == 200 and b"Bauamt" in answer.octets or BAUAMT.encode() in answer.octets, answer
        assert b"x.txt" not in answer.octets, "a code that was found tells no name of a file"


def a_ticket_opens_its_own_file_only(scene):
    """Whoever can write to the database, and has one ticket, gets no other file by it."""
    parcel, link = scene.send({"eins.txt": b"eins", "zwei.txt": b"zwei"})
    other, _ = scene.send({"drei.txt": b"drei"}, password="Passwort")
    stranger = scene.stranger()
    ticket = stranger.ticket(link, "0")
    lookup, = scene.site.rows("SELECT lookup FROM ticket ORDER BY rowid DESC LIMIT 1")[0]
    for change in (f"position = 1", "position = -1", f"parcel = '{other}'"):
        before, = scene.site.rows("SELECT position, parcel FROM ticket WHERE lookup = ?", lookup)
        scene.site.rows(f"UPDATE ticket SET {change} WHERE lookup = ?", lookup)
        answer = scene.site.ask("GET", ticket)
        assert answer.status in (404, 500) and b"zwei" not in answer.octets and b"drei" not in answer.octets, answer
        scene.site.rows("UPDATE ticket SET position = ?, parcel = ? WHERE lookup = ?", *before, lookup)
    assert scene.site.ask("GET", ticket).octets == b"eins"


# --- what is looked at is not used


def looking_uses_nothing_up(scene):
    """GET and HEAD of whatever a mail can hold: link scanners must not fetch, accept or use anything."""
    parcel, link = scene.send({"a.txt": b"abc", "b.txt": b"def"})
    stranger = scene.stranger()
    tickets = [stranger.ticket(link, file) for file in ("0", "all")]
    invitation = invite(scene)
    events, mails = scene.events(parcel), len(scene.site.mails("inside"))
    for _ in range(5):
        for path in (link[len(scene.site.url):], invitation):
            assert scene.site.ask("GET", path).status == scene.site.ask("HEAD", path).status == 200
        for ticket in tickets:
            assert scene.site.ask("HEAD", ticket).status == 200
        assert scene.site.ask("GET", tickets[0], {"Range": "bytes=0-0"}).octets == b"a"
    assert scene.events(parcel) == events, "looking counts as fetching"
    assert scene.site.rows("SELECT COUNT(*) FROM outbox")[0][0] == 0 and len(scene.site.mails("inside")) == mails
    assert stranger.open(invitation).status == 200


def invite(scene):
    scene.bauamt.open("/invite")
    answer = scene.bauamt.post("/invitations", days="3")
    return transfer_site.link_in(answer.octets.decode(), "i")[len(scene.site.url):]


def a_link_gives_a_file_so_often_and_no_more(scene):
    """limits.downloads, file by file and as a ZIP."""
    for file in ("0", "all"):
        _, link = scene.send({"a.txt": b"abc", "b.txt": b"def"})
        stranger = scene.stranger()
        for _ in range(2):
            answer = stranger.open(link, form={"file": file})
            assert answer.status == 200 and answer.headers["Content-Disposition"], answer
        answer = stranger.open(link, form={"file": file})
        assert answer.headers["Content-Disposition"] is None, f"file={file} is given out without an end"


def an_invitation_works_once(scene):
    invitation = invite(scene)
    citizen, late = scene.stranger(), scene.stranger()
    for browser in (citizen, late):
        browser.open(invitation)
    uploads = [browser.upload(b"x", "x.txt", invitation) for browser in (citizen, late)]
    assert citizen.post(invitation, upload=uploads[0], name="Anna").status == 200
    assert late.post(invitation, upload=uploads[1], name="Egon").status == 404
    assert scene.stranger().open(invitation).status == 404


def a_mistake_does_not_use_an_invitation_up(scene):
    """A form that cannot be taken is shown again, and the link still works."""
    invitation = invite(scene)
    citizen = scene.stranger()
    citizen.open(invitation)
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "3", "X-Siegel-Token": citizen.token,
               "X-Siegel-Page": invitation}
    incomplete = citizen.open("/uploads", headers=headers, data=b"", method="POST").headers["Location"]
    for upload in (incomplete.rsplit("/", 1)[1], NOBODY, ""):
        answer = citizen.post(invitation, upload=upload, name="Anna")
        assert answer.status == 422, (upload, answer)
    assert citizen.post(invitation, upload=citizen.upload(b"x", "x.txt", invitation), name="Anna").status == 200


# --- what strangers write


def what_people_write_stays_text(scene):
    """Stored XSS: names, messages and all fields of citizens, on every page and in every mail that shows them."""
    pages = {**pages_of_staff(scene), **pages_of_a_citizen(scene)}
    assert len(pages) == 12
    for name, octets in pages.items():
        assert b"alert(1)" in octets and b"{{csrf}}" in octets, f"{name} does not show it, or took it for a template"
        for raw in (b"<script>alert", b"<img src=x", b"\"'>", b"\"&#39;>"):
            assert raw not in octets, f"{name}: {octets.decode()}"


def pages_of_staff(scene):
    parcel, link = scene.send({SCRIPT + ".txt": b"x", "b.txt": b"y"}, message=SCRIPT)
    upload = scene.bauamt.upload(b"x", SCRIPT)
    answers = {"transfers": scene.bauamt.open("/transfers"), "transfer": scene.bauamt.open(f"/transfers/{parcel}"),
               "download": scene.stranger().open(link),
               "new": scene.bauamt.post("/transfers", upload=upload, recipients=SCRIPT, message=SCRIPT, days=SCRIPT),
               "invite": scene.bauamt.post("/invitations", address=SCRIPT, note=SCRIPT, days="1"),
               "invited": scene.bauamt.post("/invitations", note=SCRIPT, days="1")}
    return {name: answer.octets for name, answer in answers.items()}


def pages_of_a_citizen(scene):
    citizen, page = scene.stranger(), f"/upload/{BAUAMT}"
    citizen.open(page)
    form = {"upload": citizen.upload(b"x", SCRIPT, page), "name": SCRIPT, "reference": SCRIPT, "message": SCRIPT}
    refused = citizen.post(page, address=SCRIPT, **form)
    before = scene.site.mails("inside")
    sent = citizen.post(page, **form)
    assert (refused.status, sent.status) == (422, 200), sent
    file, mail = scene.site.mail("inside", f"To: {BAUAMT}", "/d/", but=before)
    arrived = scene.stranger().open(transfer_site.link_in(mail, "d"))
    citizen.open("/sign-in")
    signing_in = citizen.post("/sign-in", address=SCRIPT)
    receipt = citizen.open("/receipt", form={"code": SCRIPT})
    return {"upload": refused.octets, "uploaded": sent.octets, "arrived": arrived.octets,
            "sign_in": signing_in.octets, "mail": html_of(file), "receipt": receipt.octets}


def html_of(file):
    parts = email.message_from_bytes(file.read_bytes()).walk()
    return b"".join(part.get_payload(decode=True) for part in parts if part.get_content_type() == "text/html")


def every_answer_is_armoured(scene):
    """The fields that bound what a page may do stand on pages, errors, downloads, uploads and plain files alike."""
    _, link = scene.send({"a.svg": b"<svg onload='alert(1)'/>"})
    ticket = scene.stranger().ticket(link)
    for method, path in [("GET", "/"), ("GET", "/nirgends"), ("POST", "/"), ("GET", link[len(scene.site.url):]),
                         ("GET", ticket), ("GET", "/assets/portal.js"), ("POST", "/uploads"), ("GET", "/%00"),
                         ("GET", "/new"), ("OPTIONS", "/uploads"), ("GET", "/health"), ("HEAD", f"/d/{NOBODY}")]:
        fields = scene.site.ask(method, path).headers
        policy = fields["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy, path
        assert fields["Referrer-Policy"] == "no-referrer" and fields["X-Content-Type-Options"] == "nosniff", path
        assert "max-age=" in fields["Strict-Transport-Security"] and fields["Server"] is None, path
        assert fields["Access-Control-Allow-Origin"] is None, path
    answer = scene.site.ask("GET", ticket)
    assert answer.headers["Content-Type"] == "application/octet-stream", answer
    assert answer.headers["Content-Disposition"].startswith("attachment;"), answer


def the_log_tells_no_secret(scene):
    """Not one link, session, token or ticket of all that was played here, no name and no message."""
    log = scene.site.portal_log()
    assert log.count("event=request ") > 300, "it holds less than was played"
    assert not re.search(r"[A-Za-z0-9_-]{43}", log), re.search(r".*[A-Za-z0-9_-]{43}.*", log).group(0)
    for word in ("Akte", "alert(1)", "pwned", "Passwort", "passwd"):
        assert word not in log, word


CASES = [cve_2026_2743_path_traversal_in_an_upload, cve_2026_44127_file_read_and_delete_without_sign_in,
         cve_2026_44125_missing_authorisation, cve_2026_44126_another_users_parcel,
         cve_2026_44128_nothing_is_executed, forms_need_the_token_of_their_browser,
         uploads_need_the_token_of_their_browser, a_multipart_form_needs_its_token_before_the_files,
         a_session_ends_with_the_sign_out, session_cookies_are_out_of_reach,
         a_sign_in_link_works_once_and_in_its_browser, the_host_field_is_not_believed, no_redirect_leads_elsewhere,
         no_field_is_injected, dead_links_look_alike, tickets_end_with_their_parcel, who_is_one_of_us_stays_unknown,
         a_receipt_can_be_checked, a_ticket_opens_its_own_file_only, looking_uses_nothing_up,
         a_link_gives_a_file_so_often_and_no_more,
         an_invitation_works_once, a_mistake_does_not_use_an_invitation_up, what_people_write_stays_text,
         every_answer_is_armoured, the_log_tells_no_secret]


def main():
    transfer_site.play(Scene, CASES, "siegel-attacks-")


if __name__ == "__main__":
    main()
