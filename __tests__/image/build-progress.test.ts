import { describe, expect, it } from '@jest/globals';
import { buildWarnings, createBuildProgress, failedLine } from '../../src/image/build-progress.ts';

/** What is shown of lines that come at these seconds. */
function shown(...lines: [seconds: number, line: string][]): string[] {
  const progress = createBuildProgress();
  const end = Math.max(...lines.map(([seconds]) => seconds));
  return [...lines.flatMap(([seconds, line]) => progress.take(line, seconds)), ...progress.end(end)];
}

describe('the progress of a build', () => {
  it('is the steps that took time, of BuildKit', () => {
    expect(
      shown(
        [0, '#0 building with "default" instance using docker driver'],
        [0, '#1 [internal] load build definition from Dockerfile'],
        [0, '#1 transferring dockerfile: 200B done'],
        [0, '#1 DONE 0.0s'],
        [1, '#5 [1/3] FROM docker.io/library/node:24'],
        [1, '#5 CACHED'],
        [1, '#6 [2/3] RUN npm ci'],
        [3, '#7 [build 1/2] RUN make'],
        [6, '#6 4.512 added 300 packages'],
        [14, '#6 DONE 12.3s'],
        [15, '#7 DONE 11.8s'],
        [16, '#8 exporting to image'],
        [18, '#8 DONE 2.0s'],
      ),
    ).toEqual([
      ' 0:14  [2/3] RUN npm ci   12 s',
      ' 0:15  [build 1/2] RUN make   12 s',
      ' 0:18  exporting to image   2 s',
      ' 0:18  1 step from the cache, 1 step that took less than 1 s',
    ]);
  });

  it('is the steps that took time, of the classic builder', () => {
    expect(
      shown(
        [0, 'Sending build context to Docker daemon  2.048kB'],
        [0, 'Step 1/3 : FROM node:24'],
        [0, ' ---> abc'],
        [0, 'Step 2/3 : COPY . .'],
        [0, ' ---> Using cache'],
        [0, 'Step 3/3 : RUN npm ci'],
        [0, ' ---> Running in 1234'],
        [9, 'added 300 packages'],
        [9, 'Successfully built abc'],
      ),
    ).toEqual([
      ' 0:09  [3/3] RUN npm ci   9 s',
      ' 0:09  1 step from the cache, 1 step that took less than 1 s',
    ]);
  });

  it('shows that a long step still runs, and not more often than every 20 s', () => {
    const progress = createBuildProgress();
    progress.take('#6 [2/3] RUN npm ci', 0);
    const ticks = Array.from({ length: 61 }, (_, second) => progress.tick(second)).flat();
    expect(ticks).toEqual([
      ' 0:20  [2/3] RUN npm ci   still, for 20 s',
      ' 0:40  [2/3] RUN npm ci   still, for 40 s',
      ' 1:00  [2/3] RUN npm ci   still, for 1 min',
    ]);
    progress.take('#6 DONE 60.0s', 60);
    expect(progress.tick(100)).toEqual([]);
  });

  it('takes nothing that a step writes for a step', () => {
    expect(shown([0, '#6 [2/3] RUN x'], [1, '#6 0.3 #7 DONE 99s'], [2, '#6 0.4 [1/2] RUN y'])).toEqual([]);
  });
});

describe('what a Dockerfile is warned of', () => {
  it('has its line', () => {
    const log = [
      ' 2 warnings found (use docker --debug to expand):',
      ' - SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ENV "KEY") (line 3)',
      '#6 0.1  - NotOne: said by a step (line 9)',
    ];
    expect(buildWarnings(log)).toEqual([{ text: expect.stringMatching(/^SecretsUsed.*"KEY"\)$/), line: 3 }]);
  });

  it.each([
    [['#6 ERROR: process "/bin/sh -c false"', '------', 'Dockerfile:12', '-----'], 12],
    [['Step 2/2 : RUN false', 'The command returned a non-zero code: 1'], undefined],
  ])('a failed build names its line, where the builder does: %s', (log, line) => {
    expect(failedLine(log)).toBe(line);
  });
});
