import { expect, it } from '@jest/globals';
import { takeTurns } from '../../../scripts/suites/in-turn.ts';

it('lines of the first are shown at once, those of another when all before it have ended', () => {
  const shown: string[] = [];
  const [first, second, third] = takeTurns(3, (line, stream) => shown.push(`${stream} ${line}`));
  third?.show('third', 'stdout');
  second?.show('second', 'stderr');
  first?.show('first', 'stdout');
  expect(shown.splice(0)).toEqual(['stdout first']);
  second?.end();
  first?.show('first again', 'stdout');
  expect(shown.splice(0)).toEqual(['stdout first again']);
  first?.end();
  expect(shown.splice(0)).toEqual(['stderr second', 'stdout third']);
  third?.show('live', 'stderr');
  expect(shown.splice(0)).toEqual(['stderr live']);
});
