import type { DiagnosisNames } from '../context/index.ts';
import type { BootMarker } from '../model/index.ts';
import { exitCode } from '../model/index.ts';
import type { Remedy } from './explanation.ts';

/** What registries say of an image that is not there (OCI distribution specification, error codes). */
const gone = /manifest unknown|MANIFEST_UNKNOWN|repository does not exist|not found: does not exist/i;

const diskFull = /no space left on device/i;
const largerDisk =
  'give the instances a larger root volume (service.root_volume_gb) or make the image smaller';

/** Steps of user data, in the words of the boot marker. */
const stepSentences: Record<string, (marker: BootMarker) => string> = {
  docker: ({ details }) =>
    // A system that has Docker and not the AWS CLI.
    details.startsWith('install_aws_cli failed')
      ? "the AWS CLI can't be installed on"
      : "the container engine can't be set up on",
  login: () => 'the registry refuses the login of',
  pull: ({ details }) =>
    gone.test(details) ? 'the registry no longer has the image, on' : "the image can't be pulled by",
  config: ({ details }) => {
    const [about] =
      /^(?:the value of )?\/\S+ (?:is missing|still has its placeholder|has line breaks|can't be an environment variable)/.exec(
        details,
      ) ?? [];
    return about === undefined ? "the configuration can't be read by" : `${about}, on`;
  },
  hook: ({ details }) =>
    /^boot_hooks\.\w+ (?:ended|took)/.test(details) ? `service.${details} on` : 'a boot hook fails on',
  run: (marker) => {
    const code = exitCode(marker);
    return code === undefined
      ? 'the container does not stay up on'
      : `the container exited with code ${code} on`;
  },
  health: (marker) => {
    const check = healthCheckOf(marker);
    if (!check) return 'the container runs but does not answer its health check on';
    const { path, answer, time, port } = check;
    return answer === undefined
      ? `the container runs, but nothing answered ${path}${port && ` on port ${port}`}${time} on`
      : `the container runs, but ${path} answered ${answer}${time} on`;
  },
};

/** What the health path answered last, as evidence; undefined when it never answered or user data did not keep it. */
export function lastAnswer(marker: BootMarker): { path: string; text: string } | undefined {
  const [, code, body = ''] = /^(\d{3})\b\s*(.*)$/.exec(marker.answer) ?? [];
  if (code === undefined) return undefined;
  const path = healthCheckOf(marker)?.path ?? 'the health check';
  return { path, text: body === '' ? `${code} and nothing else` : `${code} ${body}` };
}

/** What user data says about a health check that never passed: "/healthz gave 503 for 60 s; … on port 3000". */
function healthCheckOf({ details }: BootMarker) {
  const [, path, answer] = /^(\S+) gave (no answer|\d{3})\b/.exec(details) ?? [];
  if (path === undefined) return undefined;
  const [, seconds] = /\bfor (\d+) s\b/.exec(details) ?? [];
  const [, port = ''] = /\bon port (\d+)$/.exec(details) ?? [];
  const time = seconds === undefined ? '' : ` for ${seconds} s`;
  return { path, answer: answer === 'no answer' ? undefined : answer, time, port };
}

/** Where the container says that it listens: a port, and whether only the container itself gets there. */
function listeningOn(lines: string[]): { port: string; onlyInside: boolean } | undefined {
  const line = lines.findLast((each) => /\blisten|\b(?:running|started) (?:on|at)\b/i.test(each));
  const port =
    line && (/\bport\W{1,4}(\d{2,5})\b/i.exec(line) ?? /[\w.*\]]:(\d{2,5})\b(?![\d:.])/.exec(line))?.[1];
  return port ? { port, onlyInside: /\blocalhost\b|\b127\.0\.0\.1\b|\[::1\]/.test(line) } : undefined;
}

/** What to do when nobody answers although the container runs, as far as its own log tells. */
function unansweredRemedy(marker: BootMarker): string | undefined {
  const check = marker.step === 'health' ? healthCheckOf(marker) : undefined;
  if (!check || check.answer !== undefined) return undefined;
  const listening = listeningOn(marker.lastLines);
  if (listening && check.port !== '' && listening.port !== check.port) {
    return `make the ports agree: the container says that it listens on ${listening.port}, and Terraform was told ${check.port} (let it listen on $PORT, or set the container port)`;
  }
  return listening?.onlyInside
    ? 'let the application listen on 0.0.0.0: on localhost only the container itself reaches it'
    : undefined;
}

