import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { temporaryFolder } from '../support/folders.ts';
import { actionlint, repositoryWith, root, zizmor } from '../support/scanners.ts';
import { describeWith } from '../support/tools.ts';

/** .github/workflows: what scanners say of them, and what nobody but this repository can know. */

interface Job {
  needs?: string | string[];
  uses?: string;
  environment?: { name: string };
  concurrency?: { group: string; 'cancel-in-progress': boolean };
  permissions?: Record<string, string>;
  steps?: { name?: string; uses?: string; with?: Record<string, string>; run?: string }[];
}
interface Workflow {
  permissions: Record<string, string>;
  jobs: Record<string, Job>;
}

const folder = join(root, '.github/workflows');
const files = readdirSync(folder);
const workflow = (name: string): Workflow => parse(readFileSync(join(folder, name), 'utf8')) as Workflow;
const jobsOf = (name: string): [string, Job][] => Object.entries(workflow(name).jobs);

/** A workflow with one job of these steps. */
const withSteps = (steps: string): string => `name: planted
on:
  issues:
    types: [opened]
permissions: {}
concurrency:
  group: planted
  cancel-in-progress: true
jobs:
  planted:
    name: planted
    runs-on: ubuntu-24.04
    permissions:
      contents: read
    steps:
${steps.replace(/^/gm, '      ')}
`;
const checkout = `- uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
  with:
    persist-credentials: false
`;
const planted = (steps: string): string =>
  repositoryWith({ '.github/workflows/planted.yml': withSteps(checkout + steps) });
const sound = '- uses: ./\n  with:\n    application: shop\n    environment: prod';

describeWith(['actionlint', 'shellcheck'], 'actionlint', () => {
  it('has nothing against the workflows', () => {
    expect(actionlint(root)).toBe('');
  });

  it('has nothing against a sound step', () => {
    expect(actionlint(planted(sound))).toBe('');
  });

  it.each([
    [
      'an input that the action does not have',
      `${sound}\n    replicas: 3`,
      'input "replicas" is not defined',
    ],
    ['an input that is missing', '- uses: ./\n  with:\n    application: shop', 'missing input "environment"'],
    [
      'an output that it does not have',
      `${sound}\n  id: a\n- run: echo "\${{ steps.a.outputs.uri }}"`,
      '"uri"',
    ],
    ['a fault in a script', '- run: cd $RUNNER_TEMP', 'SC2086'],
  ])('finds %s', (_, steps, finding) => {
    expect(actionlint(planted(steps))).toContain(finding);
  });
});

describeWith(['zizmor'], 'zizmor', () => {
  it('has nothing against the workflows', () => {
    expect(zizmor(root)).toBe('');
  });

  it.each([
    ['an action that is not pinned', '- uses: actions/setup-node@v7', 'unpinned-uses'],
    ['text of a stranger in a script', '- run: echo "${{ github.event.issue.title }}"', 'template-injection'],
    [
      'credentials that stay',
      '- uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1',
      'artipacked',
    ],
  ])('finds %s', (_, step, finding) => {
    expect(zizmor(planted(step))).toContain(finding);
  });

  it('finds rights for everything', () => {
    const all = withSteps(checkout).replace('permissions: {}', 'permissions: write-all');
    expect(zizmor(repositoryWith({ '.github/workflows/planted.yml': all }))).toContain(
      'excessive-permissions',
    );
  });
});

describe('the workflows', () => {
  it.each(files)('%s: no job has a right by default', (file) => {
    expect(workflow(file).permissions).toEqual({});
    for (const [, { permissions }] of jobsOf(file)) expect(permissions).toBeDefined();
  });

  it('deploy only what ci has passed, dev first, and everywhere the same image', () => {
    const jobs = Object.fromEntries(jobsOf('deploy.yml'));
    expect(Object.entries(jobs).map(([name, { needs }]) => [name, needs])).toEqual([
      ['ci', undefined],
      ['dev', 'ci'],
      ['staging', 'dev'],
      ['prod', 'staging'],
    ]);
    expect(jobs.ci?.uses).toBe('./.github/workflows/ci.yml');
    const inputs = (name: string) => jobs[name]?.steps?.at(-1)?.with;
    expect(inputs('dev')).not.toHaveProperty('image');
    expect(inputs('staging')).toMatchObject({ command: 'redeploy', image: '${{ needs.dev.outputs.image }}' });
    expect(inputs('prod')).toMatchObject({
      command: 'redeploy',
      image: '${{ needs.staging.outputs.image }}',
    });
  });

  it('change an environment only in its GitHub environment, one after the other, and are not cut off', () => {
    const changing = ['deploy', 'redeploy', 'rollback', 'destroy', 'promote', 'abort'];
    const seen: string[] = [];
    for (const [name, job] of files.flatMap(jobsOf)) {
      const own = job.steps?.find(
        ({ uses, with: given }) => uses === './' && given?.environment !== undefined,
      );
      if (own === undefined || name === 'platforms') continue;
      const { command = 'deploy', environment } = own.with ?? {};
      if (!changing.includes(command)) {
        expect(job.environment).toBeUndefined();
        continue;
      }
      seen.push(name);
      expect(job.environment?.name).toBe(environment);
      expect(job.concurrency).toMatchObject({ 'cancel-in-progress': false });
      expect(job.concurrency?.group.endsWith(`-${environment}`)).toBe(true);
    }
    expect(seen).toEqual(expect.arrayContaining(['dev', 'staging', 'prod', 'redeploy', 'rollback']));
  });
});

