/** What the table of phases says about locks, held against what the real terraform does. */
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { phases } from '../../src/core/phase.ts';
import { ensureBackend } from '../../src/state-backend/backend.ts';
import { openRoot, prepareTerraform } from '../../src/terraform/index.ts';
import type { Root } from '../../src/terraform/index.ts';
import { startFakeAws } from '../support/fake-aws.ts';
import type { FakeAws } from '../support/fake-aws.ts';
import { fakeRun } from '../support/fake-run.ts';
import { contractRoot, writeRoot } from '../support/terraform-roots.ts';
import { describeWith } from '../support/tools.ts';

const variables = { application: 'shop', environment: 'dev', region: 'eu-north-1', image: 'r/shop@sha256:1' };

let aws: FakeAws;
let root: Root;

beforeEach(async () => {
  aws = await startFakeAws();
});
afterEach(() => aws.close());

const locked = () => aws.calls.some((call) => /^PUT .*\.tflock|PutItem/.test(call));

async function initialise(): Promise<void> {
  const { run } = fakeRun(aws.endpoint);
  const backend = await ensureBackend(run);
  const terraform = await prepareTerraform(run);
  aws.calls.length = 0;
  const directory = writeRoot({ 'main.tf': contractRoot });
  root = await openRoot(run, terraform, { directory, backend, stateKey: backend.stateKey });
}

describeWith(['terraform'], 'the lock', () => {
  it.each<[keyof typeof phases, () => Promise<unknown>]>([
    ['backend', async () => undefined],
    ['plan', () => root.plan(variables, { readOnly: true })],
    ['plan-destruction', () => root.plan(variables, { destroy: true })],
    ['infrastructure', () => root.plan(variables)],
  ])('is taken in %s as the table says', async (phase, work) => {
    await initialise();
    await work();
    expect(locked()).toBe(phases[phase].locks !== 'nothing');
  });
});
