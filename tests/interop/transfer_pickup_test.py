#!/usr/bin/env python3
"""Whole messages for people who have no key: sealed, told of, read, answered; and what must never happen to them.

The relay takes a confidential mail, the recipient reads it on the portal's pages with a password or a code and answers
there; its sender hears of it. Nothing of what either has written lies anywhere in clear.

usage: transfer_pickup_test.py FOLDER_OF_PROGRAMS [CASE ...]
"""

import base64
import contextlib
import email
import email.policy
import json
import os
import pathlib
import re
import signal
import smtplib
import threading
import time

import mails
import transfer_site

ANNA, BERT, BAUAMT = "anna@buerger.example", "bert@buerger.example", "bauamt@stadt.example"
SECRET = "Der Bauplan liegt im Tresor 4711"  # what must not be found anywhere in clear
WRONG = 3
MORE = "  sms_domain: sms.stadt.example\n"


def part(name, octets, kind="application/octet-stream", encoding="base64"):
    body = base64.encodebytes(octets).decode() if encoding == "base64" else octets.decode()
    return (f'Content-Type: {kind}; name="{name}"\nContent-Transfer-Encoding: {encoding}\n'
            f'Content-Disposition: attachment; filename="{name}"\n\n{body}')


def letter(text=SECRET, *attachments):
    plain = f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}\nGrüße vom Amt\n"
    html = ("Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
            f'<p>{text}</p><img src="https://spion.example/p.gif"><script>alert(1)</script>\n')
    return mails.multipart("mixed", [mails.multipart("alternative", [plain, html], "innen"), *attachments],
                           "aussen")


class Pickup:
    """One message of the Bauamt on its way to its reader."""

    def __init__(self, scene, content, recipient=ANNA, **fields):
        self.scene, self.site, self.recipient = scene, scene.site, recipient
        scene.count += 1
        self.name = f"Akte {scene.count}"
        inside, world = self.site.mails("inside"), self.site.mails("world")
        more = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in fields.items())
        self.octets = mails.crlf((f"From: {BAUAMT}\nTo: {recipient}\nBcc: geheim@stadt.example\n"
                                  f"Subject: [vertraulich] {self.name}\nMessage-ID: <akte{scene.count}@stadt.example>\n"
                                  f"{more}MIME-Version: 1.0\n{content}").encode())
        self.site.send_mail(self.octets, BAUAMT, *recipient.split(", "))
        self.told_file, self.told = self.site.mail("inside", f"To: {BAUAMT}", "Abholung", "/transfers/", but=inside)
        self.notices = {one: self.site.mail("world", f"To: {one}", "/m/", but=world) for one in recipient.split(", ")}
        self.link = transfer_site.link_in(self.notices[recipient.split(", ")[0]][1], "m")
        self.path = self.link[len(self.site.url):]
        self.id = re.search("/transfers/([0-9a-f]{32})", self.told).group(1)
        self.browser = transfer_site.Browser(self.site)

    def password(self, recipient=None):
        recipient = re.escape(recipient or self.recipient)
        found = re.search(rf"{recipient}: ((?:[0-9A-HJKMNP-TV-Z]{{4}}-){{3}}[0-9A-HJKMNP-TV-Z]{{4}})", self.told)
        return found.group(1) if found else None

    def enter(self, browser=None, link=None, **form):
        """Reads the page by a form; gives the answer, and keeps the page's URL."""
        browser = browser or self.browser
        if not browser.token:
            assert browser.open(link or self.link).status == 200
        answer = browser.open(link or self.link, form=form)
        found = re.search(rb'href="(/v/[A-Za-z0-9_-]{43})/original"', answer.octets)
        self.page = found.group(1).decode() if found else None
        return answer

    def read(self):
        answer = self.enter(password=self.password())
        assert answer.status == 200 and self.page, answer
        return answer.octets.decode()

    def answer(self, text, files=(), **form):
        uploads = [self.browser.upload(octets, name, self.page) for name, octets in files]
        return self.browser.post(f"{self.page}/answer", answer=text, upload=uploads, **form)

    def answered(self, *words, but=()):
        return self.site.mail("inside", f"To: {BAUAMT}", f"Re: {self.name}", *words, but=but)