/** Runs the script of a step by its name, as GitHub does. */
function runStep(file: string, name: string, { files = {}, ...environment }: StepWorld) {
  const script = jobsOf(file)
    .flatMap(([, { steps = [] }]) => steps)
    .find((step) => step.name === name)?.run;
  const folder = temporaryFolder('step');
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text, { mode: 0o755 });
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script ?? 'exit 99'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: `${folder}:${process.env.PATH}`, RUNNER_TEMP: folder, ...environment },
    },
  );
  return {
    status,
    output: stdout + stderr,
    file: (path: string) => readFileSync(join(folder, path), 'utf8'),
  };
}
type StepWorld = { files?: Record<string, string> } & Record<string, unknown>;

describeWith(['jq'], 'the step that looks for drift', () => {
  const unchanged = '{"add":0,"change":0,"destroy":0}';
  const look = (RUNNING: string, PLANNED: string) =>
    runStep('status.yml', 'Nothing has drifted', { RUNNING, PLANNED });

  it('is content with none', () => {
    expect(look('{"drift":[]}', unchanged)).toMatchObject({ status: 0, output: '' });
  });

  it('tells each sentence and fails', () => {
    const { status, output } = look(
      '{"drift":["i-1 runs version 3","version 5 was not rolled out"]}',
      unchanged,
    );
    expect(status).not.toBe(0);
    expect(output).toBe(
      '::error title=What runs has drifted::i-1 runs version 3\n' +
        '::error title=What runs has drifted::version 5 was not rolled out\n',
    );
  });

  it('fails where Terraform would change something', () => {
    const { status, output } = look('{"drift":[]}', '{"add":0,"change":2,"destroy":0}');
    expect(status).not.toBe(0);
    expect(output).toContain('::error title=Terraform would change something::{"add":0,"change":2');
  });

  it.each([
    ['', unchanged],
    ['{"drift":[]}', ''],
  ])('does not take silence for an answer: %p, %p', (running, planned) => {
    expect(look(running, planned).status).not.toBe(0);
  });
});

describe('the step that takes the notes of a release', () => {
  const changelog =
    '# Changelog\n\n## 1.2.0\n\n- new\n\n### More\n\n- newer\n\n## 1.1.0\n\n- old\n\n## 1.0.0\n';
  const take = (GITHUB_REF_NAME: string) =>
    runStep('release.yml', 'What CHANGELOG.md says of this version', {
      files: { 'CHANGELOG.md': changelog },
      GITHUB_REF_NAME,
    });

  it('takes those of the version, and no other', () => {
    const { status, file } = take('v1.2.0');
    expect(status).toBe(0);
    expect(file('notes.md').trim()).toBe('- new\n\n### More\n\n- newer');
  });

  it.each(['v1.3.0', 'v1.0.0'])('releases nothing where there are none: %s', (version) => {
    const { status, output } = take(version);
    expect(status).toBe(1);
    expect(output).toContain(`There is no section "## ${version.slice(1)}"`);
  });
});

describe('the steps that release', () => {
  /** GitHub's program as these steps call it: it notes what it is asked, and answers. */
  const gh = (answers: string) =>
    `#!/bin/sh\necho "$*" >>"$RUNNER_TEMP/asked"\ncase "$*" in\n${answers}\nesac\n`;
  const world = { GITHUB_REF_NAME: 'v1.2.0', GITHUB_REPOSITORY: 'octo-org/asg-deploy', GITHUB_SHA: 'c0ffee' };

  it.each([
    ['true', ''],
    ['false', '::warning title=The release can be changed::'],
  ])('make the release, and say where it can be changed: immutable %s', (immutable, warning) => {
    const { status, output, file } = runStep('release.yml', 'Release', {
      files: { gh: gh(`*.immutable*) echo ${immutable} ;;`) },
      ...world,
    });
    expect(status).toBe(0);
    expect(file('asked')).toMatch(/^release create v1\.2\.0 --verify-tag --notes-file \S+\/notes\.md\n/);
    expect(output.includes('::warning')).toBe(warning !== '');
    expect(output).toContain(warning);
  });

  it('stop where no release was made', () => {
    const files = { gh: gh('release*) exit 1 ;;') };
    expect(runStep('release.yml', 'Release', { files, ...world }).status).toBe(1);
  });

  it.each([
    ['moves', '', 1],
    ['makes', '*PATCH*) exit 1 ;;', 2],
  ])('%s the tag of the major version', (_what, answers, calls) => {
    const step = runStep('release.yml', "Move the major version's tag", {
      files: { gh: gh(answers) },
      ...world,
    });
    expect(step.status).toBe(0);
    const asked = step.file('asked').trim().split('\n');
    expect(asked).toHaveLength(calls);
    expect(asked[0]).toContain(
      '--method PATCH repos/octo-org/asg-deploy/git/refs/tags/v1 --raw-field sha=c0ffee',
    );
    if (calls === 2) expect(asked[1]).toContain('--raw-field ref=refs/tags/v1 --raw-field sha=c0ffee');
  });
});
