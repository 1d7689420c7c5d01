import { chromium } from 'playwright-core';

/** For a busy machine: nothing here is a matter of seconds. */
export const patience = 180000;

// Debian's Chromium; as root it runs only without its sandbox, and it visits our own pages only.
export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  chromiumSandbox: process.getuid() !== 0,
  timeout: patience,
});
