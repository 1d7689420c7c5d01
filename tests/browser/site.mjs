// A whole site (see site.py): relay, portal and clamd, behind a line that can be cut.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { badLine } from './cut.mjs';

const script = path.join(path.dirname(fileURLToPath(import.meta.url)), 'site.py');

/** The mailbox that everybody may send files to. */
export const office = 'bauamt@stadt.example';

function start(programs, limits) {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
  const child = spawn('python3', [script, programs, limits], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the site has ended');
    return JSON.parse(value);
  };
  return { child, next };
}

/** limits: more of `transfer.limits`, as ", file: 64 MB" */
export async function startSite(programs, limits = '') {
  const { child, next } = start(programs, limits);
  const { url, root, portal_port: portalPort, line_port: linePort } = await next();
  const line = await badLine(portalPort, linePort);

  // One order at a time: answers come in the order of the questions.
  let last = Promise.resolve();
  const order = (what, values = {}) => {
    const answer = last.then(async () => {
      child.stdin.write(`${JSON.stringify({ do: what, ...values })}\n`);
      const { answer: found, error } = await next();
      if (error) throw new Error(error);
      return found;
    });
    last = answer.catch(() => {});
    return answer;
  };

  return {
    url,
    line,
    certificate: await readFile(path.join(root, 'portal.pem')),
    log: () => readFile(path.join(root, 'portal.log'), 'utf8'),
    /** The text of the newest mail in the maildir `inside` or `world` that holds all the words. */
    mail: (folder, ...words) => order('mail', { folder, words }),
    /** The same; openssl has found its signature good. */
    signedMail: (folder, ...words) => order('mail', { folder, words, signed: true }),
    /** A mail of one of us: text with its head, lines end with \n. */
    send: (text, sender, recipient) => order('send', { text, sender, recipient }),
    restartPortal: () => order('restart_portal'),
    expireUploads: () => order('expire_uploads'),
    async close() {
      line.close();
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

/** The first link of a kind in a mail: "d" to files, "m" to a message, "i" to an upload, "sign-in". */
export function linkIn(text, kind) {
  return new RegExp(`https://\\S+/${kind}/[A-Za-z0-9_-]+`).exec(text)[0];
}
