import { describe, expect, it } from '@jest/globals';
import { fitted } from '../../src/report/fit.ts';

const long = (letter: string, size: number) => ({
  text: letter.repeat(size),
  shorten: (bytes: number) => letter.repeat(bytes),
});

describe('fitted', () => {
  it('leaves out what is empty', () => {
    expect(fitted([{ text: 'a' }, { text: '' }, { text: 'b' }], 100)).toBe('a\n\nb\n');
  });

  it('shortens what comes last first, and nothing that has room', () => {
    const text = fitted([long('a', 1000), long('b', 1000), { text: 'end' }], 1800);
    expect(text.length).toBeLessThanOrEqual(1800);
    expect(text.match(/a/g)).toHaveLength(1000);
    expect(text.endsWith('end\n')).toBe(true);
  });

  it('goes on with the one before where that is not enough', () => {
    const text = fitted([long('a', 2000), long('b', 2000)], 1500);
    expect(text.length).toBeLessThanOrEqual(1500);
    expect(text.match(/b/g)).toHaveLength(400);
  });

  it('counts bytes, as GitHub does', () => {
    const text = fitted(
      [{ text: 'x'.repeat(100) }, { text: 'ä'.repeat(600), shorten: (bytes) => 'ä'.repeat(bytes / 2) }],
      900,
    );
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(900);
  });
});
