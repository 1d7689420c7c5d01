#!/usr/bin/env python3
"""kill -9 of siegel-transfer at every stage of a transfer: what was acknowledged is there, and nothing is half-made.

During an upload, between the last octet and the parcel, while the scan waits, during a download, while parcels are
erased, and sixty times at random moments of many people's stories.

usage: transfer_kill_test.py FOLDER_OF_PROGRAMS [CASE ...]
"""

import contextlib
import email
import http.client
import os
import pathlib
import random
import threading
import time

import transfer_site

BAUAMT = "bauamt@stadt.example"
CHUNK, OVERHEAD = 65536, 28  # of the vault: octets of a chunk, and what sealing adds to it
TYPE = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
GONE = (OSError, http.client.HTTPException)  # what a client sees of a server that is killed
KILLS, PEOPLE, STORIES = 60, 4, 60  # at least


class Scene:
    def __init__(self, root, programs):
        self.site = transfer_site.TransferSite(pathlib.Path(root) / "site", programs, ", new_uploads_per_hour: 1000000")
        self.site.start_all()
        self.bauamt = transfer_site.Browser(self.site)
        self.bauamt.sign_in(BAUAMT)
        self.kills = self.sent = 0

    def kill(self):
        self.site.stop_portal(kill=True)
        self.kills += 1

    def kill_and_start(self):
        self.kill()
        self.site.start_portal()

    def begin(self, length):
        answer = self.site.ask("POST", "/uploads", {
            **TYPE, "Upload-Length": str(length), "X-Siegel-Token": self.bauamt.token, "X-Siegel-Page": "/new",
            "Cookie": self.bauamt.cookies()})
        assert answer.status == 201, answer
        return answer.headers["Location"]

    def patch(self, path, offset, octets):
        return self.site.ask("PATCH", path, {**TYPE, "Upload-Offset": str(offset)}, octets)

    def offset(self, path):
        """Nothing for an upload that is known no longer."""
        answer = self.site.ask("HEAD", path, TYPE)
        return int(answer.headers["Upload-Offset"]) if answer.status == 200 else None

    def recipient(self):
        self.sent += 1
        return f"p{self.sent}@buerger.example"

    def post(self, path, recipient):
        return self.bauamt.post("/transfers", upload=path.rsplit("/", 1)[1], recipients=recipient, days="1")

    def fetch(self, link):
        return transfer_site.Browser(self.site).open(link, form={"file": "0"}).octets

    def parcels_for(self, recipient):
        return self.site.rows("SELECT parcel FROM link WHERE recipient = ?", recipient)

    def size_in_vault(self, file):
        path = self.site.root / "transfer" / "vault" / file[:2] / f"{file}.blob"
        return path.stat().st_size if path.exists() else 0


