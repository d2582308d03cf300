import { describe, expect, it } from '@jest/globals';
import {
  isTimeZone,
  nextOccurrence,
  parseRecurrence,
} from '../../../../local-cloud/fleet/engine/recurrence.ts';

function next(text: string, after: string, timeZone = 'Etc/UTC'): string | undefined {
  const recurrence = parseRecurrence(text);
  if (recurrence === undefined) throw new Error(`${text} is no schedule`);
  const at = nextOccurrence(recurrence, timeZone, Date.parse(after));
  return at === undefined ? undefined : new Date(at).toISOString().slice(0, 16);
}

describe('a recurring schedule', () => {
  it.each([
    ['0 22 * * *', '2026-11-27T21:59:30Z', '2026-11-27T22:00'],
    ['0 22 * * *', '2026-11-27T22:00:00Z', '2026-11-28T22:00'],
    ['*/15 * * * *', '2026-11-27T22:46:00Z', '2026-11-27T23:00'],
    ['5/20 3 * * *', '2026-11-27T03:06:00Z', '2026-11-27T03:25'],
    ['30 0 1 1,6,12 *', '2026-11-27T22:00:00Z', '2026-12-01T00:30'],
    ['0 9 * * MON-FRI', '2026-11-27T22:00:00Z', '2026-11-30T09:00'],
    ['0 9 * * 7', '2026-11-27T22:00:00Z', '2026-11-29T09:00'],
    ['0 9 * feb *', '2026-11-27T22:00:00Z', '2027-02-01T09:00'],
    // Either kind of day, where both are restricted.
    ['0 0 13 * 5', '2026-11-27T22:00:00Z', '2026-12-04T00:00'],
    ['0 0 29 2 *', '2026-11-27T22:00:00Z', '2028-02-29T00:00'],
    ['0 0 30 2 *', '2026-11-27T22:00:00Z', undefined],
  ])('%s after %s is due at %s', (text, after, expected) => {
    expect(next(text, after)).toBe(expected);
  });

  it.each([
    ['0 9 * * *', 'Europe/Stockholm', '2026-11-27T22:00:00Z', '2026-11-28T08:00'],
    ['0 9 * * *', 'Europe/Stockholm', '2026-06-27T22:00:00Z', '2026-06-28T07:00'],
    ['10 0 1 * *', 'Asia/Kathmandu', '2026-11-27T22:00:00Z', '2026-11-30T18:25'],
    ['30 2 * * *', 'Europe/Stockholm', '2026-03-28T02:00:00Z', '2026-03-30T00:30'],
  ])('%s is meant in %s: after %s it is due at %s', (text, timeZone, after, expected) => {
    expect(next(text, after, timeZone)).toBe(expected);
  });

  it.each([
    '',
    '* * * *',
    '* * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 8',
    '5-1 * * * *',
    '*/0 * * * *',
    '@daily',
    'a * * * *',
    '1-2-3 * * * *',
  ])('is not %j', (text) => {
    expect(parseRecurrence(text)).toBeUndefined();
  });
});

describe('time zones', () => {
  it.each([
    ['Etc/UTC', true],
    ['Pacific/Honolulu', true],
    ['Mars/Olympus', false],
  ])('%s: %s', (name, known) => {
    expect(isTimeZone(name)).toBe(known);
  });
});
