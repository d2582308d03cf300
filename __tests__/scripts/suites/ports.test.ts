import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { portOf } from '../../e2e/support/ports.ts';

const folder = new URL('../../e2e/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.test.ts'));
const urlOf = (name: string): string => new URL(name, folder).href;

describe('the ports of the end-to-end tests', () => {
  it('are each of one file alone, and of one of its clouds', () => {
    const ports = files.flatMap((name) =>
      [0, 4].flatMap((another) => [0, 1000].map((above) => Number(portOf(urlOf(name), another)) + above)),
    );
    expect(new Set(ports).size).toBe(files.length * 4);
  });

  it.each(files)('are none that %s has chosen by itself', (name) => {
    const text = readFileSync(new URL(name, folder), 'utf8');
    expect(text.match(/'4\d{3}'|\bport\w*\b.{0,20}\b4\d{3}\b/gi)).toBeNull();
  });

  it('are given to no other file, and to a file no more than it has', () => {
    expect(() => portOf(import.meta.url)).toThrow(/no port is kept for .*ports\.test\.ts/);
    expect(() => portOf(urlOf('deploy.test.ts'), 5)).toThrow(RangeError);
  });
});
