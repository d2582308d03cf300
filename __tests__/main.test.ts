import { describe, expect, it } from '@jest/globals';
import type { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { DeployError } from '../src/core/errors.ts';
import type { Toolkit } from '../src/github/actions-core.ts';
import { post } from '../src/post.ts';
import type { Run } from '../src/run/run.ts';
import { environmentOf } from './environment/helpers.ts';
import { failing, image, runMain, shop } from './support/run-main.ts';
import type { Steps } from './support/run-main.ts';

/** Waits until a step's branch has been interrupted, or fails after a while. */
function interrupted({ signal }: Run): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(), 2_000);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}

describe('main', () => {
  it('deploys: builds beside the backend, applies with the digest, rolls out, and reports', async () => {
    const run = await runMain(shop);
    expect(run.exitCode).toBe(0);
    expect(run.story[0]).toBe('credentials');
    expect(run.story.slice(1, 3).sort()).toEqual(['backend', 'build']);
    expect(run.story.slice(3)).toEqual([
      'push',
      `image=${image.reference}`,
      'plan',
      'apply',
      'version=2',
      'rollout',
    ]);
    expect(run.told.at(-1)).toMatch(
      /^Deployed shop to prod: version 2 \(image sha256:99999999…, commit 4444444\) runs on 1 instance, at http:\/\/shop\.example in /,
    );
    expect(run.outputs).toMatchObject({
      status: 'deployed',
      'failure-reason': '',
      'template-version': '2',
      'plan-summary': '{"add":1,"change":0,"destroy":0}',
    });
    expect(run.summary).toContain('✅ deployed');
    expect(run).toMatchObject({ leftOver: [], listeners: 0, state: { phase: '' } });
  });

  it('deploys where the disk has no room for what it tells the runner, and says what is missing', async () => {
    const run = await runMain(shop, {}, false, { diskFull: true });
    expect(run.exitCode).toBe(0);
    expect(run.told).toContainEqual(expect.stringMatching(/^Deployed shop to prod: version 2/));
    expect(run.told.at(-1)).toMatch(/^warning: the outputs of this step can't be written \(.*ENOSPC/);
  });

  it('does nothing when there is nothing to do, and says so in one line', async () => {
    const run = await runMain(shop, {}, true);
    expect(run.exitCode).toBe(0);
    expect(run.story).not.toContain('apply');
    expect(run.told.at(-1)).toMatch(
      /^Nothing to deploy: the image exists, the plan is empty, 1 of 1 instances run version 2/,
    );
    expect(run.outputs.status).toBe('unchanged');
  });

  it('touches nothing when an input is wrong', async () => {
    const run = await runMain({ ...shop, command: 'deplyo', timeout: '5' });
    expect(run.exitCode).toBe(1);
    expect(run.story).toEqual([]);
    expect(run.told.at(-1)).toMatch(
      /^Error: 2 inputs can not be used:\n[^]*did you mean deploy\?[^]*Nothing was touched/,
    );
    expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'input-invalid', url: '' });
    expect(run.state).toEqual({});
  });

  it('touches nothing on Windows, and says where it runs', async () => {
    const run = await runMain({ ...shop, command: 'deplyo' }, {}, false, {
      variables: { RUNNER_OS: 'Windows' },
    });
    expect(run.story).toEqual([]);
    expect(run.told.at(-1)).toMatch(
      /^Error: this job runs on Windows[^]*Nothing was touched\.[^]*`runs-on: ubuntu-24\.04`/,
    );
    expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'input-invalid' });
    expect(run.state).toEqual({});
  });

  it.each<[keyof Steps, DeployError['reason'], string[]]>([
    ['credentials', 'credentials', []],
    ['backend', 'backend', ['credentials']],
    ['build', 'image-build', ['credentials']],
    ['push', 'image-push', ['credentials', 'backend', 'build']],
    ['plan', 'terraform-plan', ['credentials', 'backend', 'build', 'push']],
    ['apply', 'terraform-apply', ['credentials', 'backend', 'build', 'push', 'plan']],
    ['rollout', 'boot-failed', ['credentials', 'backend', 'build', 'push', 'plan', 'apply']],
  ])('stops when %s fails, with its reason, and leaves no folder', async (name, reason, before) => {
    const run = await runMain(shop, { [name]: failing(reason) });
    expect(run.exitCode).toBe(1);
    expect(run.story.filter((step) => before.includes(step))).toHaveLength(before.length);
    const later = ['push', 'plan', 'apply', 'rollout'].filter((step) => !before.includes(step));
    expect(run.story.filter((step) => later.includes(step))).toEqual([]);
    expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': reason });
    expect(run.told.at(-1)).toContain(`next: do it again`);
    expect(run.told.at(-1)).toContain('left: ');
    expect(run.summary).toContain(`\`${reason}\``);
    expect(run.leftOver).toEqual([]);
  });

  it.each<[Record<string, string>, boolean, RegExp]>([
    [{ strategy: 'blue-green' }, false, /strategy is "blue-green", and .* made for rolling/],
    [{ strategy: 'rolling' }, true, /strategy is "rolling", and .* made for blue-green/],
    [{ 'traffic-steps': '5, 100' }, false, /traffic-steps: this input is not for rolling/],
  ])('refuses %j before it applies a root for the other strategy', async (inputs, blueGreen, said) => {
    const run = await runMain({ ...shop, ...inputs }, {}, false, { blueGreen });
    expect(run.outputs).toMatchObject({ status: 'failed', 'failure-reason': 'input-invalid' });
    expect(run.story).toContain('plan');
    expect(run.story).not.toContain('apply');
    expect(run.told.at(-1)).toMatch(said);
    expect(run.told.at(-1)).toContain('left: The root was planned and not applied');
  });

  it('says that a failed rollout was rolled back, and to what', async () => {
    const rolled = { templateVersion: 2, previousTemplateVersion: 1, instanceRefreshId: 'refresh-1' };
    const rollout = {
      ...rolled,
      instancesBefore: ['i-1'],
      instancesAfter: [],
      estimate: { seconds: 1, mostly: '' },
      seconds: 9,
    };
    const failure = new DeployError({
      reason: 'boot-failed',
      message: 'the new version does not start',
      left: 'rolled back: 1 of 1 instances runs version 1',
      rollback: 'done',
      rollout: { status: 'rolled-back', ...rollout },
    });
    const run = await runMain(shop, { rollout: () => Promise.reject(failure) });
    expect(run.told.at(-1)).toContain('\n  rolled back: 1 of 1 instances runs version 1\n');
    expect(run.outputs).toMatchObject({
      status: 'rolled-back',
      'failure-reason': 'boot-failed',
      'template-version': '2',
      'previous-template-version': '1',
      'instance-refresh-id': 'refresh-1',
    });
  });

  it.each<[string, boolean, string]>([
    ['what was applied', false, 'The infrastructure was applied; no instance was replaced.'],
    [
      'that nothing was, for an empty plan',
      true,
      'The plan was empty, so nothing was applied; no instance was replaced.',
    ],
  ])('says, of a root that breaks the contract, %s', async (_what, unchanged, left) => {
    const run = await runMain(shop, {}, unchanged, { outputs: { url: 'http://shop.example' } });
    expect(run.outputs['failure-reason']).toBe('terraform-contract');
    expect(run.told.at(-1)).toContain(left);
  });

  it('interrupts and awaits the build when the backend fails', async () => {
    let ended = false;
    const build = (run: Run) =>
      interrupted(run).finally(() => {
        ended = true;
      });
    const run = await runMain(shop, { backend: failing('backend'), build });
    expect(run.outputs['failure-reason']).toBe('backend');
    expect(ended).toBe(true);
    expect(run.story).not.toContain('build');
  });

  it('reports what nobody expected as internal, with its message', async () => {
    const run = await runMain(shop, { plan: () => Promise.reject(new TypeError('x is undefined')) });
    expect(run.outputs['failure-reason']).toBe('internal');
    expect(run.told.at(-1)).toMatch(/TypeError: +x is undefined/);
  });
});

