/** The real terraform on roots without providers, its state and locks in a small S3 and DynamoDB of the test's own. */
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureBackend } from '../../src/state-backend/backend.ts';
import { DeployError } from '../../src/core/errors.ts';
import { applyPlanned, openRoot, prepareTerraform, readContract } from '../../src/terraform/index.ts';
import { eventually } from '../support/eventually.ts';
import { startFakeAws } from '../support/fake-aws.ts';
import { fakeRun } from '../support/fake-run.ts';
import { contractRoot, writeRoot } from '../support/terraform-roots.ts';
import { describeWith } from '../support/tools.ts';
import type { Backend, OwnLock } from '../../src/core/types.ts';
import type { FakeAws } from '../support/fake-aws.ts';
import type { FakeRun } from '../support/fake-run.ts';

const contract = { application: 'shop', environment: 'dev', region: 'eu-north-1', image: 'r/shop@sha256:1' };

let aws: FakeAws;
let fake: FakeRun;
let backend: Backend;

beforeEach(async () => {
  aws = await startFakeAws();
  fake = fakeRun(aws.endpoint);
  backend = await ensureBackend(fake.run);
});
afterEach(async () => {
  goOn();
  await aws.close();
});

/** The file that a slow root waits for. */
const gate = (): string => join(fake.run.temporaryDirectory, 'go-on');
const goOn = (): void => writeFileSync(gate(), '');

async function open(files: Record<string, string>, options: { contract?: boolean; directory?: string } = {}) {
  const terraform = await prepareTerraform(fake.run);
  const { directory = writeRoot(files), contract: checked = true } = options;
  const root = await openRoot(fake.run, terraform, {
    directory,
    backend,
    stateKey: backend.stateKey,
    contract: checked,
  });
  return { root, directory };
}

const stored = () => aws.buckets.get(backend.bucket)?.objects ?? new Map<string, Buffer>();
const lockItems = () =>
  [...(aws.tables.get('asg-deploy-locks')?.items.keys() ?? [])].filter((id) => !id.endsWith('-md5'));
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => new DeployError({ reason: 'internal', message: 'nothing was thrown' }),
    (error: unknown) => error as DeployError,
  );

