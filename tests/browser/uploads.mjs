// portal.js against a real tus server: cut lines, a server that is not ready, pause, a closed
// browser, files of all sizes; and what the form finally posts.
// "node uploads.mjs [--screenshots FOLDER] [WORD …]": words choose tests by their name.

import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';
import { axeProblems } from './axe.mjs';
import { launch, patience } from './browser.mjs';
import { badLine } from './cut.mjs';
import { base, words } from './render.mjs';
import { serve } from './serve.mjs';

const MB = 1000 * 1000;
const { values: options, positionals: wanted } = parseArgs({ options: { screenshots: { type: 'string' } }, allowPositionals: true });
const word = words.de;
const text = (key) => word[`js_${key}`];

let failures = 0;
async function test(name, run) {
  try {
    const begun = Date.now();
    await run();
    console.log(`PASS ${name} (${Math.round((Date.now() - begun) / 1000)} s)`);
  } catch (error) {
    failures += 1;
    console.log(`FAIL ${name}\n     ${String(error.message).split('\n').slice(0, 6).join('\n     ')}`);
  }
}

function expect(held, what) {
  if (!held) throw new Error(what);
}

const sha = (data) => createHash('sha256').update(data).digest('hex');

// The folders and servers of one run.
async function makeWorld() {
  const folder = await mkdtemp(path.join(tmpdir(), 'siegel-uploads-'));
  const stored = path.join(folder, 'stored');
  await mkdir(stored);
  const tus = new Server({ path: '/uploads', relativeLocation: true, datastore: new FileStore({ directory: stored }) });
  const state = { refuse: null, tokens: new Set(), methods: [] };
  const site = await serve({
    uploads(request, response) {
      state.tokens.add(request.headers['x-siegel-token']);
      state.methods.push(request.method);
      const status = state.refuse?.(request);
      if (status) return response.writeHead(status).end();
      return tus.handle(request, response);
    },
  });
  const line = await badLine(site.port, { bytesPerSecond: 8 * MB });
  return {
    state,
    site,
    line,
    async file(name, octets) {
      const made = path.join(folder, name);
      const data = randomBytes(octets);
      await writeFile(made, data);
      return { path: made, name, sha: sha(data), octets };
    },
    stored: async (secret) => sha(await readFile(path.join(stored, secret))),
    async close() {
      line.close();
      site.close();
      await rm(folder, { recursive: true });
    },
  };
}

const open = async (context, world, variant = 'upload') => {
  const page = await context.newPage();
  await page.goto(`${world.line.origin}/view/${variant}/de`);
  return page;
};
const choose = (page, ...files) => page.setInputFiles('#files', files.map((file) => file.path));
const row = (page, file) => page.locator('.queue .uploads > li', { hasText: file.name });
const status = (page) => page.locator('[role=status]');

async function until(what, held) {
  for (const end = Date.now() + patience; Date.now() < end; await sleep(50)) {
    if (await held()) return;
  }
  throw new Error(`waited in vain: ${what}`);
}

const complete = (page, file) => until(`${file.name} is complete`, () => row(page, file).locator('p.complete').count());

const created = (world) => world.state.methods.filter((method) => method === 'POST').length;

// Sends the form and gives the secrets that it posted.
async function send(page, world) {
  await page.fill('#name', 'Berta Maier');
  await page.getByRole('button', { name: word.upload_send }).click();
  await page.waitForSelector('[data-sent]');
  const post = world.site.posts.pop();
  expect(post.type === 'application/x-www-form-urlencoded', `posted as ${post.type}`);
  const fields = new URLSearchParams(post.body);
  expect(fields.get('name') === 'Berta Maier' && fields.get('csrf') === base.csrf, 'a field is missing');
  return fields.getAll('upload');
}

async function expectAccessible(page) {
  const [first] = await axeProblems(page);
  expect(!first, first);
}

async function arrived(world, secrets, ...files) {
  const got = await Promise.all(secrets.map((secret) => world.stored(secret)));
  expect(got.length === files.length, `${got.length} uploads were posted instead of ${files.length}`);
  for (const file of files) expect(got.includes(file.sha), `${file.name} did not arrive as it was`);
}