describe('a cancelled job', () => {
  it.each<keyof Steps>(['backend', 'build', 'push', 'plan', 'apply', 'rollout'])(
    'ends in %s, once, says what was left, and leaves no folder',
    async (name) => {
      let aborts = 0;
      const pending = runMainWithSignals(name, () => aborts++);
      const run = await pending;
      expect(aborts).toBe(1);
      expect(run.exitCode).toBe(1);
      expect(run.outputs).toMatchObject({ status: 'cancelled', 'failure-reason': 'cancelled' });
      expect(run.told.join('\n')).toContain('SIGINT: the job was cancelled');
      expect(run.told.join('\n')).not.toContain('SIGTERM');
      expect(run.told.at(-1)).toMatch(/left: /);
      expect(run.told.at(-1)).toMatch(/next: run this job again/);
      expect(existsSync(run.directory)).toBe(false);
    },
  );

  /** SIGINT and then SIGTERM while a step runs, as the runner sends them. */
  function runMainWithSignals(name: keyof Steps, onAbort: () => void) {
    return runMain(shop, {
      [name]: async (run: Run, signals: EventEmitter) => {
        run.signal.addEventListener('abort', onAbort);
        const ending = interrupted(run);
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGINT'] as const) signals.emit(signal);
        await ending;
      },
    });
  }
});

describe('what is saved for the post step', () => {
  it('is nothing to look after when the run ended by itself', async () => {
    for (const steps of [{}, { rollout: failing('boot-failed') }])
      expect((await runMain(shop, steps)).state).toMatchObject({ phase: '', rollout: '' });
  });

  it('is the rollout when the job was cancelled during it', async () => {
    const rollout = (_run: Run, signals: EventEmitter) => {
      signals.emit('SIGINT');
      return failing('cancelled')();
    };
    const { state } = await runMain(shop, { rollout });
    expect(JSON.parse(state.rollout ?? 'null')).toMatchObject({
      group: 'shop-prod',
      templateId: 'lt-1',
      version: 2,
    });
    expect(Number(state.started)).toBeGreaterThan(0);
  });

  /** What the post step asks AWS when the run was killed in this step. */
  async function askedAfter(inputs: Record<string, string>, step: keyof Steps): Promise<string[]> {
    const { savedAt } = await runMain(inputs, {}, false, { environment: environmentOf([3], {}) });
    const saved: NodeJS.ProcessEnv = {};
    for (const [name, value] of Object.entries(savedAt[step] ?? {})) saved[`STATE_${name}`] = value;
    const asked: string[] = [];
    const quiet = { debug: () => undefined, warning: () => undefined };
    await post(
      saved,
      async () => quiet as unknown as Toolkit,
      async () => {
        asked.push('lock');
        return [];
      },
    );
    return asked;
  }

  it.each<[string, keyof Steps, string[]]>([
    ['deploy', 'apply', ['lock']],
    ['deploy', 'build', []],
    ['destroy', 'plan', ['lock']],
    ['destroy', 'apply', ['lock']],
    ['plan', 'plan', []],
  ])(
    'asks about the lock of a %s that was killed in %s, if it may have held one',
    async (command, step, asked) => {
      const confirmed: Record<string, string> =
        command === 'destroy' ? { 'confirm-destroy': 'shop-prod' } : {};
      expect(await askedAfter({ ...shop, command, ...confirmed }, step)).toEqual(asked);
    },
  );
});
