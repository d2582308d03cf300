/** Something the local cloud needs can't be had: what, why, and what the user can do about it. */
export class SetupError extends Error {
  /** @param next what to do, as a sentence */
  constructor(what: string, { why, next }: { why: string; next: string }) {
    super(`${what}\n  why:  ${why.trim().replaceAll('\n', '\n        ')}\n  next: ${next}`);
    this.name = 'SetupError';
  }
}
