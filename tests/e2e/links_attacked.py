#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Links under attack: preview robots fetch them, strangers guess passcodes all at once, readers race
for the last opening, and an opening races with its revocation. Asked over the wire, from many
addresses, as fast as the machine can; judged by what the patient then sees."""
import base64
import http.client
import json
import os
import secrets
import socket
import ssl
import sys
import threading
import time

from harness import DOCUMENTS, Programs, Server, Suite, expect, refused

ROBOTS = (
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "WhatsApp/2.23.20.0",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Twitterbot/1.0",
    "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; SafeLinks)",
    "BarracudaSentinel",
    "Googlebot/2.1 (+http://www.google.com/bot.html)",
    "Mozilla/5.0 (Macintosh) facebookexternalhit/1.1 Facebot Twitterbot/1.0",
)


class Wire:
    """Plain HTTPS to a server whose certificate nobody vouches for, from any loopback address: the
    server limits what one address may do at once, and a crowd has many."""

    def __init__(self, port):
        self.port = port
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.check_hostname = False
        self.context.verify_mode = ssl.CERT_NONE

    def ask(self, method, path, body=None, crowd=0, **headers):
        """(status, JSON or None), or None when the server went away."""
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=30, context=self.context,
            source_address=(f"127.0.0.{2 + crowd % 200}", 0))
        try:
            text = None if body is None else json.dumps(body)
            if text is not None:
                headers["Content-Type"] = "application/json"
            connection.request(method, path, body=text, headers=headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        try:
            return answer.status, json.loads(content)
        except ValueError:
            return answer.status, None


def at_once(count, one):
    """Runs one(i) in `count` threads that start together; returns what they returned."""
    barrier, results = threading.Barrier(count), [None] * count

    def run(i):
        barrier.wait()
        results[i] = one(i)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def from_base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def path_of(link):
    """Where a protected link is opened."""
    identifier = from_base64url(link.split("#c1.")[1].split(".")[0])
    return "/v1/links/" + base64.b32encode(identifier).decode().rstrip("=").lower()


def health_link_path(link):
    payload = json.loads(from_base64url(link.split("shlink:/")[1]))
    return "/" + payload["url"].split("/", 3)[3]


class Attacked:
    def __init__(self, programs):
        self.programs = programs
        self.server = Server(programs)
        self.wire = Wire(self.server.port)
        self.vault = programs.vault()
        self.vault.init()
        self.vault.run("import", DOCUMENTS)
        self.vault.join(self.server)
        self.vault.run("sync")
        self.one = self.vault.run("list").rows[0]["id"]

    def share(self, *flags):
        return self.vault.run("grant", "create", "--to", "Dr Visée", "--for", "1h", "--document",
                              self.one, *flags).one()

    def seen(self, shared):
        """What the patient sees of a grant, but for lines of refusals."""
        shown = self.vault.run("grant", "show", shared["id"]).one()
        lines = [row["outcome"] for row in self.vault.run("access-log", "--grant",
                                                          shared["id"]).rows]
        return shown["state"], shown["opened"], shown["wrong_passcodes"], lines.count("delivered")

    def redeem_words(self, shared, passcode=None):
        words = ["redeem", "@" + self.programs.file("a.link", shared["link"]), "--out",
                 self.programs.path("got")]
        if passcode is not None:
            words += ["--passcode-file", self.programs.file("a.code", passcode)]
        return words

    def robots(self):
        protected = self.share("--openings", "1", "--passcode")
        counted = self.share("--openings", "1", "--delivery", "shl")
        link, health = path_of(protected["link"]), health_link_path(counted["link"])
        before = self.seen(protected), self.seen(counted)
        paths = ["/v", "/v/", link, link + "/open", link + "/read", link + "/files/manifest",
                 link + "?recipient=Robot", health, health + "?recipient=Robot",
                 health + "/files/" + "A" * 43]
        answered = []
        for robot in ROBOTS:
            for method in ("GET", "HEAD"):
                for path in paths:
                    answered.append(self.wire.ask(method, path, **{"User-Agent": robot}))
        expect(all(answered) and all(a[0] < 500 for a in answered), "each was answered")
        expect(any(a[0] == 200 for a in answered), "the page and its question are there for all")
        leaked = [a for a in answered if a[1] and "server_half" in json.dumps(a[1])]
        expect(not leaked, f"no half left: {leaked}")
        expect((self.seen(protected), self.seen(counted)) == before,
               f"nothing changed: {before} {self.seen(protected)} {self.seen(counted)}")
        self.vault.run(*self.redeem_words(protected, protected["passcode"]))
        self.vault.run(*self.redeem_words(counted))
        refused(self.vault, 6, "link_not_active",
                *self.redeem_words(protected, protected["passcode"]))

    def guess(self, path, i):
        proof = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        return self.wire.ask("POST", path + "/open", {"recipient": "", "passcode_proof": proof}, i)

    def locked_after_five(self, shared, answers):
        evaluated = [a for a in answers if a and a[0] == 401]
        expect(len(evaluated) <= 5, f"{len(evaluated)} guesses were judged")
        state = self.seen(shared)
        expect(state[0] == "locked" and state[2] == 5 and state[3] == 0, f"{state}")
        refused(self.vault, 6, "link_not_active", *self.redeem_words(shared, shared["passcode"]))
        return evaluated

    def guesses_at_once(self):
        shared = self.share("--passcode")
        path = path_of(shared["link"])
        answers = at_once(200, lambda i: self.guess(path, i))
        left = [a[1].get("remainingAttempts") for a in self.locked_after_five(shared, answers)]
        expect(sorted(left) == [0, 1, 2, 3, 4], f"exactly five, each told what is left: {left}")
        expect(all(a and a[0] in (401, 404, 429) for a in answers), f"{set(map(str, answers))}")

    def guesses_across_a_crash(self):
        shared = self.share("--passcode")
        path = path_of(shared["link"])
        judged = threading.Semaphore(0)

        def one(i):
            answer = self.guess(path, i)
            if answer and answer[0] == 401:
                judged.release()
            return answer

        def kill():
            judged.acquire(timeout=30)
            judged.acquire(timeout=30)
            self.server.kill()

        killer = threading.Thread(target=kill)
        killer.start()
        answers = at_once(100, one)
        killer.join()
        self.server.start()
        answers += at_once(100, one)
        self.locked_after_five(shared, answers)

    def health_link_guesses(self):
        shared = self.share("--passcode", "--delivery", "shl")
        path = health_link_path(shared["link"])

        def guess(i):
            for _ in range(40):  # two are judged at a time; who is sent away comes again
                answer = self.wire.ask("POST", path, {"recipient": "Quelqu'un", "passcode":
                                                      f"faux-{i}", "embeddedLengthMax": 0}, i)
                if not answer or answer[0] != 429:
                    return answer
                time.sleep(0.1)
            return answer

        answers = at_once(60, guess)
        evaluated = [a for a in answers if a and a[0] == 401]
        expect(len(evaluated) == 5, f"exactly five: {sorted(str(a) for a in answers)}")
        state = self.seen(shared)
        expect(state[0] == "locked" and state[2] == 5, f"{state}")

    def race_for_openings(self):
        shared = self.share("--openings", "3")
        path = path_of(shared["link"])
        answers = at_once(50, lambda i: self.wire.ask("POST", path + "/open", {"recipient": ""}, i))
        given = [a for a in answers if a and a[0] == 200 and a[1].get("server_half")]
        expect(len(given) == 3, f"{len(given)} openings")
        expect(all(a and a[0] in (200, 404, 429) for a in answers), f"{set(map(str, answers))}")
        expect(self.seen(shared) == ("used_up", 3, 0, 3), f"{self.seen(shared)}")
        refused(self.vault, 6, "link_not_active", *self.redeem_words(shared))

    def race_with_revocation(self):
        """No opening that begins after the acknowledgement succeeds; none is lost before it."""
        opened = late = 0
        for turn in range(100):
            shared = self.share()
            path, over, results = path_of(shared["link"]), threading.Event(), []

            def readers(crowd, path=path, over=over, results=results):
                while not over.is_set():
                    began = time.monotonic()
                    answer = self.wire.ask("POST", path + "/open", {"recipient": ""}, crowd)
                    results.append((began, answer))

            threads = [threading.Thread(target=readers, args=(n,)) for n in range(3)]
            for thread in threads:
                thread.start()
            time.sleep(0.002 * (turn % 10))  # the two meet at different moments
            self.vault.run("grant", "revoke", shared["id"])
            acknowledged = time.monotonic()
            final = self.wire.ask("POST", path + "/open", {"recipient": ""})
            over.set()
            for thread in threads:
                thread.join()
            expect(final and final[0] == 404, f"after the acknowledgement: {final}")
            opened += sum(1 for _, a in results if a and a[0] == 200)
            late += sum(1 for began, a in results if a and a[0] == 200 and began > acknowledged)
        expect(late == 0, f"{late} openings began after the acknowledgement")
        expect(opened > 20, f"there was a race: {opened} openings before")

    def silent_crowd(self):
        """Connections that say nothing do not keep the others out."""
        held = []
        for i in range(300):
            one = socket.socket()
            one.bind((f"127.0.0.{2 + i % 200}", 0))
            one.connect(("127.0.0.1", self.server.port))
            held.append(one)
        shared = self.share("--openings", "1")
        self.vault.run(*self.redeem_words(shared))
        for one in held:
            one.close()


def main():
    suite = Suite()
    started = time.time()
    with Programs(sys.argv[1]) as programs:
        attacked = Attacked(programs)
        for sentence, body in (
                ("preview robots open nothing and count nothing", attacked.robots),
                ("200 guesses at once: five are judged, then the link is dead",
                 attacked.guesses_at_once),
                ("five guesses in a life, across kill -9", attacked.guesses_across_a_crash),
                ("the same for a SMART Health Link", attacked.health_link_guesses),
                ("50 readers race for 3 openings: three get one", attacked.race_for_openings),
                ("100 races with revocation: nothing opens after it", attacked.race_with_revocation),
                ("a silent crowd keeps nobody out", attacked.silent_crowd)):
            suite.test(sentence, body)
    print(f"{time.time() - started:.0f} s")
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
