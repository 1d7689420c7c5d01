import { say } from './words.js';

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

// As the server's pages and mails have it: units of 1024, tenths where there are any.
export function size(octets) {
  let tenths = octets * 10;
  let unit = 0;
  while (tenths >= 10240 && unit < units.length - 1) {
    tenths = Math.floor((tenths + 512) / 1024);
    unit += 1;
  }
  return new Intl.NumberFormat(document.documentElement.lang, {
    style: 'unit',
    unit: units[unit],
    unitDisplay: unit ? 'short' : 'long',
    maximumFractionDigits: 1,
  }).format(tenths / 10);
}

// Rounded upwards in coarse steps: a number that changes every second helps nobody.
export function duration(seconds) {
  if (seconds < 50) return say('seconds', { n: Math.max(10, Math.ceil(seconds / 10) * 10) });
  const minutes = Math.ceil(seconds / 60);
  if (minutes === 1) return say('minute');
  if (minutes < 100) return say('minutes', { n: minutes });
  return say('hours', { n: Math.ceil(minutes / 60) });
}
