import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { post } from '../src/post.ts';
import type { Notice } from '../src/core/notice.ts';
import type { Phase } from '../src/core/phase.ts';
import { saveState } from '../src/github/saved-state.ts';
import type { SavedState } from '../src/github/saved-state.ts';
import { inJob } from './github/support.ts';
import { fakeToolkit } from './support/fake-toolkit.ts';

const rollout = { group: 'shop-prod', templateId: 'lt-1', version: 2, started: 1 };

const blueGreen = {
  ...{ listenerRuleArn: 'arn:rule', previewRuleArn: 'arn:preview', previewHeader: 'x-preview' },
  groups: [
    { autoscalingGroupName: 'shop-prod-blue', targetGroupArn: 'arn:blue' },
    { autoscalingGroupName: 'shop-prod-green', targetGroupArn: 'arn:green' },
  ] as const,
  capacity: { min: 2, max: 4 },
};

/** In the form in which the runner hands it over. */
function saved(state: Partial<SavedState>): Record<string, string> {
  const variables: Record<string, string> = {};
  saveState(
    { debug: () => undefined, saveState: (name, value) => void (variables[`STATE_${name}`] = String(value)) },
    state,
  );
  return variables;
}

async function runPost(
  state: Partial<SavedState>,
  name = 'asg-deploy-x',
  look?: () => Promise<Notice[]>,
  variables: Record<string, string> = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'post-test-'));
  try {
    const directory = join(folder, name);
    await mkdir(directory);
    await writeFile(join(directory, 'plan'), 'private');
    const warnings: string[] = [];
    const infos: string[] = [];
    const asked: string[] = [];
    const exitCode = await post(
      {
        RUNNER_TEMP: folder,
        ...saved({ temporaryDirectory: directory, ...state }),
        INPUT_APPLICATION: 'shop',
        INPUT_ENVIRONMENT: 'prod',
        ...variables,
      },
      async () => fakeToolkit({ infos, warnings }),
      async (_environment, _toolkit, read) => {
        asked.push(read.phase ?? 'rollout');
        return (look ?? (async () => []))();
      },
    );
    return { exitCode, warnings, infos, asked, there: existsSync(directory) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('a state that Terraform could not write after the step was killed', () => {
  it('is kept in the workspace before the folder goes, and told', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'post-test-'));
    try {
      const [directory, workspace] = [join(folder, 'asg-deploy-x'), join(folder, 'workspace')];
      const root = join(directory, 'terraform-a1', 'source', 'infrastructure');
      await mkdir(root, { recursive: true });
      await mkdir(workspace);
      await writeFile(join(root, 'errored.tfstate'), '{"made": 1}');
      const lock = { key: 'shop/prod/terraform.tfstate', id: '1', pid: 2 ** 22 + 1 };
      const state = saved({ temporaryDirectory: directory, phase: 'infrastructure', started: 1, lock });
      const inputs = { INPUT_APPLICATION: 'shop', INPUT_ENVIRONMENT: 'prod' };
      const warnings: string[] = [];
      await post(
        { RUNNER_TEMP: folder, GITHUB_WORKSPACE: workspace, ...inputs, ...state },
        async () => fakeToolkit({ infos: [], warnings }),
        async () => [],
      );
      const [kept = ''] = await readdir(workspace);
      expect(kept).toMatch(/^shop-prod-\d+-0\.errored\.tfstate$/);
      expect(await readFile(join(workspace, kept), 'utf8')).toBe('{"made": 1}');
      expect((await stat(join(workspace, kept))).mode & 0o777).toBe(0o600);
      expect(existsSync(directory)).toBe(false);
      expect(warnings.join('\n')).toContain(
        `run terraform state push ${join(workspace, kept)}, and only then`,
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

const silent = () => Promise.reject(new Error('no answer'));

describe('post', () => {
  it('asks nothing after a run that ended by itself', async () => {
    const quiet = { exitCode: 0, warnings: [], infos: [], asked: [], there: false };
    expect(await runPost({})).toEqual(quiet);
    expect(await runPost({ phase: 'image' })).toEqual(quiet);
  });

  it('removes the folder of a killed run, and only a folder that is ours', async () => {
    expect((await runPost({ phase: 'image' })).there).toBe(false);
    expect((await runPost({ phase: 'image' }, 'somebody-elses')).there).toBe(true);
  });

  it.each<Phase>(['registry', 'infrastructure', 'plan-destruction', 'destruction'])(
    'asks about the lock after %s',
    async (phase) => {
      expect((await runPost({ phase })).asked).toEqual([phase]);
    },
  );

  it.each<Phase>(['credentials', 'backend', 'image', 'plan', 'look', 'rollout'])(
    'asks nothing after %s, which holds no lock: whatever is held is somebody else’s',
    async (phase) => {
      expect((await runPost({ phase })).asked).toEqual([]);
    },
  );

  it('tells what AWS said, as loudly as it matters', async () => {
    const told: Notice[] = [
      { level: 'info', text: 'fine' },
      { level: 'warning', text: 'look' },
    ];
    expect(await runPost({ rollout }, undefined, async () => told)).toMatchObject({
      infos: ['fine'],
      warnings: ['look'],
    });
  });

  it.each<[Pick<Partial<SavedState>, 'phase' | 'rollout'>, RegExp]>([
    [
      { phase: 'rollout', rollout },
      /AWS does not answer.*rollback-instance-refresh --auto-scaling-group-name shop-prod/,
    ],
    [
      { phase: 'rollout', rollout: { ...rollout, blueGreen } },
      /AWS does not answer: both versions may be up, in shop-prod-blue and shop-prod-green, .*command status.*--rule-arns arn:rule".*abort takes the rollout back, promote goes on/,
    ],
    [{ phase: 'infrastructure' }, /lock of its state may still be held.*force-unlock/],
  ])('says what may be left when AWS can not be asked: %j', async (state, text) => {
    const { warnings, exitCode } = await runPost(state, undefined, silent);
    expect(warnings).toEqual([expect.stringMatching(text)]);
    expect(exitCode).toBe(0);
  });

  it('speaks of no instance refresh where there is none', async () => {
    const { warnings } = await runPost({ rollout: { ...rollout, blueGreen } }, undefined, silent);
    expect(warnings.join()).not.toContain('instance-refresh');
  });

  it('asks AWS first, and GitHub, which may not answer, afterwards', async () => {
    const order: string[] = [];
    const github = createServer((request, response) => {
      order.push(request.method ?? '');
      response.writeHead(503).end();
    });
    await new Promise<void>((resolve) => github.listen(0, '127.0.0.1', resolve));
    const { port } = github.address() as AddressInfo;
    const look = async () => {
      order.push('AWS');
      return [];
    };
    const deployment = { id: 500 };
    const { exitCode, warnings } = await inJob({ apiUrl: `http://127.0.0.1:${port}` }, () =>
      runPost({ rollout, deployment }, undefined, look, { 'INPUT_GITHUB-TOKEN': 'ghs_token' }),
    );
    await new Promise((resolve) => github.close(resolve));
    expect({ exitCode, warnings }).toEqual({ exitCode: 0, warnings: [] });
    expect(order.slice(0, 2)).toEqual(['AWS', 'GET']);
  });

  it('does nothing when the run had not begun', async () => {
    await expect(post({})).resolves.toBe(0);
  });
});
