import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { notificationFor } from '../../src/report/notification.ts';
import { newRecord } from '../../src/report/record.ts';
import { failure, whole } from '../report/fixtures.ts';
import { root } from '../support/scanners.ts';
import { blocksOf } from './blocks.ts';

/** Blocks that no tool reads: what they show is what there is. */

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const blockOf = (file: string, start: string): string =>
  blocksOf(file, read(file)).find(({ text }) => text.startsWith(start))?.text ?? '';

describe('what documents show', () => {
  it('of the rooms of src is all of them', () => {
    const lines = blockOf('docs/contributing.md', 'index.ts').trimEnd().split('\n');
    const named = lines.flatMap((line) => {
      const words = line.split(/ +/);
      return words.slice(
        0,
        words.findIndex((word) => !/^[\w-]+(?:\/|\.ts)$/.test(word)),
      );
    });
    const there = readdirSync(join(root, 'src'), { withFileTypes: true });
    const names = there.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
    // It prints one line, for index.ts alone.
    expect(named.sort()).toEqual(names.filter((name) => name !== 'first-line.ts').sort());
  });

  it("of an instance's console is what is read there, with the steps that there are", () => {
    const marks = blockOf('docs/your-own-terraform.md', 'ASG_DEPLOY').match(/ASG_DEPLOY_\w+/g) ?? [];
    const source = read('src/rollout/model/boot-marker.ts');
    const known = [...source.matchAll(/'(ASG_DEPLOY_\w+) ?'/g)].map(([, mark]) => mark);
    expect([...marks].sort()).toEqual(known.sort());
    const [, shown = ''] = /step=<([\w|]+)>/.exec(blockOf('docs/your-own-terraform.md', 'ASG_DEPLOY')) ?? [];
    const template = read('terraform/modules/service/user_data.sh.tftpl');
    const steps = [...template.matchAll(/\bstep=(\w+)$/gm)].map(([, step = '']) => step);
    expect(new Set(steps)).toEqual(new Set(shown.split('|')));
  });

  it('of a webhook is every key that it is sent', () => {
    const shown = JSON.parse(blockOf('docs/what-people-see.md', '{\n  "text"')) as object;
    const sent = notificationFor('https://chat.example/', { record: newRecord(whole), failure, now: 2000 });
    expect(Object.keys(shown).sort()).toEqual(Object.keys(sent).sort());
  });
});
