import { expect, it } from '@jest/globals';
import { firstLine } from '../src/first-line.ts';

it('the first line repeats what was asked for, and nothing that the runner would obey', () => {
  expect(firstLine({ INPUT_APPLICATION: 'shop\n::set-env::x', GITHUB_SHA: '4e1a2b7'.padEnd(40, '0') })).toBe(
    'asg-deploy: deploy shop::set-env::x (commit 4e1a2b7)',
  );
});
