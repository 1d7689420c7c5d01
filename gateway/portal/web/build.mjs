// npm run build -- OUTDIR: portal.js, portal.css and the licences of what portal.js contains.

import { copyFile, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const pages = path.join(here, '../pages');

// The script's words stand in the same files as the pages' and are told by their prefix.
async function scriptWords(language) {
  const words = JSON.parse(await readFile(path.join(pages, 'words', `${language}.json`), 'utf8'));
  const own = Object.entries(words).filter(([key]) => key.startsWith('js_'));
  return Object.fromEntries(own.map(([key, text]) => [key.slice('js_'.length), text]));
}

// node_modules/@scope/name/... and node_modules/name/...; the innermost folder counts.
function packageFolder(input) {
  const [, inside] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input) ?? [];
  return inside && input.slice(0, input.lastIndexOf(inside) + inside.length);
}

async function licence(folder) {
  const { name, version, license } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? await readFile(path.join(folder, file), 'utf8') : `Licence: ${license}`;
  return `${name} ${version} (${license})\n\n${text.trim()}\n`;
}

async function build(out) {
  await mkdir(out, { recursive: true });
  const { metafile } = await esbuild.build({
    absWorkingDir: here,
    entryPoints: ['src/main.js'],
    outfile: path.join(out, 'portal.js'),
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2020',
    legalComments: 'none',
    charset: 'utf8',
    metafile: true,
    logLevel: 'warning',
    define: { WORDS: JSON.stringify({ de: await scriptWords('de'), en: await scriptWords('en') }) },
  });

  const [{ inputs }] = Object.values(metafile.outputs);
  const used = Object.keys(inputs).filter((input) => inputs[input].bytesInOutput > 0);
  const folders = [...new Set(used.map(packageFolder).filter(Boolean))].sort();
  const texts = await Promise.all(folders.map((folder) => licence(path.join(here, folder))));
  await writeFile(path.join(out, 'portal.js.LICENSES.txt'), texts.join(`\n${'-'.repeat(72)}\n\n`));
  await copyFile(path.join(pages, 'portal.css'), path.join(out, 'portal.css'));

  for (const name of ['portal.js', 'portal.css', 'portal.js.LICENSES.txt']) {
    console.log(`${name}: ${(await stat(path.join(out, name))).size} octets`);
  }
}

const [out] = process.argv.slice(2);
if (!out) {
  console.error('Usage: npm run build -- OUTDIR');
  process.exit(2);
}
await build(path.resolve(process.env.INIT_CWD ?? '.', out));
