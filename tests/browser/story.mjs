// What people do with the whole site, in a real browser, on a phone in German and at a desk in English:
// staff and citizens send, fetch, recall, invite. After each page: axe, console, CSP, requests to elsewhere.
// "node story.mjs --programs FOLDER [--screenshots FOLDER] [WORD …]": words choose scenes by their name.

import path from 'node:path';
import { launch, newContext, openBrowser, sizes } from './browser.mjs';
import { words } from './render.mjs';
import { linkIn, office, startSite } from './site.mjs';
import { MB, conclude, expect, fileSha256, makeFiles, programs, screenshot, test, until } from './testing.mjs';
import { Visitor } from './visitor.mjs';
import { Watch } from './watch.mjs';

const site = await startSite(programs());
const files = await makeFiles();
const browser = await launch();

// What a browser says of pages that refuse something, and of requests on a line that is cut. 409: Chromium
// sends a request again by itself when a used connection breaks; the upload has come further meanwhile.
const refusals = /status of (403|404|422) .* at \S+\/(sign-in|d|i|invitations|upload|transfers|receipt)\b/;
const brokenLine = /(net::ERR_\w+|status of 409 .*) at \S+\/uploads/;

/** Somebody with a browser window: look(page, name) checks what he sees. */
class Person {
  constructor(play, name, context) {
    this.play = play;
    this.context = context;
    this.watch = new Watch(site, `${play.size} ${name}`, [refusals, brokenLine]);
  }

  async open(url) {
    this.page = this.watch.follow(await this.context.newPage());
    await this.page.goto(url);
    return this.page;
  }

  look(name) {
    return this.watch.look(this.page, name, this.play.language);
  }

  /** By the key of its words. */
  press(key) {
    return this.page.getByRole('button', { name: this.play.word[key] }).click();
  }

  follow(key) {
    return this.page.getByRole('link', { name: this.play.word[key] }).click();
  }

  async sees(key) {
    await this.page.getByText(this.play.word[key]).first().waitFor();
  }

  /** Chooses files and waits until the page has uploaded them. */
  async upload(...chosen) {
    await this.page.setInputFiles(
      '#files',
      chosen.map((file) => file.path),
    );
    await until(
      'all is uploaded',
      async () => (await this.page.locator('.queue p.complete').count()) === chosen.length,
    );
  }

  /** Presses the button of the file that is named so; gives the SHA-256 of what comes. */
  async download(file) {
    const button = this.page.getByRole('button', { name: file.name });
    const [download] = await Promise.all([this.page.waitForEvent('download'), button.click()]);
    expect(download.suggestedFilename() === file.name, `saved as ${download.suggestedFilename()}`);
    return fileSha256(await download.path());
  }

  async fetches(...sent) {
    for (const file of sent) expect((await this.download(file)) === file.sha, `${file.name} is not what was sent`);
  }
}

// One time through everything: a size, a language, and who takes part.
class Play {
  constructor(size, language, staff) {
    Object.assign(this, { size, language, staff, word: words[language] });
    this.other = language === 'de' ? 'en' : 'de';
    this.viewport = { viewport: sizes[size], locale: language };
    this.closing = [];
  }

  async newPerson(name, options = {}) {
    const context = await newContext(browser, { ...this.viewport, ...options });
    this.closing.push(context);
    return new Person(this, name, context);
  }

  /** The same person may close the browser and open it again. */
  async newBrowser(name) {
    const context = await openBrowser(path.join(files.folder, `profile ${this.size}`), this.viewport);
    this.closing.push(context);
    return new Person(this, name, context);
  }

  recipient(name) {
    return `${name}.${this.size}@buerger.example`;
  }

  /** What everybody saw when a scene failed. */
  async showAll(scene) {
    const pages = this.closing.flatMap((context) => context.pages());
    for (const [number, page] of pages.entries()) {
      await screenshot(page, `failed.${this.size}.${scene.slice(0, 20)}.${number}`.replace(/[^\w.]+/g, '-'));
    }
  }

  async close() {
    for (const context of this.closing) await context.close();
  }
}

const js = (play, key) => play.word[`js_${key}`];
const line = (person, file) => person.page.locator('.queue .uploads > li', { hasText: file.name });

// How many uploads the page has begun since.
function countCreations(person) {
  let count = 0;
  person.page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/uploads')) count += 1;
  });
  return () => count;
}

/** Where in its file each part begins that is sent from now on; a list that grows. */
function partsBegun(person) {
  const offsets = [];
  person.page.on('request', (request) => {
    if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']));
  });
  return offsets;
}

