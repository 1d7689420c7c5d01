// Every page in every state and both languages: accessibility, keyboard, CSP, narrow screens, and
// what must work without JavaScript. "node pages.mjs [--all-sizes] [--screenshots FOLDER] [PAGE … looks noscript]"

import { axeProblems } from './axe.mjs';
import { launch, newContext, sizes } from './browser.mjs';
import { contractProblems } from './contract.mjs';
import { base, languages, pageOf, variants, words } from './render.mjs';
import { serve } from './serve.mjs';
import { conclude, options, report, screenshot, wanted } from './testing.mjs';

async function narrowProblems(page) {
  await page.setViewportSize({ width: 320, height: 640 });
  const width = await page.evaluate(() => document.scrollingElement.scrollWidth);
  return width > 320 ? [`scrolls sideways at 320 px: ${width} px`] : [];
}

// Links inside sentences may be as high as their line (WCAG 2.5.5, exception "inline").
function targetProblems(page) {
  return page.evaluate(() => {
    const fields = 'input:not([type=hidden]):not([type=checkbox]), textarea, label.check';
    const links = 'a.button, nav a, header a:not(.skip), footer a';
    const targets = document.querySelectorAll(`button, summary, ${fields}, ${links}`);
    return [...targets]
      .filter((target) => target.checkVisibility() && target.getBoundingClientRect().height < 43.5)
      .map((target) => `lower than 44 px: ${target.outerHTML.slice(0, 80)}`);
  });
}

// Tab must reach everything that can be used, and show where it is.
async function keyboardProblems(page) {
  const count = await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
    globalThis.usable = [
      ...document.querySelectorAll('a[href], button, input:not([type=hidden]), textarea, select, summary'),
    ].filter((found) => found.checkVisibility());
    globalThis.reached = new Set();
    globalThis.unseen = new Set();
    return globalThis.usable.length;
  });
  for (let step = 0; step < 2 * count + 4; step += 1) {
    await page.keyboard.press('Tab');
    const all = await page.evaluate(() => {
      const here = document.activeElement;
      const { outlineStyle, outlineWidth } = getComputedStyle(here);
      if (globalThis.usable.includes(here) && (outlineStyle === 'none' || parseFloat(outlineWidth) < 2))
        globalThis.unseen.add(here);
      globalThis.reached.add(here);
      return globalThis.usable.every((element) => globalThis.reached.has(element));
    });
    if (all) break;
  }
  return page.evaluate(() => [
    ...globalThis.usable
      .filter((element) => !globalThis.reached.has(element))
      .map((element) => `not reached by Tab: ${element.outerHTML.slice(0, 80)}`),
    ...[...globalThis.unseen].map((element) => `focus cannot be seen: ${element.outerHTML.slice(0, 80)}`),
  ]);
}

async function titleProblems(page, variant, language, titles) {
  const title = await page.title();
  const known = titles.get(`${language} ${title}`);
  titles.set(`${language} ${title}`, pageOf(variant));
  return [
    ...(title.endsWith(` – ${base.authority}`) ? [] : [`title without the authority: ${title}`]),
    ...(known && known !== pageOf(variant) ? [`the title is that of ${known}, too: ${title}`] : []),
    ...((await page.getAttribute('html', 'lang')) === language ? [] : ['wrong lang']),
  ];
}

// Each language has its size: German words are the longer ones, hence it is looked at on the phone. What
// depends on neither, in the smallest only.
// Before a release --all-sizes looks at both in both, as the accessibility statement says.
const sizesOf = (language) => (options['all-sizes'] ? Object.keys(sizes) : [language === 'de' ? 'phone' : 'desktop']);

async function visit(page, origin, variant, language, titles) {
  const problems = [];
  const onConsole = (message) =>
    ['error', 'warning'].includes(message.type()) && problems.push(`console: ${message.text()}`);
  const onRequest = (request) =>
    new URL(request.url()).origin === origin || problems.push(`request to elsewhere: ${request.url()}`);
  const onError = (error) => problems.push(`script: ${error.message}`);
  page.on('console', onConsole).on('request', onRequest).on('pageerror', onError);
  await page.goto(`${origin}/view/${variant}/${language}`);
  for (const name of sizesOf(language)) {
    await page.setViewportSize(sizes[name]);
    problems.push(...(await axeProblems(page)), ...(await targetProblems(page)));
    await screenshot(page, `${variant}.${name}.${language}`);
  }
  problems.push(
    ...(await titleProblems(page, variant, language, titles)),
    ...(await keyboardProblems(page)),
    ...(await narrowProblems(page)),
  );
  page.off('console', onConsole).off('request', onRequest).off('pageerror', onError);
  return problems;
}

