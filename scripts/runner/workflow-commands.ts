export interface Annotation {
  level: 'error' | 'warning' | 'notice';
  message: string;
  title: string | undefined;
  file: string | undefined;
  line: number | undefined;
}

/** Characters of an annotation that the runner keeps, in the log too. */
const longestAnnotation = 4096;

/** Annotations of each level that GitHub gets of a step; the log has all of them. */
const mostAnnotations = 10;

/** What one line of a step's output means to the runner. */
type Command =
  | { name: 'text'; text: string }
  | { name: 'group'; title: string }
  | { name: 'endgroup' }
  | { name: 'debug'; text: string }
  | { name: 'hidden' }
  | { name: 'annotation'; annotation: Annotation };

/**
 * Reads a step's output line by line, as the runner does: hides what was given to ::add-mask:: (each line of a value
 * on its own), collects annotations and folds groups by indenting them.
 */
export class OutputReader {
  readonly annotations: Annotation[] = [];
  /** Every line as a person would see it, masked. */
  readonly lines: string[] = [];
  readonly debugLines: string[] = [];
  /** Every line as it came, but those that ask for something to be hidden. */
  readonly written: string[] = [];
  readonly #show: (line: string) => void;
  #masks: string[] = [];
  #depth = 0;
  #stopToken: string | undefined;
  /** How many annotations of each level the step has made. */
  #made = new Map<Annotation['level'], number>();

  constructor(show: (line: string) => void, masks: string[] = []) {
    this.#show = show;
    for (const mask of masks) this.#addMask(mask);
  }

  /** The main entry and the post entry are a step each. */
  beginStep(): void {
    this.#made = new Map();
  }

  read(line: string): void {
    if (!/^\s*::add-mask::/.test(line)) this.written.push(line);
    const command = this.#interpret(line);
    switch (command.name) {
      case 'hidden':
        return;
      case 'debug':
        this.debugLines.push(this.mask(command.text));
        return;
      case 'group':
        this.#write(`▸ ${command.title}`);
        this.#depth = 1;
        return;
      case 'endgroup':
        this.#depth = 0;
        return;
      case 'annotation':
        this.#annotate(command.annotation);
        return;
      case 'text':
        this.#write(command.text);
    }
  }

  mask(text: string): string {
    return this.#masks.reduce((masked, secret) => masked.replaceAll(secret, '***'), text);
  }

  #write(text: string): void {
    const line = '  '.repeat(this.#depth) + this.mask(text);
    this.lines.push(line);
    this.#show(line);
  }

  #annotate(annotation: Annotation): void {
    const message = this.mask(annotation.message).slice(0, longestAnnotation);
    const made = (this.#made.get(annotation.level) ?? 0) + 1;
    this.#made.set(annotation.level, made);
    const title = annotation.title && this.mask(annotation.title);
    if (made <= mostAnnotations) this.annotations.push({ ...annotation, message, title });
    const label = `${annotation.level.charAt(0).toUpperCase()}${annotation.level.slice(1)}: `;
    for (const [index, line] of message.split('\n').entries()) this.#write(index === 0 ? label + line : line);
  }

  #addMask(value: string): void {
    const parts = value.split(/\r?\n/).filter((part) => part.trim() !== '');
    // The longest first, so that a secret that contains another is hidden whole.
    this.#masks = [...new Set([...this.#masks, ...parts])].sort((a, b) => b.length - a.length);
  }

  #interpret(line: string): Command {
    const command = splitCommand(line);
    if (!command) return { name: 'text', text: line };
    const { name, properties, data } = command;
    if (this.#stopToken !== undefined) {
      if (name !== this.#stopToken) return { name: 'text', text: line };
      this.#stopToken = undefined;
      return { name: 'hidden' };
    }
    return (
      this.#command(name, parseProperties(properties), unescapeData(data)) ?? { name: 'text', text: line }
    );
  }

  #command(name: string, properties: Map<string, string>, value: string): Command | undefined {
    switch (name) {
      case 'add-mask':
        this.#addMask(value);
        return { name: 'hidden' };
      case 'stop-commands':
        this.#stopToken = value;
        return { name: 'hidden' };
      case 'group':
        return { name: 'group', title: value };
      case 'endgroup':
        return { name: 'endgroup' };
      case 'debug':
        return { name: 'debug', text: value };
      case 'error':
      case 'warning':
      case 'notice': {
        const annotation = {
          level: name,
          message: value,
          title: properties.get('title'),
          file: properties.get('file'),
          line: properties.has('line') ? Number(properties.get('line')) : undefined,
        };
        return { name: 'annotation', annotation };
      }
      case 'add-matcher':
      case 'remove-matcher':
      case 'echo':
        return { name: 'hidden' };
      default:
        return undefined;
    }
  }
}

/** `::name key=value,key=value::data` in its three parts; undefined for any other line. */
function splitCommand(line: string): { name: string; properties: string; data: string } | undefined {
  const text = line.trimStart();
  const end = text.indexOf('::', 2);
  if (!text.startsWith('::') || end === -1) return undefined;
  const [name = '', ...properties] = text.slice(2, end).split(' ');
  return { name, properties: properties.join(' '), data: text.slice(end + 2) };
}

function parseProperties(text: string): Map<string, string> {
  const pairs = text.split(',').filter((pair) => pair.includes('='));
  return new Map(
    pairs.map((pair) => {
      const equals = pair.indexOf('=');
      const value = pair
        .slice(equals + 1)
        .replaceAll('%3A', ':')
        .replaceAll('%2C', ',');
      return [pair.slice(0, equals).trim(), unescapeData(value)];
    }),
  );
}

function unescapeData(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}