// Both languages can be had on this page, and one comes back to where one was.
async function switchLanguage(person) {
  const { language, other } = person.play;
  for (const [from, to] of [
    [language, other],
    [other, language],
  ]) {
    await person.page.getByRole('link', { name: words[from].other_language }).click();
    expect((await person.page.getAttribute('html', 'lang')) === to, `the page does not speak ${to}`);
  }
}

async function expectGone(person, url) {
  const response = await person.page.goto(url);
  expect(response.status() === 404, `the link answers ${response.status()}`);
  await person.sees('notice_gone_title');
}

// --- staff

async function signIn(play) {
  const clerk = await play.newPerson('staff');
  await clerk.open(site.url);
  await clerk.look('start');
  await switchLanguage(clerk);
  await clerk.follow('start_staff_link');
  await clerk.look('sign-in');
  await switchLanguage(clerk);
  await clerk.page.fill('#address', 'somebody@elsewhere.example');
  await clerk.press('sign_in_send');
  await clerk.sees('sign_in_address_foreign');
  await clerk.look('sign-in refused');
  await clerk.page.fill('#address', play.staff);
  await clerk.press('sign_in_send');
  await clerk.sees('sign_in_sent_title');
  await clerk.look('sign-in sent');
  const link = linkIn(await site.mail('inside', `To: ${play.staff}`, '/sign-in/'), 'sign-in');

  const thief = await play.newPerson('somebody else');
  await thief.open(link);
  await thief.sees('sign_in_confirm_other_browser');
  expect((await thief.page.locator('main button').count()) === 0, 'another browser can sign in with it');
  await thief.look('sign-in in another browser');

  await clerk.page.goto(link);
  await clerk.look('sign-in confirm');
  await clerk.press('sign_in_confirm_button');
  await clerk.page.getByText(play.staff).waitFor();
  await clerk.look('new');
  const used = await clerk.page.request.post(link, {
    form: { csrf: await clerk.page.getAttribute('meta[name=csrf]', 'content') },
  });
  expect(used.status() === 404, `the link signs in a second time: ${used.status()}`);
  play.clerk = clerk;
}

async function fillOrder(clerk, recipients, more = {}) {
  await clerk.page.fill('#recipients', recipients.join('\n'));
  for (const [field, value] of Object.entries(more)) await clerk.page.fill(`#${field}`, value);
}

async function sendLarge(play) {
  const { clerk } = play;
  play.large = await files.make(`Large plan ${play.size}.bin`, 200 * MB);
  await clerk.page.goto(`${site.url}/new`);
  const created = countCreations(clerk);
  const begun = partsBegun(clerk);
  const before = site.line.sent();
  site.line.cutAfter(0.35 * play.large.octets);
  await clerk.page.setInputFiles('#files', play.large.path);
  await line(clerk, play.large).locator('p.retrying').waitFor();
  await clerk.look('new, the line is cut');
  site.line.mend();
  site.line.cutAfter(0.3 * play.large.octets);
  await until('the second cut', () => site.line.isCut());
  site.line.mend();
  await line(clerk, play.large).locator('p.complete').waitFor();
  await clerk.look('new, all is uploaded');
  expect(created() === 1, `it began anew: ${created()} POST`);
  const sent = site.line.sent() - before;
  expect(sent < 1.5 * play.large.octets, `${sent} octets were sent for ${play.large.octets}`);
  expect(begun.at(-1) > 0.5 * play.large.octets, `it went on at ${begun.at(-1)}, though 65 % had been sent`);

  await fillOrder(
    clerk,
    ['anna', 'berta'].map((name) => play.recipient(name)),
    { message: 'Der Plan <b>.\nZweite Zeile' },
  );
  await clerk.press('new_send');
  await clerk.sees('sent_title');
  await clerk.look('sent');
  await clerk.follow('sent_watch');
  await clerk.sees('transfer_recipients');
  play.transfer = clerk.page.url();
  for (const name of ['anna', 'berta']) {
    const mail = await site.signedMail('world', `To: ${play.recipient(name)}`, '/d/');
    expect(mail.includes(play.large.name) && mail.includes('Der Plan <b>.'), 'the mail does not say what there is');
    play[name] = linkIn(mail, 'd');
  }
  expect(play.anna !== play.berta, 'two recipients have the same link');
  await clerk.page.reload();
  await clerk.sees('recipient_mailed');
  await clerk.look('transfer');
}

