import { describe, expect, it } from '@jest/globals';
import { explainBuild } from '../../src/image/build-log.ts';
import { isNotice } from '../../src/image/build.ts';

describe('explainBuild', () => {
  it('finds the step in BuildKit’s plain progress, among steps that run side by side', () => {
    const log = [
      '#5 [base 1/3] FROM docker.io/library/node:24',
      '#7 [build 3/5] RUN npm ci',
      '#8 [assets 1/1] RUN echo other',
      '#7 1.200 npm error code E404',
      '#8 1.210 other',
      '#7 1.300 npm error 404 Not Found',
      '#7 ERROR: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1',
      '#8 CANCELED',
      '------',
      ' > [build 3/5] RUN npm ci:',
      'ERROR: failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1',
    ];
    expect(explainBuild(log)).toEqual({
      step: 'RUN npm ci',
      message: 'process "/bin/sh -c npm ci" did not complete successfully: exit code: 1',
      lines: ['npm error code E404', 'npm error 404 Not Found'],
    });
  });

  it('finds the step in the classic builder’s log', () => {
    const log = [
      'Step 1/3 : FROM debian',
      ' ---> a865acccc9d9',
      'Step 2/3 : RUN make',
      ' ---> Running in 0102322f1554',
      '\u001b[91mmake: *** no rule',
      '\u001b[0m',
      "The command '/bin/sh -c make' returned a non-zero code: 2",
    ];
    expect(explainBuild(log)).toEqual({
      step: 'RUN make',
      message: "The command '/bin/sh -c make' returned a non-zero code: 2",
      lines: ['make: *** no rule'],
    });
  });

  it.each([
    [
      'a Dockerfile that can not be read',
      [
        '#1 [internal] load build definition',
        'ERROR: failed to solve: dockerfile parse error on line 3: unknown instruction: RUNN',
      ],
      'dockerfile parse error',
    ],
    [
      'the same, classic',
      ['Error response from daemon: dockerfile parse error line 3: unknown instruction: RUNN'],
      'dockerfile parse error',
    ],
    ['nothing at all', [], 'said nothing'],
  ])('%s has no step', (_name, log, said) => {
    const failure = explainBuild(log);
    expect(failure.step).toBeUndefined();
    expect(failure.message).toContain(said);
  });

  it('keeps only the last lines of a long step', () => {
    const log = ['Step 1/1 : RUN x', ...Array.from({ length: 50 }, (_, index) => `line ${index}`), 'failed'];
    expect(explainBuild(log).lines).toHaveLength(20);
    expect(explainBuild(log).lines.at(-1)).toBe('line 49');
  });

  it('leaves out the classic builder’s notice about itself', () => {
    const lines = [
      'DEPRECATED: The legacy builder is deprecated',
      '            Install buildx',
      '',
      'Sending build context',
      '  indented',
    ];
    let inNotice = false;
    expect(lines.filter((line) => !(inNotice = isNotice(line, inNotice)))).toEqual([
      'Sending build context',
      '  indented',
    ]);
  });
});