describeWith(['terraform'], 'a root', () => {
  it('tells which lock Terraform has taken, and which process, while it works', async () => {
    const noted: OwnLock[] = [];
    fake.run.noteLock = (lock) => void noted.push(lock);
    const { root } = await open({ 'main.tf': contractRoot, 'slow.tf': slow() });
    const plan = await root.plan(contract);
    noted.length = 0;
    const held = new Set<string>();
    const applying = plan.apply().finally(() => held.add('over'));
    while (!held.has('over')) {
      const lock = stored().get('shop/dev/terraform.tfstate.tflock');
      if (lock !== undefined) held.add((JSON.parse(lock.toString()) as { ID: string }).ID);
      if (noted.length > 1) goOn();
      await sleep(20);
    }
    await applying;
    const [id] = held;
    const key = 'shop/dev/terraform.tfstate';
    const pid = noted[0]?.pid;
    expect(pid).toBeGreaterThan(1);
    expect(noted).toEqual([
      { key, pid },
      { key, id, pid },
    ]);
  });

  it('is planned, applied as planned, read, and then has nothing to do', async () => {
    const { root, directory } = await open({
      'main.tf': contractRoot,
      'environments/dev.tfvars': 'size = 3\n',
      'environments/prod.tfvars': 'size = 9\n',
    });
    const plan = await root.plan(contract);
    expect(plan.summary).toEqual({ add: 1, change: 0, destroy: 0, changes: ['+ terraform_data.service'] });
    expect(plan.changed).toBe(true);
    await plan.apply();
    expect(fake.lines).toContainEqual(
      expect.stringMatching(/^ *\d+:\d\d {2}terraform_data\.service: created/),
    );

    const outputs = await root.outputs();
    expect(readContract(outputs, '')).toMatchObject({
      autoscalingGroupName: 'shop-dev',
      repositoryUrl: 'r/shop',
    });
    expect(outputs.size).toEqual({ value: 3 });
    expect(outputs.password).toEqual({ sensitive: true });
    expect(fake.secrets).toContain('do-not-show');

    const again = await root.plan(contract);
    expect(again.changed).toBe(false);
    expect([...stored().keys()]).toEqual(['shop/dev/terraform.tfstate']);
    expect(lockItems()).toEqual([]);
    // The user's folder is as it was, and what was made lies in the private one.
    expect(readdirSync(directory).toSorted()).toEqual(['environments', 'main.tf']);
    expect(plan.file.startsWith(fake.run.temporaryDirectory)).toBe(true);
    expect(fake.warnings).toEqual([]);
  });

  it.each([
    ['no such output', '', false],
    [
      'null',
      'output "blue_green" { value = false ? { listener_rule_arn = terraform_data.service.id } : null }',
      false,
    ],
    [
      'what is yet to be made',
      'output "blue_green" { value = { listener_rule_arn = terraform_data.service.id } }',
      true,
    ],
    [
      'what only the apply tells',
      'output "blue_green" { value = terraform_data.service.id == "x" ? { listener_rule_arn = "y" } : null }',
      undefined,
    ],
  ])('says of a plan whether it makes two groups: %s', async (_what, output, expected) => {
    const { root } = await open({ 'main.tf': contractRoot + output });
    expect(await (await root.plan(contract)).blueGreen()).toBe(expected);
  });

  it('gets the user’s own variables, over those of the environment', async () => {
    fake = fakeRun(aws.endpoint, { terraformVariables: { size: 5 } });
    const { root } = await open({ 'main.tf': contractRoot, 'environments/dev.tfvars': 'size = 3\n' });
    await (await root.plan(contract)).apply();
    expect((await root.outputs()).size).toEqual({ value: 5 });
  });

  it('finds its modules above itself, and an ephemeral variable again when it is applied', async () => {
    const top = writeRoot({
      'modules/name/main.tf': 'output "name" { value = "from above" }',
      'stacks/one/main.tf': `
        variable "token" {
          type      = string
          ephemeral = true
        }
        module "name" { source = "../../modules/name" }
        resource "terraform_data" "one" { input = module.name.name }
        output "name" { value = module.name.name }`,
    });
    fake.run.github.workspace = top;
    const { root } = await open({}, { directory: join(top, 'stacks/one'), contract: false });
    await (await root.plan({ token: 'short-lived' })).apply();
    expect(await root.outputs()).toEqual({ name: { value: 'from above' } });
    expect([...stored().values()].join('')).not.toContain('short-lived');
  });

  it.each([
    [
      'without outputs of the contract',
      contractRoot.replace(/output "url".*\n/, ''),
      'terraform-contract',
      'url that the action needs: it is missing',
    ],
    [
      'whose outputs have another form',
      contractRoot.replace('"http://127.0.0.1"', '"shop.example"'),
      'terraform-contract',
      'url that the action needs: it is "shop.example", which has no scheme',
    ],
    [
      'whose outputs are sensitive',
      contractRoot.replace(
        '{ value = "http://127.0.0.1" }',
        '{\n value = "http://127.0.0.1"\n sensitive = true\n}',
      ),
      'terraform-contract',
      'it is sensitive',
    ],
    [
      'that can not be planned',
      `${contractRoot}\nresource "terraform_data" "b" { input = nope.x }`,
      'terraform-plan',
      'nope',
    ],
    [
      'that can not be read',
      `${contractRoot}\nresource "terraform_data" {`,
      'terraform-plan',
      'Terraform can',
    ],
    [
      'without a variable for the image',
      contractRoot.replaceAll('var.image', '""').replace(/variable "image".*\n/, ''),
      'terraform-contract',
      'variable "image"',
    ],
    [
      'with its state elsewhere',
      `${contractRoot}\nterraform {\n  backend "azurerm" {}\n}`,
      'terraform-contract',
      'azurerm',
    ],
  ])('%s is refused before anything is touched', async (_name, text, reason, said) => {
    const failure = await failureOf(open({ 'main.tf': text }).then(({ root }) => root.plan(contract)));
    expect({ reason: failure.reason, left: failure.left }).toEqual({
      reason,
      left: expect.stringMatching(/touched/),
    });
    expect(`${failure.message}${failure.evidence.map(({ text }) => text).join('\n')}`).toContain(said);
    expect([...stored().keys()]).toEqual([]);
    expect(lockItems()).toEqual([]);
  });

  it('refuses a misspelt variable of the user, with the one that was meant', async () => {
    fake = fakeRun(aws.endpoint, { terraformVariables: { siez: 5 } });
    const failure = await failureOf(open({ 'main.tf': contractRoot }));
    expect(failure.reason).toBe('input-invalid');
    expect(failure.message).toContain('siez (did you mean size?)');
  });

  it('that fails to apply says what, and what was left, and the next run goes on', async () => {
    const bad = `${contractRoot}
      resource "terraform_data" "bad" {
        depends_on = [terraform_data.service]
        provisioner "local-exec" { command = "echo the disk is full; exit 3" }
      }`;
    const { root, directory } = await open({ 'main.tf': bad });
    const failure = await failureOf((await root.plan(contract)).apply());
    expect(failure.reason).toBe('terraform-apply');
    expect(failure.message).toContain('terraform_data.bad');
    expect(failure.evidence[0]?.text).toMatch(/^terraform_data\.bad \(main\.tf:\d+\)[\s\S]*the disk is full/);
    expect(failure.left).toMatch(
      /^1 resource was changed, not finished: terraform_data\.bad; the state is saved in s3:/,
    );
    expect(lockItems()).toEqual([]);
    const plan = await (await open({}, { directory })).root.plan(contract);
    expect(plan.summary.changes).toEqual(['-/+ terraform_data.bad']);
  });

  it('that changed after it was planned is not applied', async () => {
    const { root } = await open({ 'main.tf': contractRoot });
    const stale = await root.plan(contract);
    await (await root.plan({ ...contract, image: 'r/shop@sha256:2' })).apply();
    const failure = await failureOf(stale.apply());
    expect(failure).toMatchObject({
      reason: 'terraform-apply',
      message: expect.stringContaining('out of date'),
    });
  });

  it('is planned again when another run applies in between', async () => {
    const { root } = await open({ 'main.tf': contractRoot });
    let interfered = false;
    const makePlan = async () => {
      const plan = await root.plan(contract);
      if (!interfered) await (await root.plan({ ...contract, image: 'r/shop@sha256:2' })).apply();
      interfered = true;
      return plan;
    };
    expect(await applyPlanned(fake.run, makePlan)).toBe(true);
    expect(fake.lines).toContain(
      'Another run changed the infrastructure after this plan was made: planning again',
    );
    expect((await root.outputs()).running).toEqual({ value: contract.image });
  });
});