async function fetchLarge(play) {
  const anna = await play.newPerson('recipient');
  await anna.open(play.anna);
  await anna.look('download');
  await switchLanguage(anna);
  await anna.fetches(play.large);
  await anna.look('download, after it');

  await site.signedMail('inside', `To: ${play.staff}`, play.recipient('anna'), play.large.name);
  await play.clerk.page.reload();
  await play.clerk.sees('recipient_fetched');
  await play.clerk.look('transfer, fetched');
  play.annaPerson = anna;
}

async function manage(play) {
  const { clerk, annaPerson } = play;
  await clerk.page.fill('#days', '0');
  await clerk.press('extend_button');
  await clerk.page.locator('#days-error').waitFor();
  await clerk.look('transfer, wrong days');
  await clerk.page.fill('#days', '30');
  const before = await clerk.page.locator('.facts time').getAttribute('datetime');
  await clerk.press('extend_button');
  await clerk.sees('transfer_extended');
  const after = await clerk.page.locator('.facts time').getAttribute('datetime');
  expect(after > before, `extended from ${before} to ${after}`);
  await clerk.look('transfer, extended');

  const anna = clerk.page.locator('li.card', { hasText: play.recipient('anna') });
  await anna.getByText(play.word.recall_summary).click();
  await clerk.look('transfer, about to recall');
  await anna.getByRole('button', { name: play.word.recall_button }).click();
  await clerk.sees('transfer_link_recalled');
  await clerk.look('transfer, recalled');
  await expectGone(annaPerson, play.anna);
  await annaPerson.look('link recalled');
  const berta = await play.newPerson('second recipient');
  const page = await berta.open(play.berta);
  expect((await page.locator('main form button').count()) === 1, 'the other link went with it');

  await clerk.page.getByText(play.word.delete_summary).click();
  await clerk.press('delete_button');
  await clerk.sees('transfer_deleted');
  await clerk.look('transfer, deleted');
  await expectGone(berta, play.berta);
  await clerk.page.goto(`${site.url}/transfers`);
  await clerk.look('my transfers');
  await switchLanguage(clerk);
}

async function resultsInBothLanguages(play) {
  const { clerk } = play;
  const file = await files.make(`Language ${play.size}.txt`, 1000);
  await clerk.page.goto(`${site.url}/new`);
  await clerk.upload(file);
  await fillOrder(clerk, [play.recipient('emil')]);
  await clerk.press('new_send');
  await clerk.follow('sent_watch');
  await clerk.page.fill('#days', '20');
  await clerk.press('extend_button');
  await clerk.sees('transfer_extended');
  await switchLanguage(clerk);
  await clerk.sees('transfer_recipients');
  await clerk.page.goto(`${site.url}/invite`);
  await clerk.press('invite_button');
  await clerk.sees('invited_title');
  await switchLanguage(clerk);
  await clerk.look('invite, after the language was switched');
}

async function password(play) {
  const { clerk } = play;
  const chosen = await Promise.all([3, 5].map((number) => files.make(`Geheim ${number}.bin`, number * MB)));
  await clerk.page.goto(`${site.url}/new`);
  await clerk.upload(...chosen);
  await fillOrder(clerk, [play.recipient('carl')], { password: 'geheim & sicher' });
  await clerk.press('new_send');
  await clerk.sees('sent_step_password');
  await clerk.look('sent, with password');
  const mail = await site.signedMail('world', `To: ${play.recipient('carl')}`, '/d/');
  expect(!mail.includes('geheim & sicher'), 'the password is in the mail');

  const carl = await play.newPerson('recipient with password');
  await carl.open(linkIn(mail, 'd'));
  await carl.look('download, locked');
  await carl.page.fill('#password', 'Geheim & sicher');
  await carl.page.getByRole('button', { name: chosen[0].name }).click();
  await carl.page.locator('#password-error').waitFor();
  await carl.look('download, wrong password');
  await carl.page.fill('#password', 'geheim & sicher');
  await carl.fetches(...chosen);
}

// In two halves: a scanner that looks at this file has nothing to find.
const eicar = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!$H+H*'].join('');

async function infected(play) {
  const { clerk } = play;
  const file = await files.make(`Virus ${play.size}.txt`, eicar.length, eicar);
  await clerk.page.goto(`${site.url}/new`);
  await clerk.upload(file);
  await fillOrder(clerk, [play.recipient('frida')]);
  await clerk.press('new_send');
  await clerk.follow('sent_watch');
  await site.signedMail('inside', `To: ${play.staff}`, file.name);
  await clerk.page.reload();
  await clerk.sees('transfer_infected');
  await clerk.look('transfer, infected');
}

