// A message for somebody without a key, in a real browser, on a phone in German and at a desk in English:
// read by password or code, answered, with and without JavaScript, by keyboard. After each page: axe, console,
// CSP, requests to elsewhere. "node pickup.mjs --programs FOLDER [--screenshots FOLDER] [WORD …]"

import { launch, newContext, sizes } from './browser.mjs';
import { words } from './render.mjs';
import { linkIn, office, startSite } from './site.mjs';
import { conclude, expect, fileSha256, makeFiles, programs, screenshot, test, until } from './testing.mjs';
import { Watch } from './watch.mjs';

const site = await startSite(programs());
const files = await makeFiles();
const browser = await launch();

// What a browser says of pages that refuse something.
const refusals = /status of (403|404|422|429) .* at \S+\/(m|v)\b/;

/** Somebody with a browser window, on a device of that size, in that language. */
class Reader {
  constructor(play, name, context) {
    Object.assign(this, { play, context, word: words[play.language] });
    this.watch = new Watch(site, `pickup ${play.size} ${name}`, [refusals]);
  }

  static async at(play, name, options = {}) {
    const context = await newContext(browser, { viewport: sizes[play.size], locale: play.language, ...options });
    play.closing.push(context);
    return new Reader(play, name, context);
  }

  async open(url) {
    this.page = this.watch.follow(await this.context.newPage());
    await this.page.goto(url);
  }

  look(name) {
    return this.watch.look(this.page, name, this.play.language);
  }

  press(key) {
    return this.page.getByRole('button', { name: this.word[key], exact: true }).click();
  }

  sees(key) {
    return this.page.getByText(this.word[key]).first().waitFor();
  }

  async download(name) {
    const link = this.page.getByRole('link', { name });
    const [download] = await Promise.all([this.page.waitForEvent('download'), link.click()]);
    return fileSha256(await download.path());
  }

  // Both languages can be had on this page, and one comes back to where one was.
  async switchLanguage() {
    const { language } = this.play;
    const other = language === 'de' ? 'en' : 'de';
    for (const [from, to] of [
      [language, other],
      [other, language],
    ]) {
      await this.page.getByRole('link', { name: words[from].other_language }).click();
      expect((await this.page.getAttribute('html', 'lang')) === to, `the page does not speak ${to}`);
    }
  }
}

function letter(play, subject, attached, more = '') {
  const recipient = `${play.name}.${play.size}@buerger.example`;
  const file = `--b\nContent-Type: application/octet-stream; name="${attached.name}"\nContent-Transfer-Encoding: base64\n\n${attached.octets.toString('base64').replace(/.{76}/g, '$&\n')}\n`;
  const text = '--b\nContent-Type: text/html; charset=utf-8\n\n<p>Der Bauplan <b>liegt</b> bei.</p>\n';
  const picture = '<img src="https://spy.example/pixel.gif"><script>document.title = "evil"</script>\n';
  const type = 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n';
  return {
    recipient,
    text: `From: ${office}\nTo: ${recipient}\nSubject: [vertraulich] ${subject}\n${more}${type}${text}${picture}${file}--b--\n`,
  };
}

/** A message of the office; where its reader finds it, and the password that he is told. */
async function entrust(play, subject, more = '') {
  const attached = { name: `Plan ${play.size}.bin`, octets: Buffer.alloc(300000, `${play.size} ${subject} `) };
  const { recipient, text } = letter(play, subject, attached, more);
  await site.send(text, office, recipient);
  const notice = await site.signedMail('world', `To: ${recipient}`, '/m/');
  const told = await site.signedMail('inside', `To: ${office}`, '/transfers/', recipient);
  expect(!notice.includes(subject) && !notice.includes('Bauplan'), 'the notice says what is in the message');
  const [password] = /(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}/.exec(told) ?? [];
  expect(!password || !notice.includes(password), 'the password is in the notice');
  const path = await files.make(attached.name, attached.octets.length, attached.octets);
  return { recipient, password, subject, link: linkIn(notice, 'm'), sha: path.sha, attached };
}

