/** Plans that only look, and the plan that destroys: the real terraform on a root without providers. */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { DeployError } from '../../src/core/index.ts';
import { ensureBackend, findBackend } from '../../src/state-backend/backend.ts';
import { openRoot, prepareTerraform } from '../../src/terraform/index.ts';
import type { Terraform } from '../../src/terraform/prepare.ts';
import type { FakeAws } from '../support/fake-aws.ts';
import { startFakeAws } from '../support/fake-aws.ts';
import type { FakeRun } from '../support/fake-run.ts';
import { fakeRun } from '../support/fake-run.ts';
import { contractRoot, writeRoot } from '../support/terraform-roots.ts';
import { describeWith } from '../support/tools.ts';

const contract = { application: 'shop', environment: 'dev', region: 'eu-north-1', image: 'r/shop@sha256:1' };
let aws: FakeAws;
let fake: FakeRun;
beforeEach(async () => {
  aws = await startFakeAws();
  fake = fakeRun(aws.endpoint);
});
afterEach(() => aws.close());
async function open(withoutState = false, wrap = (terraform: Terraform) => terraform) {
  const { backend } = await findBackend(fake.run);
  const terraform = await prepareTerraform(fake.run);
  return openRoot(fake.run, wrap(terraform), {
    ...{ backend, withoutState },
    directory: writeRoot({ 'main.tf': contractRoot }),
    stateKey: backend.stateKey,
  });
}
const writes = () => aws.calls.filter((call) => /^PUT|^DELETE|^POST|PutItem|DeleteItem|Create/.test(call));

describeWith(['terraform'], 'a root', () => {
  it('is planned where there is no bucket yet, and nothing is made', async () => {
    const root = await open(true);
    const plan = await root.plan(contract, { readOnly: true });
    expect(plan.summary).toMatchObject({ add: 1, change: 0, destroy: 0 });
    expect(writes()).toEqual([]);
  });

  it('is looked at without a lock, and destroyed to the last resource', async () => {
    await ensureBackend(fake.run);
    const root = await open();
    expect(await root.managed()).toEqual([]);
    await (await root.plan(contract)).apply();
    expect(await root.managed()).toEqual(['terraform_data.service']);

    aws.calls.length = 0;
    aws.headers.length = 0;
    const looked = await root.plan({ ...contract, image: 'r/shop@sha256:2' }, { readOnly: true });
    expect(looked.summary.change).toBe(1);
    expect(writes()).toEqual([]);
    // A lock that is held meanwhile is another's: the action itself asks for none.
    expect(aws.headers.filter((headers) => (headers['user-agent'] ?? '').includes('aws-sdk-js'))).toEqual([]);

    const destruction = await root.plan(contract, { destroy: true });
    expect(destruction).toMatchObject({ changed: true, summary: { destroy: 1 } });
    expect(await destruction.resources()).toMatchObject([
      { address: 'terraform_data.service', type: 'terraform_data', before: { input: expect.any(Array) } },
    ]);
    await destruction.apply();
    expect(await root.managed()).toEqual([]);
    expect((await root.plan(contract, { destroy: true })).changed).toBe(false);
  });

  /** A Terraform of which what one command writes ends early. */
  const cutting =
    (command: string, filter: string) =>
    (terraform: Terraform): Terraform => {
      const { binary } = terraform;
      const script = `if [ "$1" = ${command} ]; then "${binary}" "$@" > out; code=$?; ${filter} < out; exit $code; fi; exec "${binary}" "$@"`;
      const folder = writeRoot({ terraform: `#!/bin/sh\n${script}\n` });
      chmodSync(join(folder, 'terraform'), 0o755);
      return { ...terraform, binary: join(folder, 'terraform') };
    };

  it.each([
    ['before the first change', 'head -n 1'],
    ['before its summary', 'grep -v change_summary'],
    ['before its outputs', 'grep -v outputs'],
    ['in the middle', 'grep -v planned_change'],
  ])('is planned by the plan itself where its messages are cut %s', async (_, filter) => {
    await ensureBackend(fake.run);
    const root = await open(false, cutting('plan', filter));
    const plan = await root.plan(contract);
    const expected = { add: 1, change: 0, destroy: 0, changes: ['+ terraform_data.service'] };
    expect(plan).toMatchObject({ changed: true, summary: expected });
    await plan.apply();
    expect(await root.plan(contract)).toMatchObject({ changed: false, summary: { add: 0, changes: [] } });
  });

  it.each([
    ['show', 'the saved plan'],
    ['output', 'the outputs'],
  ])('says so where what %s writes is cut', async (command, what) => {
    await ensureBackend(fake.run);
    const root = await open(false, cutting(command, 'head -c 20'));
    if (command === 'output') await (await root.plan(contract)).apply();
    const look = async () =>
      command === 'show' ? (await root.plan(contract, { readOnly: true })).changed : root.outputs();
    const failure = await look().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DeployError);
    expect(String((failure as DeployError).message)).toContain(`${what} in a form that can't be read`);
  });

  it('keeps its state under its key, whatever the job says to Terraform', async () => {
    const job = {
      TF_WORKSPACE: 'blue',
      TF_DATA_DIR: '/nonexistent',
      TF_CLI_ARGS: '-help',
      TF_CLI_ARGS_output: '-raw',
    };
    Object.assign(process.env, job);
    try {
      const { bucket, stateKey } = await ensureBackend(fake.run);
      const root = await open();
      await (await root.plan(contract)).apply();
      expect((await root.outputs()).url).toEqual({ value: 'http://127.0.0.1' });
      expect([...(aws.buckets.get(bucket)?.objects.keys() ?? [])]).toEqual([stateKey]);
    } finally {
      for (const name of Object.keys(job)) Reflect.deleteProperty(process.env, name);
    }
  });
});
