import { chromium } from 'playwright-core';
import { patience } from './testing.mjs';

export const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

// Debian's Chromium; as root it runs only without its sandbox, and it visits our own pages only.
const program = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  chromiumSandbox: process.getuid() !== 0,
  timeout: patience,
  // Without a locale of UTF-8 it passes over files whose names are not ASCII.
  env: { ...process.env, LC_ALL: 'C.UTF-8' },
};

export const launch = () => chromium.launch(program);

// The site's certificate is its own.
const site = { ignoreHTTPSErrors: true };

/** A context of somebody who never was there. */
export async function newContext(browser, options) {
  const context = await browser.newContext({ ...site, ...options });
  context.setDefaultTimeout(patience);
  return context;
}

/** A whole browser with the memory that lies in `folder`: it can be closed and opened again. */
export async function openBrowser(folder, options) {
  const context = await chromium.launchPersistentContext(folder, { ...program, ...site, ...options });
  context.setDefaultTimeout(patience);
  return context;
}
