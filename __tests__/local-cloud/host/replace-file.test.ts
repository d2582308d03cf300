import { expect, it } from '@jest/globals';
import { closeSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../../local-cloud/host/index.ts';
import { temporaryFolder } from '../../support/folders.ts';

it('whoever has the file open reads all of what was there', () => {
  const folder = temporaryFolder('replace');
  const file = join(folder, 'terraform.rc');
  writeFileSync(file, 'before');
  const opened = openSync(file, 'r');
  replaceFile(file, 'after');
  expect(readFileSync(opened, 'utf8')).toBe('before');
  closeSync(opened);
  expect(readFileSync(file, 'utf8')).toBe('after');
  expect(readdirSync(folder)).toEqual(['terraform.rc']);
});

it('what is there already is left as it is', () => {
  const file = join(temporaryFolder('replace'), 'terraform.rc');
  replaceFile(file, 'same');
  const { ino } = statSync(file);
  replaceFile(file, 'same');
  expect(statSync(file).ino).toBe(ino);
});
