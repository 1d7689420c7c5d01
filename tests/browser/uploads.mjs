// portal.js against the real siegel-transfer: cut lines, a server that is not ready, pause, a closed
// browser, files of all sizes; and what the office finally gets.
// "node uploads.mjs --programs FOLDER [--screenshots FOLDER] [WORD …]": words choose tests by their name.

import { setTimeout as sleep } from 'node:timers/promises';
import { axeProblems } from './axe.mjs';
import { launch, newContext, sizes } from './browser.mjs';
import { words } from './render.mjs';
import { office, startSite } from './site.mjs';
import { MB, conclude, expect, makeFiles, programs, screenshot, test, until } from './testing.mjs';
import { Visitor } from './visitor.mjs';

const word = words.de;
const text = (key) => word[`js_${key}`];

// Slow enough that a cut comes in between.
const slow = 8 * MB;

const site = await startSite(programs());
const files = await makeFiles();
const browser = await launch();

const uploadUrls = /\/uploads(\/|$)/;

// What the page asks of /uploads.
function watchRequests(page, seen) {
  page.on('request', (request) => {
    if (!uploadUrls.test(request.url())) return;
    seen.methods.push(request.method());
    seen.tokens.add(request.headers()['x-siegel-token']);
    if (request.method() === 'PATCH') seen.offsets.push(Number(request.headers()['upload-offset']));
  });
}

async function open(context, seen) {
  const page = await context.newPage();
  watchRequests(page, seen);
  await page.goto(`${site.url}/upload/${office}?lang=de`);
  return page;
}

// Until it is lifted, what `chosen` chooses is answered with this status; counts them.
async function refuse(page, status, chosen = () => true) {
  const refused = { count: 0 };
  const answer = (route) => {
    if (!chosen(route.request())) return route.continue();
    refused.count += 1;
    return route.fulfill({ status, headers: { 'Tus-Resumable': '1.0.0' } });
  };
  await page.route(uploadUrls, answer);
  refused.lift = () => page.unroute(uploadUrls, answer);
  return refused;
}

const choose = (page, ...chosen) =>
  page.setInputFiles(
    '#files',
    chosen.map((file) => file.path),
  );
const row = (page, file) => page.locator('.queue .uploads > li', { hasText: file.name });
const status = (page) => page.locator('[role=status]');
const press = (page, key, file) => page.getByRole('button', { name: `${text(key)}: ${file.name}` }).click();
const complete = (page, file) => row(page, file).locator('p.complete').waitFor();
const created = (seen) => seen.methods.filter((method) => method === 'POST').length;
const octets = (count) => until(`${count} octets`, () => site.line.sent() > count);
const pressSend = (page) => page.getByRole('button', { name: word.upload_send }).click();

let sendings = 0;

// Sends the form, and gives what the office got: [{name, sha}]
async function send(page) {
  sendings += 1;
  const reference = `AZ-${sendings}-Upload`;
  await page.fill('#name', 'Berta Maier');
  await page.fill('#reference', reference);
  await pressSend(page);
  await page.waitForSelector('[data-sent]');
  const mail = await site.mail('inside', reference, '/d/');
  return new Visitor(site).fetchAll(/https:\S+\/d\/\S+/.exec(mail)[0]);
}

async function sendAndCompare(page, ...sent) {
  const got = await send(page);
  expect(got.length === sent.length, `${got.length} files arrived instead of ${sent.length}`);
  for (const file of sent) {
    const name = file.savedAs ?? file.name;
    expect(
      got.some((one) => one.name === name && one.sha === file.sha),
      `${file.name} did not arrive as it was`,
    );
  }
}

async function expectAccessible(page) {
  const [first] = await axeProblems(page);
  expect(!first, first);
}

