/** Terraform's language as far as a list of what a file uses needs it: blocks, the names of their arguments, references. */

export interface Block {
  /** resource, data, ephemeral, provider …, or the name of a nested block. */
  type: string;
  labels: string[];
  arguments: string[];
  /** A `dynamic` block is here as the block that it makes. */
  blocks: Block[];
  /** Its source without comments. */
  text: string;
}

const opening = '{[(';
const closing = '}])';

/** Comments give way to nothing; strings and heredocs stay as they are. */
function withoutComments(source: string): string {
  return source
    .split('\n')
    .map((line) => {
      for (let at = 0, quoted = false; at < line.length; at += 1) {
        if (line[at] === '"' && line[at - 1] !== '\\') quoted = !quoted;
        if (!quoted && line[at] === '#') return line.slice(0, at);
      }
      return line;
    })
    .join('\n');
}

/** Reads a text from front to end. Syntax: the HCL native syntax specification, "Structural Elements". */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The blocks and argument names up to the closing brace, which is read as well, or the end of the text. */
  body(): { arguments: string[]; blocks: Block[] } {
    const found: { arguments: string[]; blocks: Block[] } = { arguments: [], blocks: [] };
    for (;;) {
      this.#take(/\s+/y);
      if (this.#take(/\}/y) !== undefined || this.#at >= this.#text.length) return found;
      const start = this.#at;
      const name = this.#require(/[A-Za-z_][\w-]*/y, 'a name');
      const labels: string[] = [];
      for (;;) {
        this.#take(/[ \t]+/y);
        const label = this.#take(/"[^"]*"/y);
        if (label === undefined) break;
        labels.push(label.slice(1, -1));
      }
      if (this.#take(/=(?!=)/y) !== undefined) {
        this.#expression();
        found.arguments.push(name);
        continue;
      }
      this.#require(/\{/y, '= or {');
      const inner = this.body();
      found.blocks.push(asMade({ type: name, labels, ...inner, text: this.#text.slice(start, this.#at) }));
    }
  }

  /** To the end of its line, or of the line on which its last bracket is closed. */
  #expression(): void {
    for (let depth = 0; this.#at < this.#text.length;) {
      const heredoc = this.#take(/<<-?\w+\n/y);
      if (heredoc !== undefined) {
        const end = heredoc.replace(/<<-?/, '').trim();
        this.#at = this.#text.indexOf(`\n`, this.#text.indexOf(`${end}\n`, this.#at));
        continue;
      }
      if (this.#string()) continue;
      const character = this.#text[this.#at] ?? '';
      if (depth === 0 && (character === '\n' || character === '}')) return;
      if (opening.includes(character)) depth += 1;
      if (closing.includes(character)) depth -= 1;
      this.#at += 1;
    }
  }

  /** A quoted string, with the expressions in it. */
  #string(): boolean {
    if (this.#text[this.#at] !== '"') return false;
    for (this.#at += 1; this.#text[this.#at] !== '"';) {
      if (this.#take(/\\./y) !== undefined || this.#take(/[$%]\{2}/y) !== undefined) continue;
      if (this.#take(/[$%]\{/y) === undefined) this.#at += 1;
      else this.#interpolation();
    }
    this.#at += 1;
    return true;
  }

  #interpolation(): void {
    for (let depth = 1; depth > 0;) {
      if (this.#string()) continue;
      if (this.#text[this.#at] === '{') depth += 1;
      if (this.#text[this.#at] === '}') depth -= 1;
      this.#at += 1;
    }
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #require(pattern: RegExp, what: string): string {
    const found = this.#take(pattern);
    if (found === undefined)
      throw new Error(`${what} is expected at: ${this.#text.slice(this.#at, this.#at + 60)}`);
    return found;
  }
}

/** `dynamic "x" { content { … } }` makes blocks x of that content. */
function asMade(block: Block): Block {
  const content = block.type === 'dynamic' ? block.blocks.find(({ type }) => type === 'content') : undefined;
  return content === undefined ? block : { ...content, type: block.labels[0] ?? '', text: block.text };
}

/** @throws Error at what it does not understand */
export function readBlocks(source: string): Block[] {
  return new Reader(withoutComments(source)).body().blocks;
}