async function cutLine(context, world) {
  const file = await world.file('cut.bin', 24 * MB);
  const page = await open(context, world);
  const before = world.line.sent();
  await choose(page, file);
  for (const share of [0.25, 0.6]) {
    await until('octets', () => world.line.sent() - before > share * file.octets);
    world.line.cut();
    await row(page, file).locator('p.retrying').waitFor();
    if (options.screenshots) await page.screenshot({ path: path.join(options.screenshots, `uploads.cut.png`), fullPage: true });
    await sleep(1500);
    world.line.mend();
  }
  const secrets = await send(page, world);
  await arrived(world, secrets, file);
  const total = world.line.sent() - before;
  expect(created(world) === 1, 'it began anew after a cut');
  expect(total < 1.6 * file.octets, `${total} octets were sent for ${file.octets}`);
  expect(world.state.tokens.size === 1 && world.state.tokens.has(base.csrf), 'a request came without the token');
  const left = await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('tus::')).length);
  expect(left === 0, `${left} uploads are still remembered after they were sent`);
  await page.close();
}

async function notReady(context, world) {
  const file = await world.file('not ready.bin', 12 * MB);
  const page = await open(context, world);
  const before = world.line.sent();
  await choose(page, file);
  await until('octets', () => world.line.sent() - before > 0.5 * file.octets);
  world.state.refuse = () => 503;
  world.line.cut();
  world.line.mend();
  await sleep(1500);
  world.state.refuse = null;
  await arrived(world, await send(page, world), file);
  expect(created(world) === 1, 'it began anew after a 503');
  await page.close();
}

async function closedBrowser(context, world) {
  const file = await world.file('closed <b>&amp;.bin', 16 * MB);
  const before = world.line.sent();
  const first = await open(context, world);
  await choose(first, file);
  await until('octets', () => world.line.sent() - before > 0.5 * file.octets);
  await first.close({ runBeforeUnload: false });
  await sleep(300);

  const page = await open(context, world);
  const unfinished = page.locator('.unfinished');
  await unfinished.getByText(file.name).waitFor();
  if (options.screenshots) await page.screenshot({ path: path.join(options.screenshots, `uploads.unfinished.png`), fullPage: true });
  await expectAccessible(page);
  await choose(page, file);
  await unfinished.waitFor({ state: 'hidden' });
  await arrived(world, await send(page, world), file);
  expect(created(world) === 1, 'it began anew after the browser was closed');
  await page.close();
}

async function forgetUnfinished(context, world) {
  const file = await world.file('forgotten.bin', 12 * MB);
  const first = await open(context, world);
  const before = world.line.sent();
  await choose(first, file);
  await until('octets', () => world.line.sent() - before > 0.3 * file.octets);
  await first.close({ runBeforeUnload: false });
  await sleep(300);
  const page = await open(context, world);
  await page.getByRole('button', { name: `${text('forget')}: ${file.name}` }).click();
  await until('DELETE', () => world.state.methods.includes('DELETE'));
  await page.reload();
  await sleep(500);
  expect(!(await page.locator('.unfinished').isVisible()), 'it is still offered');
  await page.close();
}

async function pauseResume(context, world) {
  const file = await world.file('pause.bin', 32 * MB);
  const page = await open(context, world);
  await choose(page, file);
  await row(page, file).locator('p.running').waitFor();
  await page.getByRole('button', { name: `${text('pause')}: ${file.name}` }).click();
  await row(page, file).locator('p.paused').waitFor();
  const before = world.state.methods.length;
  await sleep(2000);
  expect(world.state.methods.length === before, 'it goes on while it is paused');
  await page.fill('#name', 'Berta Maier');
  await page.getByRole('button', { name: word.upload_send }).click();
  await status(page).getByText(text('not_sent_paused')).waitFor();
  await page.getByRole('button', { name: `${text('resume')}: ${file.name}` }).click();
  await complete(page, file);
  const patches = world.state.methods.filter((method) => method === 'PATCH').length;
  expect(patches > 1 && created(world) === 1, `${patches} PATCH: it was not stopped, or began anew`);
  await arrived(world, await send(page, world), file);
  await page.close();
}

