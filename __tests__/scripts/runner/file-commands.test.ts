import { describe, expect, it } from '@jest/globals';
import { parsePairs } from '../../../scripts/runner/file-commands.ts';

describe('parsePairs', () => {
  it.each([
    ['', {}],
    ['a=1\r\nb=\r\n', { a: '1', b: '' }],
    ['a=b=c<<d', { a: 'b=c<<d' }],
    ['a<<E\nE\nb=2', { a: '', b: '2' }],
    ['a<<E\none\n\ntwo\nE\n', { a: 'one\n\ntwo' }],
  ])('reads %j', (text, expected) => {
    expect(parsePairs(text)).toEqual(expected);
  });

  it.each([
    ['just text', "Invalid format 'just text'"],
    ['=1', "Invalid format '=1'"],
    ['a<<E\n1', "Matching delimiter not found 'E'"],
  ])('refuses %j as the runner does', (text, message) => {
    expect(() => parsePairs(text)).toThrow(message);
  });
});
