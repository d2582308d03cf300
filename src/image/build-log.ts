/** What stopped a build: the Dockerfile's step, and what it wrote. */
export interface BuildFailure {
  /** "RUN npm ci", or undefined when the build failed outside a step. */
  step: string | undefined;
  /** One sentence: the builder's own last word. */
  message: string;
  /** What the step wrote last, at most `kept` lines. */
  lines: string[];
}

const kept = 20;
/** Colour codes, which compilers write when they think they see a terminal. */
// eslint-disable-next-line no-control-regex
const colours = /\u001b\[[0-9;]*m/g;

/** A line as it reads without a terminal: the classic builder paints what goes to stderr red. */
export function withoutColours(line: string): string {
  return line.replace(colours, '').trimEnd();
}

/** Finds the failing step in the log of either builder (BuildKit with plain progress, or the classic one). */
export function explainBuild(log: readonly string[]): BuildFailure {
  const lines = log.map(withoutColours).filter((line) => line !== '');
  return explainBuildKit(lines) ?? explainClassic(lines);
}

/** Whether a build ended because an image or layer that the daemon had just found was gone. */
export function isRemovedMeanwhile(log: readonly string[]): boolean {
  const gone =
    /^(unable to find image|Error: No such image:|No such image:) "?sha256:|layer does not exist|unknown parent image ID/;
  // Two streams may come in another order.
  return log.slice(-3).some((line) => gone.test(line));
}

/** `#7 [build 3/5] RUN npm ci`, `#7 1.234 what it wrote`, `#7 ERROR: process "…" did not complete successfully`. */
function explainBuildKit(lines: readonly string[]): BuildFailure | undefined {
  const failed = lines.map((line) => /^#(\d+) ERROR: (.*)$/.exec(line)).find((match) => match !== null);
  const last = lines.findLast((line) => line.startsWith('ERROR: '));
  if (!failed) {
    if (last === undefined || !lines.some((line) => /^#\d+ /.test(line))) return undefined;
    return { step: undefined, message: last.replace(/^ERROR: /, ''), lines: lines.slice(-kept) };
  }
  const prefix = `#${failed[1]} `;
  const own = lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length));
  const step = own[0] === undefined ? undefined : own[0].replace(/^\[[^\]]*\] /, '');
  const wrote = own.slice(1).filter((line) => !/^(ERROR:|CANCELED|sha256:|resolve |DONE )/.test(line));
  return {
    step,
    message: failed[2] ?? '',
    lines: wrote.map((line) => line.replace(/^\d+\.\d+ ?/, '')).slice(-kept),
  };
}

/** `Step 3/5 : RUN npm ci`, ` ---> Running in …`, what it wrote, `The command '…' returned a non-zero code: 1`. */
function explainClassic(lines: readonly string[]): BuildFailure {
  const at = lines.findLastIndex((line) => /^Step \d+\/\d+ : /.test(line));
  const header = lines[at];
  const message = lines.at(-1) ?? 'docker build said nothing';
  const wrote = lines
    .slice(at + 1, -1)
    .filter((line) => !/^( ---> |Removing intermediate container )/.test(line));
  return {
    step: header?.replace(/^Step \d+\/\d+ : /, ''),
    message,
    lines: wrote.slice(-kept),
  };
}