async function allPages(browser, origin) {
  const context = await newContext(browser);
  const page = await context.newPage();
  const titles = new Map();
  const isWanted = (name) => !wanted.length || wanted.includes(pageOf(name)) || wanted.includes(name);
  for (const variant of variants.filter(isWanted)) {
    for (const language of languages) {
      report(`${variant} ${language}`, await visit(page, origin, variant, language, titles));
    }
  }
  await context.close();
}

async function otherLooks(browser, origin) {
  const names = variants.filter((name) => !name.includes('.') || name.includes('problem'));
  const looks = {
    dark: { colorScheme: 'dark' },
    'forced colours': { forcedColors: 'active' },
    print: { media: 'print' },
  };
  for (const [look, media] of Object.entries(looks)) {
    const context = await newContext(browser, { viewport: sizes.desktop });
    const page = await context.newPage();
    await page.emulateMedia(media);
    const problems = [];
    for (const variant of names) {
      await page.goto(`${origin}/view/${variant}/de`);
      // axe computes contrast from author colours, which forced colours replace.
      if (look !== 'forced colours')
        problems.push(...(await axeProblems(page)).map((problem) => `${variant}: ${problem}`));
      await screenshot(page, `${variant}.${look.split(' ')[0]}`);
    }
    report(`all pages, ${look}`, problems);
    await context.close();
  }
}

// Without JavaScript

function expectPost(posts, where, needles) {
  const post = posts.pop();
  if (!post) return ['nothing was posted'];
  return [
    ...(post.path === where ? [] : [`posted to ${post.path} instead of ${where}`]),
    ...needles.filter((needle) => !post.body.includes(needle)).map((needle) => `not posted: ${needle}`),
  ];
}

async function withoutScript(browser, { origin, posts }) {
  const context = await newContext(browser, { javaScriptEnabled: false, viewport: sizes.phone });
  const page = await context.newPage();
  const open = (variant) => page.goto(`${origin}/view/${variant}/de`);
  const word = words.de;

  await open('download.password');
  await page.fill('#password', 'geheim & sicher');
  const [one] = await Promise.all([page.waitForEvent('download'), page.click('button[name=file][value="2"]')]);
  report('without JavaScript: download of one file', [
    ...(one.suggestedFilename() === 'plan.pdf' ? [] : ['no download']),
    ...expectPost(posts, '/view/download.password/de', ['file=2', 'password=geheim+%26+sicher']),
  ]);

  await open('download.password');
  await page.fill('#password', 'x');
  await Promise.all([page.waitForEvent('download'), page.press('#password', 'Enter')]);
  report(
    'without JavaScript: Enter in the password fetches all',
    expectPost(posts, '/view/download.password/de', ['file=all']),
  );

  await open('sign_in');
  await page.fill('#address', 'anna.schmidt@stadt.example');
  await page.getByRole('button', { name: word.sign_in_send }).click();
  report(
    'without JavaScript: sign-in',
    expectPost(posts, '/sign-in', ['address=anna.schmidt%40stadt.example', 'csrf=']),
  );

  await open('receipt');
  await page.fill('#code', 'K7M4');
  await page.getByRole('button', { name: word.receipt_check }).click();
  report('without JavaScript: receipt', expectPost(posts, '/receipt', ['code=K7M4']));

  await open('upload.kept');
  await page.setInputFiles('#files', [
    { name: 'Plan 1.txt', mimeType: 'text/plain', buffer: Buffer.from('first content') },
    { name: 'Plan 2.txt', mimeType: 'text/plain', buffer: Buffer.from('second content') },
  ]);
  await page.fill('#name', 'Berta Maier');
  await page.getByRole('button', { name: word.upload_send }).click();
  const multipart = [
    'filename="Plan 1.txt"',
    'first content',
    'second content',
    'name="upload"',
    'Berta Maier',
    'name="csrf"',
  ];
  report('without JavaScript: upload', expectPost(posts, '/view/upload.kept/de', multipart));

  await open('transfer');
  await page.getByText(word.delete_summary).click();
  await page.getByRole('button', { name: word.delete_button }).click();
  report('without JavaScript: delete a transfer', expectPost(posts, '/transfers/4711/delete', ['csrf=']));

  await open('new');
  const hint = page.locator('noscript p');
  const told = (await hint.isVisible()) && (await hint.innerText()) === word.new_needs_script;
  report('without JavaScript: staff are told what they need', told ? [] : ['no hint']);
  await context.close();
}

report('words, templates, fixtures and README agree', contractProblems());
const site = await serve();
const browser = await launch();
try {
  await allPages(browser, site.origin);
  if (!wanted.length || wanted.includes('looks')) await otherLooks(browser, site.origin);
  if (!wanted.length || wanted.includes('noscript')) await withoutScript(browser, site);
} finally {
  await browser.close();
  site.close();
}
conclude();