async function cutLine(context, seen) {
  const file = await files.make('cut.bin', 24 * MB);
  const page = await open(context, seen);
  const before = site.line.sent();
  site.line.cutAfter(0.25 * file.octets);
  await choose(page, file);
  for (const next of [0.35 * file.octets, null]) {
    await row(page, file).locator('p.retrying').waitFor();
    await screenshot(page, 'uploads.cut');
    site.line.mend();
    if (next) site.line.cutAfter(next);
    if (next) await until('the next cut', () => site.line.isCut());
  }
  await complete(page, file);
  const total = site.line.sent() - before;
  await sendAndCompare(page, file);
  expect(created(seen) === 1, 'it began anew after a cut');
  expect(total < 1.6 * file.octets, `${total} octets were sent for ${file.octets}`);
  const last = seen.offsets.at(-1);
  expect(last > 0.4 * file.octets, `it went on at ${last}, though 60 % had been sent`);
  expect(seen.tokens.size === 1 && ![...seen.tokens][0].includes(' '), 'a request came without the token');
  const left = await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('tus::')).length);
  expect(left === 0, `${left} uploads are still remembered after they were sent`);
}

async function notReady(context, seen) {
  const file = await files.make('not ready.bin', 12 * MB);
  const page = await open(context, seen);
  site.line.cutAfter(0.5 * file.octets);
  await choose(page, file);
  await until('the cut', () => site.line.isCut());
  const refused = await refuse(page, 503);
  site.line.mend();
  await until('503, twice', () => refused.count >= 2);
  await refused.lift();
  await sendAndCompare(page, file);
  expect(created(seen) === 1, 'it began anew after a 503');
}

async function closedPage(context, seen) {
  const file = { ...(await files.make('closed <b>&amp;.bin', 16 * MB)), savedAs: 'closed _b_&amp_.bin' };
  const before = site.line.sent();
  const first = await open(context, seen);
  await choose(first, file);
  await octets(before + 0.5 * file.octets);
  await first.close({ runBeforeUnload: false });

  const page = await open(context, seen);
  const unfinished = page.locator('.unfinished');
  await unfinished.getByText(file.name).waitFor();
  await screenshot(page, 'uploads.unfinished');
  await expectAccessible(page);
  await choose(page, file);
  await unfinished.waitFor({ state: 'hidden' });
  await sendAndCompare(page, file);
  expect(created(seen) === 1, 'it began anew after the page was closed');
}

async function forgetUnfinished(context, seen) {
  const file = await files.make('forgotten.bin', 12 * MB);
  const before = site.line.sent();
  const first = await open(context, seen);
  const answered = first.waitForResponse((response) => response.request().method() === 'POST');
  await choose(first, file);
  const url = (await answered).headers().location;
  await octets(before + 0.3 * file.octets);
  await first.close({ runBeforeUnload: false });

  const page = await open(context, seen);
  await press(page, 'forget', file);
  const headers = { 'Tus-Resumable': '1.0.0' };
  const gone = async () => (await new Visitor(site).request('HEAD', url, { headers })).statusCode === 404;
  await until('the server has forgotten it', gone);
  await page.reload();
  expect(!(await page.locator('.unfinished').isVisible()), 'it is still offered');
}

async function pauseResume(context, seen) {
  const file = await files.make('pause.bin', 32 * MB);
  const page = await open(context, seen);
  await choose(page, file);
  await row(page, file).locator('p.running').waitFor();
  await press(page, 'pause', file);
  await row(page, file).locator('p.paused').waitFor();
  const before = seen.methods.length;
  await sleep(2000);
  expect(seen.methods.length === before, 'it goes on while it is paused');
  await page.fill('#name', 'Berta Maier');
  await pressSend(page);
  await status(page).getByText(text('not_sent_paused')).waitFor();
  await press(page, 'resume', file);
  await complete(page, file);
  const patches = seen.methods.filter((method) => method === 'PATCH').length;
  expect(patches > 1 && created(seen) === 1, `${patches} PATCH: it was not stopped, or began anew`);
  await sendAndCompare(page, file);
}

async function several(context, seen) {
  const plan = [
    ['empty.txt', 0],
    ['one.txt', 1],
    ['Lärm & Pläne.bin', 3 * MB],
    ['third.bin', 5 * MB],
    ['last.bin', MB],
  ];
  const chosen = await Promise.all(plan.map(([name, size]) => files.make(name, size)));
  const page = await open(context, seen);
  await choose(page, ...chosen);
  await page.getByRole('button', { name: text('pause_all') }).click();
  await page.getByRole('button', { name: text('resume_all') }).click();
  await screenshot(page, 'uploads.several');
  await expectAccessible(page);
  await press(page, 'remove', chosen.pop());
  expect(await page.evaluate(() => document.activeElement.tagName === 'BUTTON'), 'the focus is lost after removing');
  await sendAndCompare(page, ...chosen);
}

