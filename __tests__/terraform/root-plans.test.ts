/** Plans that only look, and the plan that destroys: the real terraform on a root without providers. */
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ensureBackend, findBackend } from '../../src/state-backend/backend.ts';
import { openRoot, prepareTerraform } from '../../src/terraform/index.ts';
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
async function open(withoutState = false) {
  const { backend } = await findBackend(fake.run);
  const terraform = await prepareTerraform(fake.run);
  return openRoot(fake.run, terraform, {
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
    const looked = await root.plan({ ...contract, image: 'r/shop@sha256:2' }, { readOnly: true });
    expect(looked.summary.change).toBe(1);
    expect(writes()).toEqual([]);

    const destruction = await root.plan(contract, { destroy: true });
    expect(destruction).toMatchObject({ changed: true, summary: { destroy: 1 } });
    expect(await destruction.resources()).toMatchObject([
      { address: 'terraform_data.service', type: 'terraform_data', before: { input: expect.any(Array) } },
    ]);
    await destruction.apply();
    expect(await root.managed()).toEqual([]);
    expect((await root.plan(contract, { destroy: true })).changed).toBe(false);
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
