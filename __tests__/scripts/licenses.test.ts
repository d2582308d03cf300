import { expect, test } from '@jest/globals';
import { licensesOnce } from '../../scripts/licenses.ts';

const packages = new Map(
  ['one', '@two/two', 'three', 'four', 'five'].map((name, index) => [
    name,
    { version: `${index + 1}.0.0`, license: name === 'four' ? 'ISC' : 'MIT' },
  ]),
);

test('a licence stands once, below its packages and their copyright lines, however it is broken', () => {
  const list = `one
MIT
The MIT License

Copyright 2019 Somebody

Take it and
run.

@two/two
MIT
    The MIT License
    Copyright (c) 2020 Somebody Else
    Take it
    and run.

three
MIT
The MIT License

one
Copyright somebody

Walk.

four
ISC

five
MIT
`;
  expect(licensesOnce(list, (name) => packages.get(name))).toBe(`one@1.0.0
  Copyright 2019 Somebody
@two/two@2.0.0
  Copyright (c) 2020 Somebody Else

The MIT License

Take it and
run.

${'-'.repeat(80)}

three@3.0.0

The MIT License

one
Copyright somebody

Walk.

${'-'.repeat(80)}

four@4.0.0

License: ISC

${'-'.repeat(80)}

five@5.0.0

License: MIT
`);
});

test('a list of another form is an error, not an empty file', () => {
  expect(() => licensesOnce('# Licences\n', (name) => packages.get(name))).toThrow(
    'begins with no package: # Licences',
  );
});