def sealed_length(octets):
    return octets + max(1, -(-octets // CHUNK)) * OVERHEAD


def assert_state_is_right(scene):
    """What must hold between all tables and the vault after each kill."""
    rows = scene.site.rows
    assert rows("PRAGMA integrity_check") == [("ok",)]
    for file, octets in rows("SELECT file_id, octets FROM parcel_file"):
        if scene.size_in_vault(file) != sealed_length(octets):  # its row goes first, if it is being erased just now
            assert rows("SELECT parcel FROM parcel_file WHERE file_id = ?", file) == [], f"{file} is not whole"
    assert rows("SELECT file_id FROM parcel_file WHERE file_id IN (SELECT file_id FROM upload)") == []
    for table, leads in (("waiting", "1"), ("link", "sealed_key != ''"), ("ticket", "1"), ("parcel_file", "1")):
        kept = rows(f"SELECT parcel FROM {table} WHERE {leads} AND parcel NOT IN "
                    "(SELECT id FROM parcel WHERE ended = 0)")
        assert kept == [], f"{table} still leads to a parcel that has ended"
    for table in ("link", "parcel_file", "receipt"):
        half = rows(f"SELECT id FROM parcel WHERE ended = 0 AND id NOT IN (SELECT parcel FROM {table})")
        assert half == [], f"a parcel without a row in {table}"
    assert rows("SELECT id FROM parcel WHERE (state = 'waiting') <> (id IN (SELECT parcel FROM waiting))") == []


def strays(scene):
    known = {file for file, in scene.site.rows("SELECT file_id FROM upload UNION SELECT file_id FROM parcel_file")}
    return scene.site.vault() - known


# --- one after the other


def during_an_upload(scene):
    """No chunk that had reached the disk is lost, and no part that was acknowledged; then the upload goes on."""
    octets = os.urandom(6 << 20)
    path = scene.begin(len(octets))
    file, = scene.site.rows("SELECT file_id FROM upload ORDER BY rowid DESC LIMIT 1")[0]
    at = 0
    for part in (1, CHUNK - 1, 100000, 1 << 20, 2 << 20):
        if part % 2:
            assert scene.patch(path, at, octets[at:at + part]).status == 204
            at += part
        with scene.site.connect() as line:
            line.send(patch_head(path, at, len(octets) - at) + octets[at:at + (1 << 20)])
            reached = transfer_site.wait_for(lambda: scene.size_in_vault(file) // (CHUNK + OVERHEAD) * CHUNK > at
                                             and scene.size_in_vault(file), "octets on the disk")
            scene.kill()
        scene.site.start_portal()
        offset = scene.offset(path)
        assert offset >= max(at, reached // (CHUNK + OVERHEAD) * CHUNK), (at, reached, offset)
        at = offset
    assert scene.patch(path, at, octets[at:]).status == 204
    recipient = scene.recipient()
    assert scene.post(path, recipient).status == 200 and scene.fetch(scene.site.link(recipient)) == octets


def patch_head(path, offset, length):
    fields = [f"{name}: {value}" for name, value in TYPE.items()]
    return "\r\n".join([f"PATCH {path} HTTP/1.1", "Host: localhost", *fields, f"Upload-Offset: {offset}",
                        f"Content-Length: {length}", "", ""]).encode()


def between_the_last_octet_and_the_parcel(scene):
    """The form is sent while the daemon is killed: there is the parcel or the upload, never both and never none."""
    dice, made = random.Random(1), 0
    usual = seconds_of_a_post(scene)
    for _ in range(12):
        path, recipient, statuses = scene.begin(100000), scene.recipient(), []
        assert scene.patch(path, 0, os.urandom(100000)).status == 204
        posting = threading.Thread(target=lambda: statuses.append(post_or_not(scene, path, recipient)))
        posting.start()
        time.sleep(dice.uniform(0, 2 * usual))
        scene.kill_and_start()
        posting.join()
        assert_state_is_right(scene)
        parcels, is_upload = len(scene.parcels_for(recipient)), scene.offset(path) is not None
        assert (parcels, is_upload) in ((1, False), (0, True)), (parcels, is_upload, statuses)
        assert statuses != [200] or parcels == 1, "acknowledged, and not there"
        made += parcels
        if is_upload:
            scene.bauamt.open("/new")
            assert scene.post(path, recipient).status == 200
        scene.site.link(recipient)
    print(f"  {made} of 12 parcels were made before the kill")


def seconds_of_a_post(scene):
    """On this machine, as busy as it is."""
    path = scene.begin(0)
    begun = time.monotonic()
    assert scene.post(path, scene.recipient()).status == 200
    return time.monotonic() - begun


def post_or_not(scene, path, recipient):
    with contextlib.suppress(*GONE):
        return scene.post(path, recipient).status
    return None


def while_the_scan_waits(scene):
    """clamd is away: nobody hears of the files before and after the kill, and everybody once it is back."""
    scene.site.clamd.stop()
    octets, recipient = os.urandom(200000), scene.recipient()
    scene.bauamt.open("/new")
    scene.bauamt.send({"a.bin": octets}, recipient)
    waits = len(scene.site.portal_log().split("event=scanner_away")) + 1
    transfer_site.wait_for(lambda: "event=scanner_away" in scene.site.portal_log(), "the scanner is missed")
    scene.kill_and_start()
    scene.site.rows("UPDATE waiting SET next_try = 0")
    transfer_site.wait_for(lambda: len(scene.site.portal_log().split("event=scanner_away")) >= waits, "missed again")
    parcel, = scene.parcels_for(recipient)[0]
    assert scene.site.rows("SELECT state FROM parcel WHERE id = ?", parcel) == [("waiting",)]
    assert not any(recipient in transfer_site.text_of(file) for file in scene.site.mails("world"))
    scene.site.clamd.start()
    scene.site.rows("UPDATE waiting SET next_try = 0")
    assert scene.fetch(scene.site.link(recipient)) == octets


def during_a_download(scene):
    """The client comes back with Range and the same address: what it has in the end is the file."""
    octets, recipient = os.urandom(48 << 20), scene.recipient()
    scene.bauamt.open("/new")
    parcel = scene.bauamt.send({"a.bin": octets}, recipient)
    ticket = scene.bauamt.ticket(scene.site.link(recipient))
    got, fields = b"", {}
    for _ in range(3):
        connection = http.client.HTTPSConnection("localhost", scene.site.portal_port, context=scene.site.trust())
        connection.request("GET", ticket, headers=fields)
        answer = connection.getresponse()
        assert answer.status == (206 if got else 200)
        got += answer.read(1 << 20)
        scene.kill()
        with contextlib.suppress(*GONE):
            got += answer.read(len(octets))  # what was on its way
        connection.close()
        scene.site.start_portal()
        fields = {"Range": f"bytes={len(got)}-", "If-Range": answer.headers["ETag"]}
    assert len(got) < len(octets), "nothing was left to go on with: the case proves nothing"
    events = "SELECT COUNT(*) FROM parcel_event WHERE parcel = ? AND what = 'fetched'"
    assert scene.site.rows(events, parcel) == [(0,)], "a download that broke off counts as one"
    answer = scene.site.ask("GET", ticket, fields)
    assert answer.status == 206 and got + answer.octets == octets
    transfer_site.wait_for(lambda: scene.site.rows(events, parcel) == [(1,)], "the download is noted")


def while_parcels_are_erased(scene):
    """What was said to be deleted is; what was not is whole; no key of an erased file is left."""
    links = many_parcels(scene, 24)
    dice, deleted = random.Random(3), set()
    deleting = threading.Thread(target=delete_all, args=(scene, list(links), deleted))
    deleting.start()
    while deleting.is_alive():
        time.sleep(dice.uniform(0.05, 0.3))
        scene.kill_and_start()
        assert_state_is_right(scene)
    assert deleted == set(links)
    assert_ended(scene, links, "recalled")


def while_the_sweep_runs(scene):
    links = many_parcels(scene, 24)
    scene.site.stop_portal()
    for parcel in links:
        scene.site.rows("UPDATE parcel SET expires = 1 WHERE id = ?", parcel)
    dice = random.Random(4)
    for _ in range(6):
        scene.site.start_portal()  # and sweeps at once
        time.sleep(dice.uniform(0, 0.02))
        scene.kill()
        assert_state_is_right(scene)
    scene.site.start_portal()
    transfer_site.wait_for(lambda: scene.site.rows("SELECT id FROM parcel WHERE expires = 1 AND ended = 0") == [],
                           "the sweep")
    assert_ended(scene, links, "expired")


def many_parcels(scene, count):
    """{id: link}"""
    scene.bauamt.open("/new")
    made = {}
    for _ in range(count):
        recipient = scene.recipient()
        made[scene.bauamt.send({"a.bin": os.urandom(300000), "b.bin": b"b"}, recipient)] = recipient
    return {parcel: scene.site.link(recipient) for parcel, recipient in made.items()}


def delete_all(scene, parcels, deleted):
    while parcels:
        with contextlib.suppress(*GONE):
            scene.bauamt.open("/new")
            answer = scene.bauamt.post(f"/transfers/{parcels[-1]}/delete")
            if answer.status == 200:
                deleted.add(parcels.pop())


def assert_ended(scene, links, state):
    assert_state_is_right(scene)
    for parcel, link in links.items():
        assert scene.site.rows("SELECT state FROM parcel WHERE id = ?", parcel) == [(state,)]
        assert scene.site.ask("GET", link[len(scene.site.url):]).status == 404
    left = strays(scene)
    print(f"  {len(left)} files without a row; they are noise, their keys are gone")
    for file in left:  # as if a day had gone by
        os.utime(scene.site.root / "transfer" / "vault" / file[:2] / f"{file}.blob", (1, 1))
    scene.site.stop_portal()
    scene.site.start_portal()
    transfer_site.wait_for(lambda: not strays(scene) & left, "the sweep of strays")


# --- at random moments


class Person(threading.Thread):
    """Sends, waits for the mail, fetches, recalls, again and again; what fails is tried again until it is clear."""

    def __init__(self, scene, number, stop):
        super().__init__()
        self.scene, self.number, self.stop, self.dice = scene, number, stop, random.Random(number)
        self.sent, self.stories, self.fault = {}, 0, None
        self.browser = transfer_site.Browser(scene.site)
        self.browser.sign_in(BAUAMT)

    def run(self):
        try:
            while not self.stop.is_set():
                self.story()
        except Exception as fault:  # told by who started it
            self.fault = fault

    def insist(self, action):
        """The answer of a server that is there."""
        while True:
            with contextlib.suppress(*GONE):
                return action()
            time.sleep(0.02)

    def story(self):
        self.stories += 1
        recipient = f"k{self.number}x{self.stories}@buerger.example"
        octets = self.dice.randbytes(self.dice.choice([0, 1, CHUNK, 3 * CHUNK + 5, 1 << 20]))
        path = self.upload(octets)
        self.post(path, recipient)
        self.sent[recipient] = octets
        if self.dice.random() < 0.3:
            self.recall(recipient)

    def upload(self, octets):
        self.insist(lambda: self.browser.open("/new"))
        path = self.insist(lambda: self.begin(len(octets)))
        at = 0
        while at < len(octets):
            end = at + self.dice.randint(1, len(octets))
            answer = self.insist(lambda: self.patch_or_look(path, at, octets[at:end]))
            assert answer >= at, f"{at} octets were acknowledged, {answer} are there"
            at = answer
        return path

    def begin(self, length):
        answer = self.scene.site.ask("POST", "/uploads", {
            **TYPE, "Upload-Length": str(length), "X-Siegel-Token": self.browser.token, "X-Siegel-Page": "/new",
            "Cookie": self.browser.cookies()})
        assert answer.status == 201, answer
        return answer.headers["Location"]

    def patch_or_look(self, path, at, octets):
        """How far the upload has come, by the answer to the part or, if that did not come, by asking."""
        with contextlib.suppress(*GONE):
            answer = self.scene.patch(path, at, octets)
            if answer.status == 204:
                return int(answer.headers["Upload-Offset"])
            assert answer.status == 409, answer  # an earlier try had come further than it could tell
        return self.scene.offset(path)

    def post(self, path, recipient):
        while True:
            with contextlib.suppress(*GONE):
                answer = self.browser.post("/transfers", upload=path.rsplit("/", 1)[1], recipients=recipient, days="1")
                assert answer.status == 200, answer
                return
            if self.insist(lambda: self.scene.offset(path)) is None:
                return  # it had been made, and the answer was lost

    def recall(self, recipient):
        parcel, = self.scene.parcels_for(recipient)[0]
        answer = self.insist(lambda: self.browser.post(f"/transfers/{parcel}/delete"))
        assert answer.status == 200, answer
        self.sent[recipient] = None


def at_random_moments(scene):
    stop = threading.Event()
    people = [Person(scene, number, stop) for number in range(PEOPLE)]
    for person in people:
        person.start()
    dice = random.Random(60)
    try:
        done = scene.kills
        while scene.kills < done + KILLS or sum(len(person.sent) for person in people) < STORIES:
            assert all(person.is_alive() for person in people), [person.fault for person in people]
            time.sleep(dice.uniform(0, 0.5))
            scene.kill_and_start()
            assert_state_is_right(scene)
    finally:
        stop.set()
        for person in people:
            person.join()
    faults = [person.fault for person in people if person.fault]
    assert not faults, faults
    sent = {recipient: octets for person in people for recipient, octets in person.sent.items()}
    assert_all_arrived(scene, sent)


def assert_all_arrived(scene, sent):
    """Each recipient has a notice, at least one, and by its link the file; or a 404, if it was recalled."""
    for recipient, octets in sent.items():
        if octets is not None:
            assert scene.fetch(scene.site.link(recipient)) == octets, recipient
    mails = [email.message_from_bytes(file.read_bytes())["To"] for file in scene.site.mails("world")]
    for recipient, octets in sent.items():
        if octets is None and recipient in mails:
            assert scene.site.ask("GET", scene.site.link(recipient)[len(scene.site.url):]).status == 404
    assert_state_is_right(scene)
    doubled = len(mails) - len(set(mails))
    print(f"  {len(sent)} parcels, {sum(octets is None for octets in sent.values())} recalled: none lost, none torn, "
          f"{doubled} notices doubled, {len(strays(scene))} files without a row")


CASES = [during_an_upload, between_the_last_octet_and_the_parcel, while_the_scan_waits, during_a_download,
         while_parcels_are_erased, while_the_sweep_runs, at_random_moments]


def main():
    scene = transfer_site.play(Scene, CASES, "siegel-transfer-kill-")
    print(f"  {scene.kills} kills")


if __name__ == "__main__":
    main()
