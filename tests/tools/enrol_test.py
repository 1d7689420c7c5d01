#!/usr/bin/env python3
"""Enrolment and its audit on the command line: what an operator types, sees, and must not be able to do.

usage: enrol_test.py FOLDER_OF_PROGRAMS FOLDER_OF_SOURCES
"""

import contextlib
import os
import sqlite3
import subprocess
import sys
import unittest

from installation import BAUAMT, Case
from program import DONE, NO, USAGE

PROFILE = """\
connector: batch
naming: {organisation: Stadt Beispiel}
keys: {types: [p-256], certificates: separate}
"""
MANIFEST = "address;display_name;department;owner;profile\n"


def become(uid):
    """In the child, before it turns into the program: whose login it is, as far as the kernel keeps that."""
    try:
        with open("/proc/self/loginuid", "w") as login:
            login.write(str(uid))
    except OSError:
        os.setresuid(uid, 0, 0)


class Enrolling(Case):
    def setUp(self):
        super().setUp()
        self.profiles = self.gateway.root / "profiles"
        self.profiles.mkdir()
        with self.config.open("a") as config:
            config.write(f"\nenrolment: {{profiles: [{self.profiles}]}}\n")

    def profile(self, name, more=""):
        (self.profiles / f"{name}.yaml").write_text(PROFILE + more)

    def start(self, *profiles):
        rows = [f"{profile}@stadt.example;{profile};Amt;chef@stadt.example;{profile}\n" for profile in profiles]
        return self.does("enrol", "start", "--from", self.write("m.csv", MANIFEST + "".join(rows)))

    def query(self, statement):
        with contextlib.closing(sqlite3.connect(self.gateway.root / "data" / "siegel.db")) as database:
            with database:
                return database.execute(statement).fetchall()

    def status(self, *which):
        return self.does("--json", "enrol", "status", *which).json()


class Audit(Enrolling):
    def setUp(self):
        super().setUp()
        self.profile("amt")
        self.start("amt")
        self.noted = self.does("--json", "audit", "verify").json()

    def test_a_noted_digest_is_found_after_ordinary_work(self):
        self.authority("another")
        found = self.does("--json", "audit", "verify", "--head", self.noted["head"].upper()).json()
        self.assertEqual(found["noted"], self.noted["entries"])
        self.assertGreater(found["entries"], found["noted"])
        self.assertIn(f"entry {found['noted']} of {found['entries']}",
                      self.does("audit", "verify", "--head", self.noted["head"]).out)

    def test_a_digest_that_no_entry_has_is_told(self):
        self.refuses(NO, ["compare with a backup"], "audit", "verify", "--head", "0" * 64)

    def test_a_tail_that_was_cut_off_is_told_without_any_digest(self):
        last = self.noted["entries"] - 1
        self.query(f"DELETE FROM trust_event WHERE id > {last}")
        self.query(f"UPDATE counter SET last = {last} WHERE name = 'trust_event'")
        self.refuses(NO, ["compare with a backup"], "audit", "verify")

    def test_an_altered_octet_of_a_history_is_told(self):
        self.query("UPDATE enrol_transition SET reason = replace(reason, 'asked', 'Asked') WHERE id = 1")
        self.refuses(NO, ["step of request 1 to draft", "compare with a backup"], "audit", "verify")

    def test_what_is_no_digest_is_wrong_usage(self):
        for text in ("", "abc", "z" * 64):
            self.refuses(USAGE, ["64 digits"], "audit", "verify", "--head", text)


