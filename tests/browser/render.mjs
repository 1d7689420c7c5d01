// Renders the pages as the server does: words below, data above, kainjow-mustache's escaping.

import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Mustache from 'mustache';

const here = path.dirname(fileURLToPath(import.meta.url));
export const pagesFolder = path.join(here, '../../gateway/portal/pages');
export const webFolder = path.join(here, '../../gateway/portal/web');
const fixturesFolder = path.join(here, 'fixtures');

const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
Mustache.escape = (text) => text.replace(/[&<>"']/g, (found) => entities[found]);

const json = (file) => JSON.parse(readFileSync(file, 'utf8'));
const named = (folder, suffix) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(suffix))
    .map((name) => name.slice(0, -suffix.length))
    .sort();

export const languages = ['de', 'en'];
export const words = Object.fromEntries(
  languages.map((language) => [language, json(path.join(pagesFolder, 'words', `${language}.json`))]),
);
export const templates = Object.fromEntries(
  named(pagesFolder, '.mustache').map((name) => [
    name,
    readFileSync(path.join(pagesFolder, `${name}.mustache`), 'utf8'),
  ]),
);
export const base = json(path.join(fixturesFolder, 'base.json'));

/** "download", "download.password" … */
export const variants = named(fixturesFolder, '.json').filter((name) => name !== 'base');
export const pageOf = (variant) => variant.split('.')[0];
export const fixture = (variant) => json(path.join(fixturesFolder, `${variant}.json`));

export function render(variant, language) {
  const view = { ...words[language], ...base, ...fixture(variant) };
  return Mustache.render(templates[pageOf(variant)], view, (name) => templates[name] ?? words[language][name]);
}
