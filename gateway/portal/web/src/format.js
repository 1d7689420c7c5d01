import { say } from './words.js';

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

// Decimal units, as file managers of phones and the server's pages show them.
export function size(octets) {
  let value = octets;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return new Intl.NumberFormat(document.documentElement.lang, {
    style: 'unit',
    unit: units[unit],
    unitDisplay: unit ? 'short' : 'long',
    maximumFractionDigits: value < 10 && unit ? 1 : 0,
  }).format(value);
}

// Rounded upwards in coarse steps: a number that changes every second helps nobody.
export function duration(seconds) {
  if (seconds < 50) return say('seconds', { n: Math.max(10, Math.ceil(seconds / 10) * 10) });
  const minutes = Math.ceil(seconds / 60);
  if (minutes === 1) return say('minute');
  if (minutes < 100) return say('minutes', { n: minutes });
  return say('hours', { n: Math.ceil(minutes / 60) });
}