/** "the container exited with code 1 on", to be followed by the instances. */
export function bootSentence(marker: BootMarker): string {
  if (isDiskFull(marker)) return 'the disk is full on';
  return (
    stepSentences[marker.step]?.(marker) ?? `the boot failed${marker.step && ` at step ${marker.step}`} on`
  );
}

/** The machine itself has no room, whatever it was doing; what a container says of it may be about another disk. */
function isDiskFull({ step, details }: BootMarker): boolean {
  return step !== 'hook' && diskFull.test(details);
}

/** Adds a variable that the container misses. */
function addParameter([, name]: RegExpExecArray, { application, environment }: DiagnosisNames): string {
  return `add /${application}/${environment}/${name} to Parameter Store (the instances may read /${application}/${environment}/*)`;
}

/**
 * Lines of a log that say why a container ended, with what to do about each; the first pattern that fits decides. A
 * pattern's first group is the name that the remedy speaks of.
 */
const knownLines: { pattern: RegExp; remedy: (match: RegExpExecArray, names: DiagnosisNames) => string }[] = [
  {
    pattern: /(\/[\w./-]+\/\w+) (?:is missing|still has its placeholder)/,
    remedy: ([, path]) => `write the value of ${path} to Parameter Store (aws ssm put-parameter --overwrite)`,
  },
  {
    pattern:
      /\b([A-Z][A-Z0-9_]{2,})\b['"`]? (?:is |was |must be |has to be )?(?:not set|not defined|missing|required|undefined|empty|unset|set)\b/,
    remedy: addParameter,
  },
  {
    pattern: /missing (?:required )?(?:environment )?(?:variable|parameter)s?:? ['"`]?([A-Z][A-Z0-9_]+)/i,
    remedy: addParameter,
  },
  {
    pattern: /exec format error|platform \(linux\/\w+\) does not match/i,
    remedy: () =>
      'build the image for the processor of the instances: set platform to linux/amd64 or linux/arm64',
  },
  {
    pattern:
      /(?:Cannot find (?:module|package)|ModuleNotFoundError: No module named|ClassNotFoundException:?) ['"]?([\w@./-]+)/,
    remedy: ([, name]) => `see that the Dockerfile puts ${name} into the image`,
  },
  {
    pattern:
      /executable file not found|no such file or directory.*(?:exec|entrypoint)|exec:? .*no such file/i,
    remedy: () => 'see that the command of the Dockerfile exists in the image and may be executed',
  },
  {
    // Most logs speak of migrations that went well.
    pattern:
      /migrat.*\b(?:fail|error|abort|can't|cannot|could not|refus)|(?:fail|error|abort|can't|cannot|could not).*migrat/i,
    remedy: () => 'see what the migration said, mend it, and see in which state it left the database',
  },
  {
    pattern: /password authentication failed|Access denied for user|authentication failed/i,
    remedy: (_, { application, environment }) =>
      `check the database credentials in Parameter Store under /${application}/${environment}/`,
  },
  {
    pattern:
      /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|getaddrinfo|connection refused|could not (?:connect|translate host)|no route to host/i,
    remedy: () =>
      'check that the instances can reach what the application connects to: address, security group, database up',
  },
  {
    pattern: /EADDRINUSE|address already in use/i,
    remedy: () => 'two processes of the container want the same port: start only one of them',
  },
  {
    pattern: /EACCES|permission denied/i,
    remedy: () =>
      'see that the user of the Dockerfile may read and execute what the container starts, and bind its port',
  },
  {
    pattern: /out of memory|heap limit|OOMKilled|Cannot allocate memory/i,
    remedy: () => 'let the application use less memory, or give the instances more (another instance type)',
  },
  {
    pattern: diskFull,
    remedy: () => largerDisk,
  },
];

const stepRemedies: Record<string, (names: DiagnosisNames) => string> = {
  docker: () =>
    'check that the instances can reach their package sources (NAT, endpoints), or use a machine image that has Docker and the AWS CLI',
  login: () =>
    'check that the instance role may call ecr:GetAuthorizationToken and that the instances can reach ECR',
  pull: () => 'check that the image is still in the registry and that the instance role may pull from it',
  config: ({ application, environment }) =>
    `check that the parameters exist under /${application}/${environment}/ and that the instance role may read and decrypt them`,
  hook: () =>
    'mend the boot hook in the Terraform variables: it has to end with 0, within timeout_seconds, on every instance',
  run: () => 'run the image on your machine with the same configuration and mend what stops it',
  health: ({ healthPath }) =>
    `see that the application listens on the port that Terraform was told (container port) and answers ${healthPath || 'its health check'} with 200`,
};

const codeRemedies: Record<number, string> = {
  125: 'docker refused to start the container: see its message above',
  126: 'the command of the Dockerfile is not executable',
  127: 'the command of the Dockerfile does not exist in the image',
  137: 'the container was killed, most often because memory ran out: give the instances more (another instance type)',
};

/** What to do about a failed boot, from the step, the exit code and what the container said last. */
export function bootRemedy(marker: BootMarker, names: DiagnosisNames): Remedy {
  if (isDiskFull(marker)) return { remedy: largerDisk, rerun: true };
  if (marker.step === 'pull' && gone.test(marker.details))
    return {
      remedy:
        'see who deleted it or which lifecycle rule of the repository expired it, then deploy the commit again: that builds it anew',
      rerun: false,
    };
  return { remedy: stepRemedy(marker, names), rerun: true };
}

function stepRemedy(marker: BootMarker, names: DiagnosisNames): string {
  const unanswered = unansweredRemedy(marker);
  if (unanswered !== undefined) return unanswered;
  const text = [...marker.lastLines].reverse().concat(marker.answer, marker.details);
  if (['run', 'health', 'config', ''].includes(marker.step)) {
    for (const { pattern, remedy } of knownLines) {
      for (const line of text) {
        const match = pattern.exec(line);
        if (match) return remedy(match, names);
      }
    }
  }
  // A hook's exit code is its own, and none of docker's.
  const code = marker.step === 'hook' ? undefined : exitCode(marker);
  const check = marker.step === 'health' ? healthCheckOf(marker) : undefined;
  if (check?.answer !== undefined)
    return `find out why the application answers ${check.path} with ${check.answer}: what it says there, its log, and what it depends on`;
  return (
    (code === undefined ? undefined : codeRemedies[code]) ??
    stepRemedies[marker.step]?.(names) ??
    'read the console of the instance and mend what fails there'
  );
}

/** The line that says most: the last one that speaks of an error, else the last one. */
export function tellingLine(lines: string[]): string {
  const frame = /^\s*(?:at |\^|\}|\{|Node\.js v)/;
  const spoken = lines.filter((line) => !frame.test(line));
  const error = spoken.findLast(speaksOfError);
  return (error ?? spoken.at(-1) ?? lines.at(-1) ?? '').trim();
}

/** Frames of the runtime itself and what it adds to a crash: no evidence. */
export function isNoise(line: string): boolean {
  return /\bnode:internal\/|^\s*\^+\s*$|^Node\.js v\d|^\s*$/.test(line);
}

/** Whether a line says that something went wrong. */
export function speaksOfError(line: string): boolean {
  return /\b(?:\w*error|fatal|exception|panic|failed|cannot|can't|not set)\b/i.test(line);
}

/** A line of a JSON log as its message and what it says about the error; any other line as it is. */
export function plain(line: string): string {
  if (!line.startsWith('{')) return line;
  try {
    const entry = JSON.parse(line) as Record<string, unknown>;
    const error = (entry.err ?? entry.error ?? {}) as { message?: unknown };
    const parts = [entry.msg ?? entry.message, error.message ?? error, entry.reason].filter(
      (part) => typeof part === 'string' && part !== '',
    );
    return parts.length > 0 ? [...new Set(parts)].join(': ') : line;
  } catch {
    return line;
  }
}
