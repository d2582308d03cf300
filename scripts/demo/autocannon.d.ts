/** The part of autocannon that the load generator uses; the package brings no types. */
declare module 'autocannon' {
  import type { EventEmitter } from 'node:events';

  export interface Request {
    method: string;
    path: string;
    headers?: Record<string, string>;
    body?: string;
    /** Told of the answer before the connection emits `response`. */
    onResponse?: (status: number, body: string) => void;
  }
  /** One connection. Emits `request` for each that is sent, `response` (status) and `headers` for each answer. */
  export interface Client extends EventEmitter {
    /** Requests sent so far, and the number after which the connection ends once it was answered. */
    reqsMade: number;
    responseMax: number;
    /** While `request` is emitted: the one before it. */
    requestIterator: { currentRequest: Request };
  }
  export interface Options {
    url: string;
    connections: number;
    duration: number;
    timeout: number;
    overallRate: number;
    requests: Request[];
    setupClient: (client: Client) => void;
  }
  export interface Result {
    latency: { p50: number; p99: number; max: number };
    duration: number;
  }
  export default function autocannon(options: Options): Promise<Result> & EventEmitter;
}