// --- citizens

const chooseOffice = (person) => person.page.getByRole('link', { name: 'Bauamt' }).click();

async function beginUpload(play, chosen) {
  const citizen = await play.newBrowser('citizen');
  await citizen.open(site.url);
  await chooseOffice(citizen);
  await citizen.look('upload');
  await switchLanguage(citizen);
  site.line.slowDown(4 * MB);
  const before = site.line.sent();
  await citizen.page.setInputFiles(
    '#files',
    chosen.map((file) => file.path),
  );
  const [small, large] = chosen;
  await line(citizen, small).locator('p.complete').waitFor();
  await until('some of the large file', () => site.line.sent() - before > 0.3 * large.octets);
  await citizen.page.getByRole('button', { name: `${js(play, 'pause')}: ${large.name}` }).click();
  await line(citizen, large).locator('p.paused').waitFor();
  await citizen.look('upload, paused');
  await citizen.context.close();
}

async function goOnWithUpload(play, [small, large]) {
  const citizen = await play.newBrowser('citizen again');
  await citizen.open(site.url);
  const created = countCreations(citizen);
  await chooseOffice(citizen);
  await citizen.page.locator('.unfinished').getByText(large.name).waitFor();
  await citizen.look('upload, unfinished');
  site.line.slowDown(Infinity);
  await citizen.upload(small, large);
  expect(created() === 0, `${created()} uploads began anew`);
  return citizen;
}

async function receiptSays(person, code, key) {
  await person.page.goto(`${site.url}/receipt`);
  await person.page.fill('#code', ` ${code.toLowerCase()} `);
  await person.press('receipt_check');
  await person.sees(key);
}

async function citizen(play) {
  const reference = `AZ-${play.size}-1`;
  const chosen = [
    await files.make(`Antrag ${play.size} ä.pdf`, 1000),
    await files.make(`Foto ${play.size}.bin`, 12 * MB),
  ];
  await beginUpload(play, chosen);
  const person = await goOnWithUpload(play, chosen);
  await person.page.fill('#name', 'Berta Maier');
  await person.page.fill('#address', 'berta..maier@buerger.example');
  await person.page.fill('#reference', reference);
  await person.press('upload_send');
  await person.page.locator('#address-error').waitFor();
  await person.look('upload, refused');
  await person.page.fill('#address', 'berta.maier@buerger.example');
  await person.press('upload_send');
  await person.page.locator('[data-sent]').waitFor();
  await person.look('uploaded');
  const code = await person.page.locator('#code').innerText();

  const mail = await site.signedMail('inside', `To: ${office}`, reference, 'Berta Maier', '/d/');
  await receiptSays(person, code, 'receipt_waiting');
  await person.look('receipt, waiting');
  const clerk = await play.newPerson('office');
  await clerk.open(linkIn(mail, 'd'));
  await clerk.look('download');
  await clerk.fetches(...chosen);
  await until('the receipt knows', async () => {
    await receiptSays(person, code, 'receipt_arrived');
    return (await person.page.getByText(play.word.receipt_fetched, { exact: true }).count()) > 0;
  });
  await person.look('receipt, fetched');
  await person.page.goto(`${site.url}/receipt`);
  await person.page.fill('#code', 'AAAA-BBBB-CCCC');
  await person.press('receipt_check');
  await person.sees('receipt_unknown');
  await person.look('receipt, unknown');
}

async function invitation(play) {
  const { clerk } = play;
  await clerk.page.goto(`${site.url}/invite`);
  await clerk.look('invite');
  await clerk.page.fill('#address', 'dora');
  await clerk.press('invite_button');
  await clerk.page.locator('#address-error').waitFor();
  await clerk.look('invite, refused');
  await clerk.page.fill('#address', play.recipient('dora'));
  await clerk.page.fill('#note', 'Den Bauplan, bitte.');
  await clerk.press('invite_button');
  await clerk.sees('invited_title');
  await clerk.look('invited');
  const shown = await clerk.page.locator('#link').innerText();
  const link = linkIn(
    await site.signedMail('world', `To: ${play.recipient('dora')}`, 'Den Bauplan, bitte.', '/i/'),
    'i',
  );
  expect(shown === link, 'the page shows another link than the mail');

  const dora = await play.newPerson('invited citizen');
  await dora.open(link);
  await dora.look('upload, invited');
  await switchLanguage(dora);
  const file = await files.make(`Bauplan ${play.size}.bin`, 2 * MB);
  await dora.upload(file);
  await dora.page.fill('#name', 'Dora');
  await dora.press('upload_send');
  await dora.page.locator('[data-sent]').waitFor();
  await dora.look('uploaded');
  const mail = await site.signedMail('inside', `To: ${play.staff}`, file.name, '/d/');
  const [got] = await new Visitor(site).fetchAll(linkIn(mail, 'd'));
  expect(got.sha === file.sha, 'another file arrived');
  await expectGone(dora, link);
  await dora.look('link used up');
}