async function several(context, world) {
  const files = await Promise.all([['empty.txt', 0], ['one.txt', 1], ['Lärm & Pläne.bin', 3 * MB], ['third.bin', 5 * MB], ['fourth.bin', 2 * MB]].map(([name, octets]) => world.file(name, octets)));
  const page = await open(context, world);
  await choose(page, ...files);
  await page.getByRole('button', { name: text('pause_all') }).click();
  await page.getByRole('button', { name: text('resume_all') }).click();
  if (options.screenshots) await page.screenshot({ path: path.join(options.screenshots, `uploads.several.png`), fullPage: true });
  await expectAccessible(page);
  const removed = files.pop();
  await page.getByRole('button', { name: `${text('remove')}: ${removed.name}` }).click();
  expect(await page.evaluate(() => document.activeElement.tagName === 'BUTTON'), 'the focus is lost after removing');
  await arrived(world, await send(page, world), ...files);
  await page.close();
}

async function refusals(context, world) {
  const page = await open(context, world);
  const alert = page.locator('#files-field [role=alert]');
  await page.fill('#name', 'Berta Maier');
  await page.getByRole('button', { name: word.upload_send }).click();
  await alert.getByText(text('no_files')).waitFor();
  expect(world.site.posts.length === 0, 'a form without files was posted');

  const file = await world.file('twice.bin', 1000);
  await choose(page, file);
  await complete(page, file);
  await choose(page, file);
  await alert.getByText(text('twice').replace('{name}', file.name)).waitFor();

  await page.evaluate(() => Object.assign(document.querySelector('form[data-uploads]').dataset, { fileMax: 2000 }));
  await choose(page, await world.file('large.bin', 3000));
  await alert.getByText('large.bin').waitFor();

  for (const [code, key] of [[413, 'refused_large'], [403, 'refused_session'], [507, 'refused_full']]) {
    const refused = await world.file(`refused ${code}.bin`, 500);
    world.state.refuse = (request) => request.method === 'POST' && code;
    await choose(page, refused);
    await row(page, refused).getByText(text(key)).waitFor();
    await page.getByRole('button', { name: `${text('remove')}: ${refused.name}` }).click();
  }
  world.state.refuse = null;
  await arrived(world, await send(page, world), file);
  await page.close();
}

async function keptUploads(context, world) {
  const page = await open(context, world, 'upload.kept');
  const kept = await page.locator('#kept input').getAttribute('value');
  const secrets = await send(page, world);
  expect(secrets.length === 1 && secrets[0] === kept, 'the kept upload was not posted');
  await page.close();
}

async function noStorage(context, world) {
  await context.addInitScript(() => {
    for (const name of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(window, name, { get: () => { throw new DOMException('forbidden', 'SecurityError'); } });
    }
  });
  const file = await world.file('no storage.bin', 1000);
  const page = await open(context, world);
  await choose(page, file);
  await complete(page, file);
  await arrived(world, await send(page, world), file);
  await page.close();
}

async function noStyles(context, world) {
  const file = await world.file('styles.bin', 1000);
  const page = await open(context, world);
  const violations = [];
  page.on('console', (message) => /Content Security Policy/.test(message.text()) && violations.push(message.text()));
  await choose(page, file);
  await complete(page, file);
  expect(violations.length === 0, violations[0]);
  expect((await page.locator('[style], style').count()) === 0, 'the script sets styles');
  await page.close();
}

if (options.screenshots) await mkdir(options.screenshots, { recursive: true });
const world = await makeWorld();
const browser = await launch();
const tests = {
  'a line that is cut twice: goes on, SHA-256 is the same': cutLine,
  'a server that answers 503 for a while: goes on where it was': notReady,
  'a closed browser: says which file to choose again, goes on where it was': closedBrowser,
  'an unfinished upload can be discarded': forgetUnfinished,
  'pause, send too early, resume': pauseResume,
  'several files, an empty one, one removed, sent while they run': several,
  'what is refused says why': refusals,
  'uploads that a refused form had brought are posted again': keptUploads,
  'a browser that forbids storage': noStorage,
  'the script sets no style and breaks no CSP': noStyles,
};
for (const [name, run] of Object.entries(tests)) {
  if (wanted.length && !wanted.some((part) => name.includes(part))) continue;
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  context.setDefaultTimeout(patience);
  await test(name, () => run(context, world));
  world.state.refuse = null;
  world.line.mend();
  world.site.posts.length = 0;
  world.state.methods.length = 0;
  await context.close();
}
await browser.close();
await world.close();
console.log(failures ? `${failures} failed` : 'all passed');
process.exitCode = failures ? 1 : 0;
