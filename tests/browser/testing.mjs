// What the test programs have in common: their command line, tests by name, and patience.

import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

export const MB = 1000 * 1000;
/** For a busy machine: nothing here is a matter of seconds. */
export const patience = 120000;

const known = { programs: { type: 'string' }, screenshots: { type: 'string' }, 'all-sizes': { type: 'boolean' } };
/** --programs FOLDER --screenshots FOLDER WORD …: words choose tests by their name. */
export const { values: options, positionals: wanted } = parseArgs({ options: known, allowPositionals: true });

export function programs() {
  if (options.programs) return options.programs;
  console.error('Say where siegel-transfer, siegel-relay and siegel are: --programs FOLDER');
  return process.exit(2);
}

let failures = 0;
let played = 0;

function fail(name, problems) {
  failures += 1;
  console.log(`FAIL ${name}`);
  for (const problem of problems) console.log(`     ${problem}`);
}

export function report(name, problems) {
  played += 1;
  if (problems.length) fail(name, problems);
  else console.log(`PASS ${name}`);
}

export async function test(name, run) {
  if (wanted.length && !wanted.some((word) => name.includes(word))) return;
  played += 1;
  const begun = Date.now();
  try {
    await run();
    console.log(`PASS ${name} (${Math.round((Date.now() - begun) / 1000)} s)`);
  } catch (error) {
    fail(
      name,
      String(error.stack ?? error)
        .split('\n')
        .slice(0, 12),
    );
  }
}

export function conclude() {
  if (!played) fail('no test has such a name', wanted);
  console.log(failures ? `${failures} failed` : 'all passed');
  process.exitCode = failures ? 1 : 0;
}

export function expect(held, what) {
  if (!held) throw new Error(what);
}

export async function until(what, held) {
  for (const end = Date.now() + patience; Date.now() < end; await sleep(50)) {
    if (await held()) return;
  }
  throw new Error(`waited in vain: ${what}`);
}

export const sha256 = (data) => createHash('sha256').update(data).digest('hex');

export async function fileSha256(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** A folder for files to send; it goes with close(). */
export async function makeFiles() {
  const folder = await mkdtemp(path.join(tmpdir(), 'siegel-files-'));
  return {
    folder,
    async make(name, octets, data = randomBytes(octets)) {
      const made = path.join(folder, name);
      await writeFile(made, data);
      return { path: made, name, octets, sha: sha256(data) };
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

export async function screenshot(page, name) {
  if (!options.screenshots) return;
  await mkdir(options.screenshots, { recursive: true });
  await page.screenshot({ path: path.join(options.screenshots, `${name}.png`), fullPage: true });
}
