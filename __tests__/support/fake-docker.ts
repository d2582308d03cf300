/** A `docker` on the PATH that does what the test says and writes down how it was called. */
import { appendFileSync, chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { temporaryFolder } from './folders.ts';

export interface DockerCall {
  args: string[];
  stdin: string;
  config: string | undefined;
  /** The private configuration's text at that moment. */
  configText: string;
}

export interface FakeDocker {
  calls(): DockerCall[];
  /** Takes it off the PATH. */
  restore(): void;
}

/**
 * @param answers shell lines by the first words of the call ("push", "image inspect"): they print and exit; what is
 *   not named succeeds silently
 */
export function installFakeDocker(answers: Record<string, string>): FakeDocker {
  const folder = temporaryFolder('docker');
  const record = join(folder, 'calls');
  const mostSpecificFirst = Object.entries(answers).toSorted(([a], [b]) => b.length - a.length);
  const cases = mostSpecificFirst.map(([words, lines]) => `"${words}"*) ${lines} ;;`);
  writeFileSync(
    join(folder, 'docker'),
    [
      '#!/bin/sh',
      'input=""; case "$*" in *--password-stdin*) input=$(cat);; esac',
      'text=""; [ -n "$DOCKER_CONFIG" ] && text=$(cat "$DOCKER_CONFIG/config.json")',
      `printf '%s\\037%s\\037%s\\037%s\\036' "$*" "$input" "$DOCKER_CONFIG" "$text" >> ${record}`,
      'case "$*" in',
      ...cases,
      'esac',
    ].join('\n'),
  );
  chmodSync(join(folder, 'docker'), 0o755);
  appendFileSync(record, '');
  const path = process.env.PATH;
  process.env.PATH = `${folder}${delimiter}${path}`;
  return {
    calls: () =>
      (existsSync(record) ? readFileSync(record, 'utf8') : '')
        .split('\u001e')
        .filter((text) => text !== '')
        .map((text) => {
          const [args = '', stdin = '', config = '', configText = ''] = text.split('\u001f');
          return { args: args.split(' '), stdin, config: config === '' ? undefined : config, configText };
        }),
    restore: () => {
      process.env.PATH = path;
    },
  };
}
