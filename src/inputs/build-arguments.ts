import type { InputReader } from './reader.ts';

/** Values of build arguments end up in the image's history: they are no place for secrets, yet are not shown. */
export function parseBuildArguments(reader: InputReader, input: string): string[] {
  const lines = reader.lines(input);
  const names = lines.map((line) => /^([A-Za-z_]\w*)=/.exec(line)?.[1]);
  const malformed = names.findIndex((name) => name === undefined);
  if (malformed >= 0) {
    reader.refuse(input, undefined, `give one NAME=value a line (line ${malformed + 1} is not one)`);
  }
  const twice = names.find((name, index) => name !== undefined && names.indexOf(name) < index);
  if (twice !== undefined) reader.refuse(input, undefined, `give ${twice} once`);
  return lines;
}