async function readAndAnswer(play) {
  const sent = await entrust(play, `Bauantrag ${play.size}`);
  const reader = await Reader.at(play, 'reader');
  await reader.open(sent.link);
  await reader.look('the door');
  await reader.switchLanguage();
  await reader.page.fill('#password', 'AAAA-BBBB-CCCC-DDDD');
  await reader.press('pickup_read');
  await reader.page.locator('#password-error').waitFor();
  await reader.look('wrong password');
  await reader.page.fill('#password', sent.password.toLowerCase().replaceAll('-', ''));
  await reader.press('pickup_read');
  await reader.page.getByRole('heading', { name: sent.subject }).waitFor();
  await reader.page.getByText('Der Bauplan liegt bei.').waitFor();
  expect((await reader.page.locator('main img, main script').count()) === 0, 'the message brings its own markup');
  await reader.look('message');
  await reader.switchLanguage();
  expect((await reader.download(sent.attached.name)) === sent.sha, 'the attachment is not what was sent');

  await reader.press('message_answer_send');
  expect((await reader.page.locator('#answer:invalid').count()) === 1, 'an empty answer left');
  const photo = await files.make(`Foto ${play.size}.bin`, 200000);
  await reader.page.setInputFiles('#files', photo.path);
  await until('the photo is there', async () => (await reader.page.locator('.queue p.complete').count()) === 1);
  await reader.page.fill('#answer', `Danke für ${sent.subject}!\n<b>Bis</b> morgen.`);
  await reader.look('answer with a file');
  await reader.press('message_answer_send');
  await reader.sees('answered_title');
  await reader.look('answered');
  const mail = await site.signedMail('inside', `To: ${office}`, `Re: ${sent.subject}`, '<b>Bis</b> morgen.');
  expect(mail.includes(sent.recipient), 'the answer does not say whose it is');

  await reader.page.getByRole('link', { name: reader.word.answered_back }).click();
  await reader.page.getByText('Der Bauplan liegt bei.').waitFor();
  await reader.page.fill('#answer', 'Noch etwas: ohne Dateien.');
  await reader.press('message_answer_send');
  await reader.sees('answered_title');
  await reader.look('answered again');
  await site.signedMail('inside', `To: ${office}`, `Re: ${sent.subject}`, 'Noch etwas');

  const page = reader.page.url().replace(/\/answer$/, '');
  const thief = await Reader.at(play, 'somebody else');
  await thief.open(site.url);
  const answer = await thief.page.goto(page);
  expect(answer.status() === 404, `another browser reads it: ${answer.status()}`);
  await thief.look('the page in another browser');
}

async function byCode(play) {
  const wish = `X-Siegel-Code-To: privat.${play.size}@web.example\n`;
  const sent = await entrust({ ...play, name: 'bert' }, `Bescheid ${play.size}`, wish);
  expect(!sent.password, 'there is a password, too');
  const reader = await Reader.at(play, 'reader with a code');
  await reader.open(`${sent.link}/code`);
  await reader.switchLanguage();
  await reader.look('the door with codes');
  await reader.press('pickup_code_send');
  await reader.page.locator('#code').waitFor();
  await reader.look('code sent');
  const mail = await site.signedMail('world', `To: privat.${play.size}@web.example`);
  const [, first, second] = /(\d{4}) (\d{4})/.exec(mail);
  await reader.page.fill('#code', '00000000');
  await reader.press('pickup_read');
  await reader.page.locator('#code-error').waitFor();
  await reader.look('wrong code');
  await reader.page.fill('#code', `${first} ${second}`);
  await reader.press('pickup_read');
  await reader.page.getByText('Der Bauplan liegt bei.').waitFor();
  await reader.look('message by code');
}

async function pressByKeyboard(page, button) {
  await until('Tab comes to it', async () => {
    await page.keyboard.press('Tab');
    return button.evaluate((found) => found === document.activeElement);
  });
  await page.keyboard.press('Enter');
}

async function withoutScript(play) {
  const sent = await entrust({ ...play, name: 'carla' }, `Ohne Skript ${play.size}`);
  const reader = await Reader.at(play, 'without JavaScript', { javaScriptEnabled: false });
  await reader.open(sent.link);
  await reader.page.focus('#password');
  await reader.page.keyboard.type(sent.password);
  await reader.page.keyboard.press('Enter');
  await reader.page.getByText('Der Bauplan liegt bei.').waitFor();
  await reader.page.focus('#answer');
  await reader.page.keyboard.type('Per Tastatur');
  const photo = await files.make(`Anlage ${play.size}.bin`, 5000);
  await reader.page.setInputFiles('#files', photo.path);
  await pressByKeyboard(reader.page, reader.page.locator('[data-send]'));
  await reader.sees('answered_title');
  await site.signedMail('inside', `To: ${office}`, `Re: ${sent.subject}`, 'Per Tastatur');
  expect(reader.watch.problems.length === 0, reader.watch.problems.join('\n'));
}

const scenes = {
  'read by link and password, and answered with a file': readAndAnswer,
  'read by a code to a second address': byCode,
  'read and answered without JavaScript, by keyboard': withoutScript,
};

async function perform(play) {
  for (const [name, run] of Object.entries(scenes)) {
    await test(`${play.size}: ${name}`, async () => {
      try {
        await run(play);
      } catch (error) {
        const pages = play.closing.flatMap((context) => context.pages());
        for (const [number, page] of pages.entries()) await screenshot(page, `failed.pickup.${play.size}.${number}`);
        throw error;
      }
    });
  }
  for (const context of play.closing) await context.close();
}

try {
  await perform({ size: 'phone', language: 'de', name: 'anna', closing: [] });
  await perform({ size: 'desktop', language: 'en', name: 'anna', closing: [] });
} finally {
  await browser.close();
  await site.close();
  await files.close();
}
conclude();
