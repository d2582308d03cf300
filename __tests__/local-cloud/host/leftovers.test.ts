import { afterEach, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { portsWithContainers } from '../../../local-cloud/host/index.ts';
import { temporaryFolder } from '../../support/folders.ts';

const before = process.env.PATH;
afterEach(() => {
  process.env.PATH = before;
});

/** A docker that has two containers of one run, and of another a network alone. */
const docker = `#!/bin/sh
case "$*" in
  "ps --all --filter label=asg-deploy.local-cloud "*) printf '4785\\n4785\\n' ;;
  "network ls --filter label=asg-deploy.local-cloud "*) printf '4785\\n4570\\n' ;;
  *) exit 1 ;;
esac
`;

it('what runs have left is known by their ports', async () => {
  const folder = temporaryFolder('docker');
  writeFileSync(join(folder, 'docker'), docker, { mode: 0o755 });
  process.env.PATH = `${folder}:${before}`;
  expect(await portsWithContainers()).toEqual([4785, 4570]);
});

it('nothing is left where there is no Docker', async () => {
  process.env.PATH = temporaryFolder('nothing');
  expect(await portsWithContainers()).toEqual([]);
});