class Scene:
    def __init__(self, root, programs):
        self.count = 0
        self.site = transfer_site.TransferSite(pathlib.Path(root) / "site", programs, f", wrong_passwords: {WRONG}",
                                               MORE)
        self.site.start_all()

    def pickup(self, content=None, recipient=ANNA, **fields):
        return Pickup(self, content or letter(), recipient, **fields)

    def in_clear(self, *words):
        """The files below the site that hold one of the words: in clear, or as base64 at any of its three places."""
        wanted = []
        for word in words:
            octets = word.encode()
            wanted += [octets] + [base64.b64encode(b"x" * i + octets)[(i * 8 + 5) // 6 + 1:-4] for i in range(3)]
        found = []
        for path in self.site.root.rglob("*"):
            if not path.is_file() or path.parent.name in ("new", "tmp", "cur"):
                continue  # the maildirs are other people's servers
            with contextlib.suppress(FileNotFoundError):
                octets = path.read_bytes()
                found += [str(path) for word in wanted if word in octets]
        return found


# --- reading


def it_is_read_with_link_and_password(scene):
    """The notice is signed and says nothing; text and attachments are those that were sent."""
    plan = os.urandom(3 << 20)
    sent = scene.pickup(letter(SECRET, part("Plan Größe.bin", plan), part("kurz.txt", b"a=3Db=\n c ", "text/plain",
                                                                         "quoted-printable")))
    file, notice = sent.notices[ANNA]
    scene.site.verified(file)
    scene.site.verified(sent.told_file)
    for shown in (notice, file.read_text()):
        assert SECRET not in shown and sent.name not in shown and "Plan" not in shown, shown
    assert sent.password() and sent.password() not in notice
    assert not [mail for mail in scene.site.mails("world") if SECRET.encode() in mail.read_bytes()]
    page = sent.read()
    assert SECRET in page and "Grüße vom Amt" in page and sent.name in page and BAUAMT in page
    assert "[vertraulich]" not in page and "geheim@" not in page
    assert "spion.example" not in page and "<script>alert" not in page and "<img" not in page
    files = [sent.browser.open(f"{sent.page}/file/{number}") for number in range(2)]
    assert [answer.octets for answer in files] == [plan, b"a=b c"], [len(answer.octets) for answer in files]
    assert all(answer.headers["Content-Disposition"].startswith("attachment") for answer in files)
    assert sent.browser.open(f"{sent.page}/file/2").status == 404


def the_original_is_what_would_have_left(scene):
    sent = scene.pickup(letter(SECRET, part("a.bin", os.urandom(5000))), X_Siegel_Encrypt="yes")
    sent.read()
    original = sent.browser.open(f"{sent.page}/original").octets
    message = email.message_from_bytes(original, policy=email.policy.default)
    assert message["Subject"] == sent.name and message["Bcc"] is None and message["X-Siegel-Encrypt"] is None
    body = sent.octets[sent.octets.index(b"\r\n\r\n"):]
    assert original.endswith(body), "its body was touched"


def html_alone_is_shown_as_its_words(scene):
    sent = scene.pickup("Content-Type: text/html; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n"
                        "<h1>Gr=FC=DFe</h1><p>Tom &amp; <b>Jerry</b></p><form action=3D/x><input></form>"
                        "<a href=3D\"https://www.stadt.example/\">hier</a><style>p{}</style>\n")
    page = sent.read()
    assert "Grüße" in page and "Tom &amp; Jerry" in page and "action=/x" not in page and "p{}" not in page
    assert 'href="https://www.stadt.example/"' not in page and "&lt;https://www.stadt.example/&gt;" in page


def its_pages_keep_the_house_rules(scene):
    """Nothing is stored or indexed, no script but ours, nothing of others; a scanner that looks uses nothing up."""
    sent = scene.pickup()
    for _ in range(3):
        answer = scene.site.ask("GET", sent.path)
        assert answer.status == 200 and SECRET.encode() not in answer.octets
    sent.read()
    for path in (sent.path, sent.page, f"{sent.page}/original"):
        headers = sent.browser.open(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"], headers
        assert headers["Cache-Control"] == "no-store" and "noindex" in headers["X-Robots-Tag"], headers
    english = sent.browser.open(f"{sent.page}?lang=en").octets.decode()
    assert 'lang="en"' in english and "Your answer" in english and SECRET in english


def the_sender_sees_that_it_was_read(scene):
    """Once by mail, and in the list."""
    sent = scene.pickup()
    before = scene.site.mails("inside")
    sent.read()
    file, _ = scene.site.mail("inside", f"To: {BAUAMT}", ANNA, sent.id, "gelesen", but=before)
    scene.site.verified(file)
    before = scene.site.mails("inside")
    sent.read()
    sent.browser.open(sent.page)
    time.sleep(2)
    assert scene.site.mails("inside") == before, "told twice"
    listed, = [one for one in scene.site.transfers() if one["id"] == sent.id]
    assert listed["origin"] == "pickup"
    shown = json.loads(scene.site.siegel("--json", "transfer", "show", sent.id))
    assert [event["what"] for event in shown["events"]].count("fetched") == 1
    clerk = transfer_site.Browser(scene.site)
    clerk.sign_in(BAUAMT)
    page = clerk.open(f"/transfers/{sent.id}").octets.decode()
    assert ANNA in page and "abgeholt" in page and SECRET not in page


def each_recipient_has_link_and_password_of_his_own(scene):
    sent = scene.pickup(recipient=f"{ANNA}, {BERT}")
    links = [transfer_site.link_in(sent.notices[one][1], "m") for one in (ANNA, BERT)]
    passwords = [sent.password(one) for one in (ANNA, BERT)]
    assert len(set(links)) == 2 and len(set(passwords)) == 2 and all(passwords)
    assert sent.enter(transfer_site.Browser(scene.site), links[1], password=passwords[0]).status == 403
    assert sent.enter(transfer_site.Browser(scene.site), links[1], password=passwords[1]).status == 200
    assert sent.enter(transfer_site.Browser(scene.site), links[0], password=passwords[0].lower().replace("-", " ")
                      ).status == 200
    assert len(scene.site.rows("SELECT * FROM parcel_file WHERE parcel = ?", sent.id)) == 1


def another_browser_cannot_use_the_page(scene):
    """A ticket from a history or a log is nothing without the browser's own secret."""
    sent = scene.pickup()
    sent.read()
    thief = transfer_site.Browser(scene.site)
    thief.open("/")
    for path in (sent.page, f"{sent.page}/original", f"{sent.page}/file/0"):
        assert thief.open(path).status == 404
    assert scene.site.ask("GET", sent.page).status == 404
    assert thief.open(sent.link.replace("/m/", "/d/")).status == 404, "it is no transfer of files"
    answer = scene.site.ask("POST", sent.path, transfer_site.FORM, f"password={sent.password()}")
    assert answer.status == 403 and b"Cookies" in answer.octets


def a_large_message_is_read_too(scene):
    """45 MB: every attachment streams out as it went in, and the portal stays small."""
    large = os.urandom(30 << 20)
    sent = scene.pickup(letter("groß", part("groß.bin", large)))
    sent.read()
    assert sent.browser.open(f"{sent.page}/file/0").octets == large


# --- doors that stay closed


def wrong_passwords_lock_the_link(scene):
    sent = scene.pickup()
    before = scene.site.mails("inside")
    for _ in range(WRONG):
        answer = sent.enter(password="AAAA-BBBB-CCCC-DDDD")
        assert answer.status == 403 and SECRET.encode() not in answer.octets
    answer = sent.enter(password=sent.password())
    assert answer.status == 403 and "gesperrt" in answer.octets.decode(), answer
    scene.site.mail("inside", f"To: {BAUAMT}", ANNA, "gesperrt", but=before)


def what_was_recalled_is_gone(scene):
    sent = scene.pickup()
    sent.read()
    vault = scene.site.vault()
    scene.site.siegel("transfer", "recall", sent.id)
    for path in (sent.path, sent.page, f"{sent.page}/original"):
        assert sent.browser.open(path).status == 404
    assert sent.answer("zu spät").status == 404
    assert len(scene.site.vault()) == len(vault) - 1


def what_has_expired_is_gone(scene):
    sent = scene.pickup()
    sent.read()
    with contextlib.closing(scene.site.database()) as database:
        database.execute("UPDATE parcel SET expires = 1 WHERE id = ?", (sent.id,))
    for path in (sent.path, sent.page):
        assert sent.browser.open(path).status == 404
    scene.site.stop_portal()
    scene.site.start_portal()
    transfer_site.wait_for(lambda: scene.site.rows("SELECT * FROM pickup WHERE parcel = ?", sent.id) == [], "the sweep")


def what_has_a_virus_is_not_entrusted(scene):
    vault, parcels = scene.site.vault(), len(scene.site.transfers())
    content = letter("Virus", part("Rechnung.exe", transfer_site.EICAR))
    infected = mails.crlf((f"From: {BAUAMT}\nTo: {ANNA}\nSubject: [vertraulich] V\nMIME-Version: 1.0\n"
                           f"{content}").encode())
    clear = transfer_site.EICAR.decode()
    plain = mails.crlf(f"From: {BAUAMT}\nTo: {ANNA}\nSubject: [vertraulich] V\n\n{clear}".encode())
    refusals = 0
    for octets in (infected, plain):
        try:
            scene.site.send_mail(octets, BAUAMT, ANNA)
        except smtplib.SMTPDataError as refusal:
            assert refusal.smtp_code == 554, refusal
            refusals += 1
    assert refusals >= 1
    scene.site.clamd.stop()
    try:
        scene.site.send_mail(plain.replace(transfer_site.EICAR, b"nichts"), BAUAMT, ANNA)
        raise AssertionError("taken without the scanner")
    except smtplib.SMTPDataError as refusal:
        assert refusal.smtp_code == 451, refusal
    finally:
        scene.site.clamd.start()
    assert len(scene.site.transfers()) == parcels + 2 - refusals
    if refusals == 2:
        assert scene.site.vault() == vault


# --- answering


def an_answer_arrives_signed_in_the_senders_mailbox(scene):
    sent = scene.pickup()
    sent.read()
    files = [("Antrag ä.pdf", os.urandom(200000)), ("leer.txt", b"")]
    answer = sent.answer("Danke!\nIch komme <b>morgen</b>.\r\nAnna", files)
    assert answer.status == 200 and "unterwegs" in answer.octets.decode(), answer
    file, text = sent.answered("Ich komme <b>morgen</b>.")
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    inner = email.message_from_bytes(scene.site.verified(file), policy=email.policy.default)
    assert message["In-Reply-To"] == message["References"] == f"<akte{scene.count}@stadt.example>", message
    assert message["Reply-To"] == ANNA and message["Auto-Submitted"] is None
    assert ANNA in text and "whoever had link and password" in text
    html = inner.get_body(("html",)).get_content()
    assert "Ich komme &lt;b&gt;morgen&lt;/b&gt;." in html
    assert [(one.get_filename(), one.get_content()) for one in inner.iter_attachments()] == files
    transfer_site.wait_for(lambda: scene.site.rows("SELECT * FROM parcel WHERE origin = 'answer'") == [],
                           "nothing of the answer stays")
    assert scene.site.rows("SELECT * FROM outbox") == []


def an_answer_without_script_or_files(scene):
    """By multipart, as a browser without JavaScript sends it; and what is wrong with it is said."""
    sent = scene.pickup()
    sent.read()
    assert sent.answer("   ").status == 422
    boundary = "xyz"
    fields = [f'name="csrf"\r\n\r\n{sent.browser.token}', 'name="answer"\r\n\r\nOhne Skript',
              'name="files"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nabc',
              'name="files"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n']
    body = "".join(f"--{boundary}\r\nContent-Disposition: form-data; {field}\r\n" for field in fields)
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    answer = sent.browser.open(f"{sent.page}/answer", headers=headers, data=f"{body}--{boundary}--\r\n".encode())
    assert answer.status == 200, answer
    file, _ = sent.answered("Ohne Skript")
    inner = email.message_from_bytes(scene.site.verified(file), policy=email.policy.default)
    assert [one.get_content() for one in inner.iter_attachments()] == ["abc"] or \
        [one.get_payload(decode=True) for one in inner.iter_attachments()] == [b"abc"]
    forged = sent.browser.open(f"{sent.page}/answer", form={"csrf": "falsch", "answer": "untergeschoben"})
    assert forged.status == 403, forged


def answers_have_a_limit(scene):
    sent = scene.pickup()
    sent.read()
    statuses = [sent.answer(f"Antwort {number}").status for number in range(21)]
    assert statuses == [200] * 20 + [422], statuses
    large = sent.browser.open(sent.page).octets.decode()
    assert 0 < int(re.search(r'data-transfer-max="(\d+)"', large).group(1)) < 100 << 20


def an_infected_answer_reaches_nobody(scene):
    sent = scene.pickup()
    sent.read()
    before = scene.site.mails("inside")
    assert sent.answer("siehe Anhang", [("Virus.exe", transfer_site.EICAR)]).status == 200
    _, text = scene.site.mail("inside", f"To: {BAUAMT}", "Virus.exe", "Eicar", but=before)
    assert "siehe Anhang" not in text
    assert not [file for file in scene.site.mails("inside") - before if f"Re: {sent.name}" in transfer_site.text_of(file)]
    assert scene.site.rows("SELECT state FROM parcel WHERE origin = 'answer'") == [("infected",)]
    with contextlib.closing(scene.site.database()) as database:
        parcel, = database.execute("SELECT id FROM parcel WHERE origin = 'answer'").fetchone()
    scene.site.siegel("transfer", "recall", parcel)


def a_header_cannot_be_injected_by_an_answer(scene):
    """R-45: what stands in the message's head, and what the recipient writes, stays where it belongs."""
    subject = "=?utf-8?Q?Akte=0D=0AX-Evil:_1?="
    inside, world = scene.site.mails("inside"), scene.site.mails("world")
    scene.site.send_mail(mails.crlf((f"From: {BAUAMT}\nTo: {ANNA}\nSubject: [vertraulich] {subject}\n"
                                     "Message-ID: <a b>\n\nx\n").encode()), BAUAMT, ANNA)
    _, told = scene.site.mail("inside", f"To: {BAUAMT}", "/transfers/", but=inside)
    _, notice = scene.site.mail("world", f"To: {ANNA}", "/m/", but=world)
    sent = Pickup.__new__(Pickup)
    sent.scene, sent.site, sent.recipient, sent.told = scene, scene.site, ANNA, told
    sent.link, sent.browser = transfer_site.link_in(notice, "m"), transfer_site.Browser(scene.site)
    sent.read()
    before = scene.site.mails("inside")
    assert sent.answer("a\r\n\r\nX-Evil: 2\r\n.\r\n", [("b\r\nX-Evil: 3.txt", b"x")]).status == 200
    file, _ = scene.site.mail("inside", f"To: {BAUAMT}", "X-Evil: 2", but=before)
    message = email.message_from_bytes(file.read_bytes())
    assert message["In-Reply-To"] is None
    for one in message.walk():
        assert one["X-Evil"] is None, one.as_string()[:500]


# --- codes


def a_code_by_a_second_address_stands_in_for_the_password(scene):
    sent = scene.pickup(X_Siegel_Code_To="anna.privat@web.example")
    assert sent.password() is None and "a•••@web.example" in sent.told
    _, notice = sent.notices[ANNA]
    assert "anna.privat" not in notice and "a•••@web.example" in notice
    page = sent.browser.open(sent.link).octets.decode()
    assert "anna.privat" not in page and "a•••@web.example" in page and 'name="password"' not in page
    for form in ({"password": ""}, {"code": ""}, {"code": "00000000"}):
        assert sent.enter(**form).status == 403, "opens without a code"
    code = ask_code(scene, sent, "anna.privat@web.example")
    wrong = f"{(int(code) + 1) % 10 ** 8:08}"
    assert sent.enter(code=wrong).status == 403
    answer = sent.enter(code=f"{code[:4]} {code[4:]}")
    assert answer.status == 200 and SECRET in answer.octets.decode()
    assert sent.enter(code=code).status == 403, "it works twice"
    assert not scene.in_clear(code), "the code lies somewhere in clear"


def ask_code(scene, sent, address):
    before = scene.site.mails("world")
    answer = sent.browser.open(f"{sent.link}/code", form={})
    assert answer.status == 200 and 'name="code"' in answer.octets.decode(), answer
    file, text = scene.site.mail("world", f"To: {address}", "ode", but=before)
    scene.site.verified(file)
    assert SECRET not in text and sent.name not in text and "/m/" not in text
    return "".join(re.search(r"(\d{4}) (\d{4})", text).groups())


def a_rule_about_all_mail_spares_the_portals_own(scene):
    """Code, receipt and answer of a mailbox whose mail is all picked up arrive; none waits behind a password."""
    good = (scene.site.root / "siegel.yaml").read_text()
    reload(scene, good.replace("sign: if-possible, offload: 1 MB", "encrypt: required, without_key: pickup"))
    try:
        inside, parcels = scene.site.mails("inside"), len(scene.site.transfers())
        sent = scene.pickup(X_Siegel_Code_To="anna.privat@web.example")
        assert sent.enter(code=ask_code(scene, sent, "anna.privat@web.example")).status == 200
        scene.site.mail("inside", f"To: {BAUAMT}", "was read", but=inside)
        assert sent.answer("Danke für die Auskunft").status == 200
        sent.answered("Danke")
        assert len(scene.site.transfers()) == parcels + 1, "one of the portal's own mails became a pickup"
    finally:
        reload(scene, good)


def reload(scene, text):
    (scene.site.root / "siegel.yaml").write_text(text)
    before = scene.site.log().count("event=reloaded")
    os.kill(scene.site.process.pid, signal.SIGHUP)
    transfer_site.wait_for(lambda: scene.site.log().count("event=reloaded") > before, "the reload")


def a_code_goes_to_a_telephone_by_the_gateway(scene):
    sent = scene.pickup(X_Siegel_Code_To="+49 (171) 123-4567")
    assert "+49•••67" in sent.told and "1234567" not in sent.told + sent.notices[ANNA][1]
    code = ask_code(scene, sent, "+491711234567@sms.stadt.example")
    assert sent.enter(code=code).status == 200
    file, text = scene.site.mail("world", "To: +491711234567@sms.stadt.example")
    inner = email.message_from_bytes(scene.site.verified(file), policy=email.policy.default)
    assert inner.get_content_type() == "text/plain" and len(inner.get_content()) < 100


def wrong_and_old_codes_end(scene):
    sent = scene.pickup(X_Siegel_Code_To="anna.privat@web.example")
    code = ask_code(scene, sent, "anna.privat@web.example")
    wrong = f"{(int(code) + 1) % 10 ** 8:08}"
    assert [sent.enter(code=wrong).status for _ in range(5)] == [403] * 5
    assert sent.enter(code=code).status == 403, "right after five wrong ones"
    code = ask_code(scene, sent, "anna.privat@web.example")
    with contextlib.closing(scene.site.database()) as database:
        database.execute("UPDATE pickup SET expires = 1 WHERE parcel = ?", (sent.id,))
    assert sent.enter(code=code).status == 403, "right after its time"
    statuses = [sent.browser.open(f"{sent.link}/code", form={}).status for _ in range(4)]
    assert statuses == [200, 200, 200, 429], statuses


def a_wish_for_codes_that_cannot_be_followed_is_said(scene):
    for recipient, wish, word in ((f"{ANNA}, {BERT}", "anna.privat@web.example", "genau ein Empfänger"),
                                  (ANNA, "irgendwo", "weder eine E-Mail-Adresse"), (ANNA, ANNA, "nichts schützen")):
        sent = scene.pickup(recipient=recipient, X_Siegel_Code_To=wish)
        assert word in " ".join(sent.told.split()), sent.told
        assert sent.password(ANNA) and sent.enter(password=sent.password(ANNA)).status == 200


# --- nothing in clear, nothing half-made


def nothing_lies_in_clear(scene):
    """R-07: neither message nor answer, on no disk and in no log, at any time."""
    answer_text = "Meine Antwort bleibt unter uns 0815"
    found, over = [], threading.Event()

    def watch():
        while not over.is_set():
            found.extend(scene.in_clear(SECRET, answer_text))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        sent = scene.pickup(letter(SECRET, part("a.txt", SECRET.encode())))
        sent.read()
        sent.browser.open(f"{sent.page}/file/0")
        assert sent.answer(answer_text, [("b.txt", answer_text.encode())]).status == 200
        sent.answered(answer_text)
    finally:
        over.set()
        watcher.join()
    # The relay's queue holds the answer while it hands it over, as it does with any mail to a mailbox.
    assert not [path for path in found if "/data/" not in path], found
    assert not scene.in_clear(SECRET, answer_text), scene.in_clear(SECRET, answer_text)
    for secret in (sent.link.rsplit("/", 1)[1], sent.page.rsplit("/", 1)[1], sent.password()):
        assert not scene.in_clear(secret), f"{secret} lies on the disk"


def a_kill_keeps_all_or_nothing(scene):
    """kill -9 of either program: a message is entrusted with its notices or not at all, an answer arrives."""
    for delay in (0.0, 0.02, 0.05, 0.1, 0.2, 0.4):
        inside, parcels = scene.site.mails("inside"), len(scene.site.transfers())
        killer = threading.Timer(delay, lambda: os.kill(scene.site.process.pid, signal.SIGKILL))
        taken = False
        octets = mails.crlf((f"From: {BAUAMT}\nTo: {ANNA}\nSubject: [vertraulich] Kill {delay}\n\n{SECRET}\n").encode())
        killer.start()
        with contextlib.suppress(smtplib.SMTPException, OSError):
            scene.site.send_mail(octets, BAUAMT, ANNA)
            taken = True
        killer.join()
        scene.site.process.wait()
        scene.site.start()
        if taken:
            _, told = scene.site.mail("inside", f"To: {BAUAMT}", "/transfers/", but=inside)
            assert re.search("/transfers/([0-9a-f]{32})", told).group(1) in [one["id"] for one in
                                                                            scene.site.transfers()]
        else:
            assert len(scene.site.transfers()) - parcels <= 1
    assert not scene.in_clear(SECRET)


def a_restart_of_the_portal_takes_nothing_from_the_relay(scene):
    """Both have the tables open. Whoever closes them last takes the journal away, and must know who is left."""
    before = scene.pickup()
    scene.site.stop_portal()
    while_away = scene.pickup()
    scene.site.start_portal()
    for sent in (before, while_away, scene.pickup()):
        sent.read()


def an_answer_survives_a_kill(scene):
    sent = scene.pickup()
    sent.read()
    scene.site.clamd.stop()
    assert sent.answer("überlebt", [("a.bin", b"abc" * 1000)]).status == 200
    scene.site.stop_portal(kill=True)
    assert not scene.in_clear("überlebt", "abcabcabc")
    scene.site.clamd.start()
    scene.site.start_portal()
    sent.answered("überlebt")


CASES = [it_is_read_with_link_and_password, the_original_is_what_would_have_left, html_alone_is_shown_as_its_words,
         its_pages_keep_the_house_rules, the_sender_sees_that_it_was_read,
         each_recipient_has_link_and_password_of_his_own, another_browser_cannot_use_the_page,
         a_large_message_is_read_too, wrong_passwords_lock_the_link, what_was_recalled_is_gone,
         what_has_expired_is_gone, what_has_a_virus_is_not_entrusted, an_answer_arrives_signed_in_the_senders_mailbox,
         an_answer_without_script_or_files, answers_have_a_limit, an_infected_answer_reaches_nobody,
         a_header_cannot_be_injected_by_an_answer, a_code_by_a_second_address_stands_in_for_the_password,
         a_rule_about_all_mail_spares_the_portals_own,
         a_code_goes_to_a_telephone_by_the_gateway, wrong_and_old_codes_end,
         a_wish_for_codes_that_cannot_be_followed_is_said, nothing_lies_in_clear, a_kill_keeps_all_or_nothing,
         a_restart_of_the_portal_takes_nothing_from_the_relay, an_answer_survives_a_kill]


if __name__ == "__main__":
    transfer_site.play(Scene, CASES, "siegel-transfer-pickup-")