async function refusedAtOnce(page, file, code, key) {
  const refused = await refuse(page, code, (request) => request.method() === 'POST');
  await choose(page, file);
  await row(page, file).getByText(text(key)).waitFor();
  await refused.lift();
  await press(page, 'remove', file);
}

async function refusals(context, seen) {
  const page = await open(context, seen);
  const alert = page.locator('#files-field [role=alert]');
  await page.fill('#name', 'Berta Maier');
  await pressSend(page);
  await alert.getByText(text('no_files')).waitFor();

  const file = await files.make('twice.bin', 1000);
  await choose(page, file);
  await complete(page, file);
  await choose(page, file);
  await alert.getByText(text('twice').replace('{name}', file.name)).waitFor();

  const form = page.locator('form[data-uploads]');
  await form.evaluate((found) => Object.assign(found.dataset, { fileMax: 2000 }));
  await choose(page, await files.make('large.bin', 3000));
  await alert.getByText('large.bin').waitFor();

  for (const [code, key] of [
    [413, 'refused_large'],
    [403, 'refused_session'],
    [507, 'refused_full'],
  ]) {
    await refusedAtOnce(page, await files.make(`refused ${code}.bin`, 500), code, key);
  }
  await sendAndCompare(page, file);
}

async function keptUploads(context, seen) {
  const page = await open(context, seen);
  const file = await files.make('kept.bin', MB);
  await choose(page, file);
  await complete(page, file);
  await page.fill('#name', 'Berta Maier');
  // A browser takes it for an address; the server does not.
  await page.fill('#address', 'berta..maier@buerger.example');
  await pressSend(page);
  await page.locator('#kept').getByText(file.name).waitFor();
  await expectAccessible(page);
  await page.fill('#address', 'berta.maier@buerger.example');
  await sendAndCompare(page, file);
  expect(created(seen) === 1, 'the file was sent again');
}

async function noStorage(context, seen) {
  await context.addInitScript(() => {
    for (const name of ['localStorage', 'sessionStorage']) {
      const get = () => {
        throw new DOMException('forbidden', 'SecurityError');
      };
      Object.defineProperty(window, name, { get });
    }
  });
  const file = await files.make('no storage.bin', 1000);
  const page = await open(context, seen);
  await choose(page, file);
  await complete(page, file);
  await sendAndCompare(page, file);
}

async function noStyles(context, seen) {
  const file = await files.make('styles.bin', 1000);
  const page = await open(context, seen);
  const violations = [];
  page.on('console', (message) => /Content Security Policy/.test(message.text()) && violations.push(message.text()));
  await choose(page, file);
  await complete(page, file);
  expect(violations.length === 0, violations[0]);
  expect((await page.locator('[style], style').count()) === 0, 'the script sets styles');
}

const tests = {
  'a line that is cut twice: goes on, SHA-256 is the same': cutLine,
  'a server that answers 503 for a while: goes on where it was': notReady,
  'a closed page: says which file to choose again, goes on where it was': closedPage,
  'an unfinished upload can be discarded': forgetUnfinished,
  'pause, send too early, resume': pauseResume,
  'several files, an empty one, one removed, sent while they run': several,
  'what is refused says why': refusals,
  'uploads that a refused form had brought need not be sent again': keptUploads,
  'a browser that forbids storage': noStorage,
  'the script sets no style and breaks no CSP': noStyles,
};

try {
  for (const [name, run] of Object.entries(tests)) {
    await test(name, async () => {
      site.line.mend();
      site.line.slowDown(slow);
      const context = await newContext(browser, { viewport: sizes.phone });
      await run(context, { methods: [], offsets: [], tokens: new Set() }).finally(() => context.close());
    });
  }
} finally {
  await browser.close();
  await site.close();
  await files.close();
}
conclude();