async function leave(play) {
  const { clerk } = play;
  await clerk.page.goto(`${site.url}/accessibility`);
  await clerk.look('accessibility');
  await switchLanguage(clerk);
  await clerk.page.goto(`${site.url}/new`);
  await clerk.press('sign_out');
  await clerk.sees('start_title');
  await clerk.page.goto(play.transfer);
  await clerk.sees('sign_in_title');
  await clerk.look('signed out');
}

// --- without JavaScript, and by keyboard

async function pressByKeyboard(page, button) {
  await until('Tab comes to it', async () => {
    await page.keyboard.press('Tab');
    return button.evaluate((found) => found === document.activeElement);
  });
  await page.keyboard.press('Enter');
}

async function withoutScript(play) {
  const { word } = play;
  const person = await play.newPerson('without JavaScript', { javaScriptEnabled: false });
  await person.open(site.url);
  await chooseOffice(person);
  await person.page.locator('noscript p', { hasText: word.upload_no_script }).waitFor();
  const chosen = await Promise.all([0, 1, 3 * MB].map((octets) => files.make(`Ohne Skript ${octets}.bin`, octets)));
  await person.page.setInputFiles(
    '#files',
    chosen.map((file) => file.path),
  );
  await person.page.fill('#name', 'Ohne Skript');
  await person.page.fill('#reference', `AZ-${play.size}-2`);
  await person.press('upload_send');
  await person.sees('uploaded_title');
  const code = await person.page.locator('#code').innerText();
  const mail = await site.signedMail('inside', `To: ${office}`, `AZ-${play.size}-2`, '/d/');
  await receiptSays(person, code, 'receipt_waiting');

  await person.page.goto(linkIn(mail, 'd'));
  await person.fetches(...chosen);
  const all = person.page.locator('button[value=all]');
  const [zip] = await Promise.all([person.page.waitForEvent('download'), pressByKeyboard(person.page, all)]);
  expect(zip.suggestedFilename().endsWith('.zip'), `all files are saved as ${zip.suggestedFilename()}`);

  const address = `ohne.skript.${play.size}@stadt.example`;
  await person.page.goto(`${site.url}/sign-in`);
  await person.page.fill('#address', address);
  await person.page.press('#address', 'Enter');
  await person.sees('sign_in_sent_title');
  await person.page.goto(linkIn(await site.mail('inside', `To: ${address}`, '/sign-in/'), 'sign-in'));
  await person.press('sign_in_confirm_button');
  await person.page.locator('nav').getByText(address).waitFor();
  expect(
    (await person.page.locator('noscript').innerText()) === word.new_needs_script,
    'staff are not told what they need',
  );
  expect(person.watch.problems.length === 0, person.watch.problems.join('\n'));
}

const scenes = {
  'staff sign in by a link from a mail': signIn,
  '200 MB go on a line that is cut twice': sendLarge,
  'the recipient fetches them, and the sender is told': fetchLarge,
  'the sender extends, recalls, deletes': manage,
  'the language can be switched on results, too': resultsInBothLanguages,
  'a password: wrong, then right': password,
  'a virus is told to the sender': infected,
  'a citizen pauses, closes the browser, goes on, gets a receipt; the office gets a signed notice': citizen,
  'an invitation works once': invitation,
  'staff sign out': leave,
  'without JavaScript: upload, receipt, download, sign-in': withoutScript,
};

async function perform(play) {
  for (const [name, run] of Object.entries(scenes)) {
    site.line.mend();
    site.line.slowDown(Infinity);
    await test(`${play.size}: ${name}`, async () => {
      try {
        await run(play);
      } catch (error) {
        await play.showAll(name);
        throw error;
      }
    });
  }
  await play.close();
}

try {
  await perform(new Play('phone', 'de', 'bauamt@stadt.example'));
  await perform(new Play('desktop', 'en', 'post@stadt.example'));
} finally {
  await browser.close();
  await site.close();
  await files.close();
}
conclude();
