// What templates, words, fixtures and the README promise each other, checked without a browser.

import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { base, fixture, languages, pageOf, pagesFolder, templates, variants, webFolder, words } from './render.mjs';

const tag = /\{\{([#^/>]?)\s*([^}]*?)\s*\}\}/g;
const tags = (text) => [...text.matchAll(tag)].map(([, kind, name]) => ({ kind, name }));
const marked = (word) => /[<&]|\{\{/.test(word);
const sorted = (set) => [...set].sort();
const minus = (one, other) => sorted(one).filter((name) => !other.has(name));

function* wordProblems() {
  const [de, en] = languages.map((language) => words[language]);
  for (const key of new Set([...Object.keys(de), ...Object.keys(en)])) {
    if (!de[key] || !en[key]) {
      yield `word ${key} is missing in ${de[key] ? 'en' : 'de'}`;
      continue;
    }
    const holes = [de, en].map((language) => (language[key].match(/\{\{?\w+\}?\}/g) ?? []).sort().join(' '));
    if (holes[0] !== holes[1]) yield `word ${key} takes other values in German than in English`;
    if (marked(de[key]) !== marked(en[key])) yield `word ${key} has markup in one language only`;
  }
}

function* templateProblems() {
  for (const [name, text] of Object.entries(templates)) {
    if (/\{\{\s*[{&=!]/.test(text))
      yield `${name}: only variables, sections, inverted sections and partials are allowed`;
    if (/\sstyle=|\son\w+=|<style|<script(?![^>]* src=)/i.test(text)) yield `${name}: inline style or script`;
    for (const { kind, name: used } of tags(text)) {
      if (!/^[a-z_]+$/.test(used)) yield `${name}: {{${kind}${used}}} is no flat name`;
      const word = words.de[used];
      if (kind === '>' && !templates[used] && !(word && marked(word)))
        yield `${name}: {{>${used}}} is neither a template nor a word with markup`;
      if (kind !== '>' && word && marked(word))
        yield `${name}: {{${used}}} has markup or values, hence must be {{>${used}}}`;
    }
  }
}

// Everything that a page asks for, through its partials and words.
function used(name, seen = new Set()) {
  const text = templates[name] ?? words.de[name];
  for (const { kind, name: found } of tags(text)) {
    if (seen.has(found)) continue;
    if (kind !== '>') seen.add(found);
    if (kind === '>') used(found, seen);
  }
  return seen;
}

// "files", "files[].file_name" …
function flat(data) {
  const names = ([key, value]) =>
    Array.isArray(value)
      ? [key, ...value.flatMap((item) => [...flat(item)].map((inner) => `${key}[].${inner}`))]
      : [key];
  return new Set(Object.entries(data).flatMap(names));
}

const leaf = (name) => name.split('.').pop();

function* valueProblems(where, data) {
  for (const [key, value] of Object.entries(data)) {
    if (value === '') yield `${where}: ${key} is empty; what is not there must be absent`;
    if (!['string', 'boolean'].includes(typeof value) && !Array.isArray(value))
      yield `${where}: ${key} must be text, flag or list`;
    if (Array.isArray(value)) for (const item of value) yield* valueProblems(where, item);
  }
}

function* fixtureProblems() {
  const documented = readmeTables();
  const pages = new Set(variants.map(pageOf));
  for (const page of pages) {
    const given = new Set();
    for (const variant of variants.filter((name) => pageOf(name) === page)) {
      yield* valueProblems(variant, fixture(variant));
      for (const name of flat(fixture(variant))) given.add(name);
    }
    const leaves = new Set([...given].map(leaf));
    const known = new Set([...leaves, ...Object.keys(base), ...Object.keys(words.de), 'user']);
    for (const name of minus(used(page), known)) yield `${page}: {{${name}}} is in no fixture`;
    for (const name of minus(leaves, used(page))) yield `${page}: ${name} is given but not used`;
    for (const name of leaves) if (words.de[name]) yield `${page}: ${name} is the name of a word, too`;
    const inner = [...given].filter((name) => name.includes('[].')).map(leaf);
    for (const name of inner)
      if (given.has(name)) yield `${page}: ${name} is the name of a value inside a list and outside`;
    const table = documented[page] ?? new Set();
    for (const name of minus(given, table)) yield `README: ${page} does not explain ${name}`;
    for (const name of minus(table, given)) yield `README: ${page} explains ${name}, which no fixture has`;
  }
  for (const name of minus(new Set(Object.keys(base)), documented['every page'] ?? new Set()))
    yield `README: ${name} of every page is not explained`;
}

function readmeTables() {
  const tables = {};
  let current = null;
  for (const line of readFileSync(path.join(pagesFolder, 'README.md'), 'utf8').split('\n')) {
    const heading = /^### `?([\w ]+)`?/.exec(line);
    if (heading) current = tables[heading[1]] = new Set();
    const row = /^\| `([^`]+)`/.exec(line);
    if (row && current) current.add(row[1]);
  }
  return tables;
}

function* unusedWords() {
  const asked = new Set(
    Object.keys(templates).flatMap((name) => [...templates[name].matchAll(tag)].map(([, , found]) => found)),
  );
  const source = readdirSync(path.join(webFolder, 'src'))
    .map((file) => readFileSync(path.join(webFolder, 'src', file), 'utf8'))
    .join('\n');
  for (const key of Object.keys(words.de)) {
    const found = key.startsWith('js_') ? source.includes(`'${key.slice(3)}'`) : asked.has(key);
    if (!found) yield `word ${key} is used nowhere`;
  }
  for (const [, key] of source.matchAll(/say\('(\w+)'/g)) {
    if (!words.de[`js_${key}`] && !words.de[`js_say_${key}`]) yield `the script says ${key}, which is no word`;
  }
}

export function contractProblems() {
  return [...wordProblems(), ...templateProblems(), ...fixtureProblems(), ...unusedWords()];
}