/** Its second resource takes until `goOn`; meanwhile it says each moment that it is at it. */
const slow = (): string => `
resource "terraform_data" "first" { input = "x" }
resource "terraform_data" "slow" {
  depends_on = [terraform_data.first]
  provisioner "local-exec" { command = "until [ -e '${gate()}' ]; do echo waiting; sleep 0.1; done" }
}
resource "terraform_data" "never" { depends_on = [terraform_data.slow] }`;

function seen(pattern: RegExp): Promise<true> {
  const isThere = (): Promise<boolean> => Promise.resolve(fake.lines.some((line) => pattern.test(line)));
  return eventually(() => `a line ${pattern.source} in ${fake.lines.join('\n')}`, isThere);
}

describeWith(['terraform'], 'two runs and a cancelled one', () => {
  it('show a held lock with its owner, and leave it alone', async () => {
    const directory = writeRoot({ 'main.tf': slow() });
    const [first, second] = [
      await open({}, { directory, contract: false }),
      await open({}, { directory, contract: false }),
    ];
    const applying = (await first.root.plan({})).apply();
    await seen(/first: created/);
    const failure = await failureOf(second.root.plan({}));
    expect(failure.reason).toBe('state-locked');
    expect(failure.message).toMatch(/locked by \S+@\S+, for \d+ s, for apply/);
    expect(failure.next).toMatch(/force-unlock [0-9a-f-]{36}/);
    goOn();
    await applying;
    expect(lockItems()).toEqual([]);
  });

  it.each([
    ['S3', () => `PUT /${backend.bucket}/…`, { status: 412, code: 'PreconditionFailed' }],
    ['DynamoDB', () => 'DynamoDB.PutItem', { status: 400, code: 'ConditionalCheckFailedException' }],
  ])('ask once more for a lock of %s that was released before they saw who had it', async (_, call, held) => {
    const { root } = await open({ 'main.tf': contractRoot });
    aws.failNext(call(), held, held);
    const plan = await root.plan(contract);
    aws.failNext(call(), held);
    await plan.apply();
    expect((await root.plan(contract)).changed).toBe(false);
    expect(fake.lines.filter((line) => line.includes('asking for it again'))).toHaveLength(3);
    expect(lockItems()).toEqual([]);
    expect([...stored().keys()]).toEqual(['shop/dev/terraform.tfstate']);
  });

  it('give a lock up that is released at each look, as a lock and not as a mistake in the root', async () => {
    const { root } = await open({ 'main.tf': contractRoot });
    const held = { status: 400, code: 'ConditionalCheckFailedException' };
    aws.failNext('DynamoDB.PutItem', ...Array.from({ length: 9 }, () => held));
    const failure = await failureOf(root.plan(contract));
    expect(failure).toMatchObject({ reason: 'state-locked', left: 'No infrastructure was touched.' });
    expect(failure.next).toMatch(/run this job again/);
    expect(failure.next).not.toMatch(/correct/);
  });

  it('wait for the lock as long as they may', async () => {
    fake = fakeRun(aws.endpoint, { lockTimeout: 600 });
    const directory = writeRoot({ 'main.tf': slow() });
    const [first, second] = [
      await open({}, { directory, contract: false }),
      await open({}, { directory, contract: false }),
    ];
    const applying = (await first.root.plan({})).apply();
    await seen(/first: created/);
    const planning = second.root.plan({});
    await seen(/if someone holds it, for up to 10 min/);
    goOn();
    await applying;
    expect((await planning).changed).toBe(false);
  });

  it('leave state and lock in order when cancelled while applying', async () => {
    const { root } = await open({ 'main.tf': slow() }, { contract: false });
    const applying = failureOf((await root.plan({})).apply());
    await seen(/first: created/);
    fake.controller.abort(new DeployError({ reason: 'cancelled', message: 'the job was cancelled' }));
    const failure = await applying;
    expect(failure.reason).toBe('cancelled');
    expect(failure.left).toMatch(/Terraform was interrupted.* the state is saved in s3:/);
    const state = stored().get('shop/dev/terraform.tfstate')?.toString() ?? '';
    expect(state).toContain('"name": "first"');
    expect(state).not.toContain('"name": "never"');
    expect([...stored().keys()]).toEqual(['shop/dev/terraform.tfstate']);
    expect(lockItems()).toEqual([]);
  });

  it('lose no state when the backend does not take it', async () => {
    fake.run.github.workspace = writeRoot({});
    const { root } = await open({ 'main.tf': slow() }, { contract: false });
    const plan = await root.plan({});
    const applying = failureOf(plan.apply());
    await seen(/first: created/);
    const refusal = { status: 403, code: 'AccessDenied' };
    aws.failNext(`PUT /${backend.bucket}/…`, ...Array.from({ length: 60 }, () => refusal));
    goOn();
    const failure = await applying;
    expect(failure.reason).toBe('terraform-apply');
    const [kept = ''] = readdirSync(fake.run.github.workspace);
    expect(kept).toMatch(/^shop-dev-\d+\.errored\.tfstate$/);
    const path = join(fake.run.github.workspace, kept);
    expect(failure.left).toContain(`kept in ${path}`);
    expect(failure.next).toContain(`terraform state push ${path}`);
    expect(readFileSync(path, 'utf8')).toContain('"name": "slow"');
  });

  it('write the state themselves when the backend takes it a moment later', async () => {
    const { root } = await open({ 'main.tf': slow() }, { contract: false });
    const applying = failureOf((await root.plan({})).apply());
    await seen(/first: created/);
    // Terraform tries each write of the state once for a refusal that is not worth repeating.
    aws.failNext(`PUT /${backend.bucket}/…`, { status: 403, code: 'AccessDenied' });
    goOn();
    const failure = await applying;
    expect(failure.left).toContain('the state is saved in s3:');
    expect(stored().get('shop/dev/terraform.tfstate')?.toString()).toContain('"name": "slow"');
    expect(fake.lines.join('\n')).toContain('it was written to the backend now');
  });
});
