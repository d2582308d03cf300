/** The temporary credentials that STS has given out. */
import { randomBytes } from 'node:crypto';

/** A role, assumed. */
export interface Session {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  roleName: string;
  sessionName: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
  /** A policy that narrows the session. */
  policy?: object;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const key = (): string => [...randomBytes(16)].map((byte) => letters[byte % 32]).join('');

/** Sessions by access key id. Ended ones are remembered for a while, so that their holder is told so. */
export class Sessions {
  readonly #sessions = new Map<string, Session>();

  issue(session: Pick<Session, 'roleName' | 'sessionName' | 'expiresAt' | 'policy'>): Session {
    const issued = {
      ...session,
      accessKeyId: `ASIA${key()}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: randomBytes(160).toString('base64'),
    };
    this.#sessions.set(issued.accessKeyId, issued);
    return issued;
  }

  find(accessKeyId: string): Session | undefined {
    return this.#sessions.get(accessKeyId);
  }
}