class Words(Enrolling):
    def setUp(self):
        super().setUp()
        self.profile("amt")
        self.start("amt")

    def test_an_export_names_a_profile_or_a_batch(self):
        out = self.root / "out"
        self.refuses(USAGE, ["--profile", "--batch"], "enrol", "export", "--to", out)
        self.refuses(USAGE, ["--profile"], "enrol", "export", "--to", out, "--profile", "amt", "--batch", "1")

    def test_scripts_get_rows_and_problems_of_a_manifest(self):
        file = self.write("two.csv", MANIFEST + "a@stadt.example;A;Amt;chef@stadt.example;amt\n"
                                                "b@stadt.example;B;Amt;chef;amt\n")
        for words in (["--dry-run"], []):
            plan = self.ends(NO, "--json", "enrol", "start", "--from", file, *words).json()
            self.assertEqual([row["address"] for row in plan["rows"]], ["a@stadt.example"])
            self.assertEqual([(problem["row"], problem["column"]) for problem in plan["problems"]], [(3, "owner")])

    def test_counts_by_state(self):
        self.assertEqual(self.does("--json", "enrol", "stats", "--by-state").json(),
                         self.does("--json", "enrol", "stats").json())

    def test_one_request_by_its_number(self):
        self.assertEqual([row["id"] for row in self.status("--id", "2")], [2])
        self.refuses(USAGE, ["--id"], "enrol", "status", "--id", "0")
        self.does("enrol", "export", "--profile", "amt", "--to", self.root / "out")
        self.does("enrol", "cancel", "--id", "2")
        self.assertEqual([row["state"] for row in self.status()], ["exported", "cancelled"])

    def test_a_request_is_shown_in_full(self):
        self.does("enrol", "export", "--profile", "amt", "--to", self.root / "out")
        reason = "Grund " * 25 + "Ende"
        self.does("enrol", "cancel", "--id", "1", "--reason", reason)
        shown = self.does("enrol", "show", "1").out
        for words in ("Ende", "subject:", "key:", "batch:", "reason:", "O=Stadt Beispiel"):
            self.assertIn(words, shown)
        self.assertEqual(self.does("--json", "enrol", "show", "1").json()[-1]["reason"], reason)

    def test_watching_is_for_people(self):
        self.refuses(USAGE, ["--watch"], "--json", "enrol", "status", "--watch")

    def test_watching_honours_the_filter(self):
        for words, seen in (([], b"WAITS FOR"), (["--id", "1"], b"ADDRESS")):
            watch = subprocess.Popen([self.siegel.program, *self.siegel.options, "enrol", "status", "--watch", *words],
                                     stdout=subprocess.PIPE)
            read = b""
            while seen not in read and (more := watch.stdout.read1()):
                read += more
            watch.stdout.close()
            watch.kill()
            watch.wait()
            self.assertIn(seen, read)
            if words:
                self.assertIn(b"amt@stadt.example", read)

    def test_a_reader_that_has_seen_enough_is_no_failure(self):
        reading, writing = os.pipe()
        os.close(reading)
        with open(writing, "wb") as nobody:
            done = subprocess.run([self.siegel.program, *self.siegel.options, "enrol", "status"], stdout=nobody,
                                  stderr=subprocess.PIPE, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (DONE, b""))

    def test_a_broken_profile_stops_nobody_else(self):
        self.profile("kaputt")
        self.start("kaputt")
        self.profile("kaputt", "nonsense: 1\n")
        done = self.does("--json", "enrol", "status")
        self.assertEqual(len(done.json()), 4)
        self.assertIn("nonsense", done.err)
        self.does("enrol", "export", "--profile", "amt", "--to", self.root / "out")
        self.refuses(NO, ["kaputt"], "enrol", "export", "--profile", "kaputt", "--to", self.root / "out")


class FourEyes(Enrolling):
    def as_user(self, uid, *words):
        return subprocess.run([self.siegel.program, *self.siegel.options, *map(str, words)], capture_output=True,
                              timeout=60, preexec_fn=lambda: become(uid), env={**os.environ, "SUDO_USER": "anybody"})

    @unittest.skipIf(os.geteuid() != 0, "only root can be somebody else")
    def test_are_those_of_two_people_whatever_the_environment_says(self):
        self.profile("amt", "four_eyes: true\n")
        manifest = self.write("m.csv", MANIFEST + "amt@stadt.example;Amt;Amt;chef@stadt.example;amt\n")
        self.assertEqual(self.as_user(54321, "enrol", "start", "--from", manifest).returncode, DONE)
        alone = self.as_user(54321, "enrol", "authorise", "--ticket", "7")
        self.assertEqual(alone.returncode, NO, alone.stderr)
        self.assertIn(b"four eyes", alone.stderr)
        self.assertEqual({row["state"] for row in self.status()}, {"validated"})
        other = self.as_user(54322, "enrol", "authorise", "--ticket", "7")
        self.assertEqual(other.returncode, DONE, other.stderr)
        steps = self.does("--json", "enrol", "show", "1").json()
        self.assertEqual([step["actor"] for step in steps[:3]], ["uid 54321", "uid 54321", "uid 54322"])
        self.assertIn("(by sudo of anybody)", steps[0]["reason"])


class Memory(Enrolling):
    def test_no_program_leaves_a_core_file(self):
        for words in ([self.siegel.program, *self.siegel.options, "explain", "-"], None):
            if words:
                process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
                process.stdin.write(b"x" * 200_000)  # more than a pipe holds: the program runs and reads
            else:
                self.gateway.start()
                process = self.gateway.process
            with open(f"/proc/{process.pid}/limits") as limits:
                [line] = [line for line in limits if line.startswith("Max core file size")]
            self.assertEqual(line.split()[4:6], ["0", "0"])
            if os.geteuid() != 0:
                self.assertEqual(os.stat(f"/proc/{process.pid}/environ").st_uid, 0, "its memory is open to its user")
            if words:
                process.communicate()


if __name__ == "__main__":
    Case.programs = sys.argv[1]
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
