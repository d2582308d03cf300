import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { SavedPlans } from '../e2e/support/saved-plans.ts';
import { temporaryFolder } from './folders.ts';

/** Makes a zip archive with one member. */
const makeArchive = 'import sys, zipfile\nzipfile.ZipFile(sys.argv[1], "w").writestr("tfplan", sys.argv[2])';

let plan: string;
let plans: SavedPlans;

/** What Terraform has written when it is done. */
function archive(content: string): Buffer {
  execFileSync('python3', ['-c', makeArchive, `${plan}.made`, content]);
  return readFileSync(`${plan}.made`);
}

beforeEach(() => {
  plan = join(temporaryFolder('plans'), 'plan');
  plans = new SavedPlans();
});

describe('saved plans', () => {
  it('are read when Terraform is done with them, and outlive their file', async () => {
    writeFileSync(plan, archive('the first'));
    await plans.look(plan);
    writeFileSync(plan, archive('the second'));
    await plans.look(plan);
    await plans.look(`${plan}.removed`);
    expect(await plans.read()).toEqual(['the second']);
  });

  it('are what they were while Terraform writes them again', async () => {
    writeFileSync(plan, archive('the first'));
    await plans.look(plan);
    const second = archive('the second');
    for (const written of [0, 1, 40, second.length - 22, second.length - 1]) {
      writeFileSync(plan, second.subarray(0, written));
      await plans.look(plan);
      expect(await plans.read()).toEqual(['the first']);
    }
  });

  it('are missed when none was seen whole', async () => {
    await expect(plans.read()).rejects.toThrow('no saved plan was seen whole');
    writeFileSync(plan, archive('the first').subarray(0, 60));
    await plans.look(plan);
    await expect(plans.read()).rejects.toThrow(`no saved plan was seen whole; half written: ${plan}`);
  });
});
