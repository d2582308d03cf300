/** One health check of one target, and what counts as success. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { HealthCheck } from './configuration.ts';
import type { CheckOutcome } from './target-state.ts';

/** Where a target is reached from this machine. */
export interface Address {
  host: string;
  port: number;
}

/** Whether an HTTP code is in a matcher: `200`, `200,202`, `200-299`, or a mix of them. */
export function matchesCode(matcher: string, code: number): boolean {
  return matcher.split(',').some((part) => {
    const [low = '', high = low] = part.trim().split('-');
    return code >= Number(low) && code <= Number(high);
  });
}

const timedOut: CheckOutcome = { ok: false, reason: 'Target.Timeout', description: 'Request timed out' };
const failed: CheckOutcome = {
  ok: false,
  reason: 'Target.FailedHealthChecks',
  description: 'Health checks failed',
};

function checkTcp(check: HealthCheck, address: Address): Promise<CheckOutcome> {
  return new Promise((resolve) => {
    const socket = connect({ ...address, timeout: check.timeoutSeconds * 1000 });
    const end = (outcome: CheckOutcome): void => {
      socket.destroy();
      resolve(outcome);
    };
    socket.once('connect', () => {
      end({ ok: true });
    });
    socket.once('timeout', () => {
      end(timedOut);
    });
    socket.once('error', () => {
      end(failed);
    });
  });
}

/**
 * Checks a target once, on a connection of its own. Never rejects.
 * @param check   the target group's health check
 * @param address where to send it
 */
export function checkTarget(check: HealthCheck, address: Address): Promise<CheckOutcome> {
  if (check.protocol === 'TCP') return checkTcp(check, address);
  const send = check.protocol === 'HTTPS' ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    const options = {
      ...address,
      path: check.path,
      agent: false,
      headers: {
        host: `${address.host}:${address.port}`,
        'user-agent': 'ELB-HealthChecker/2.0',
        connection: 'close',
      },
      // A load balancer does not verify its targets' certificates.
      rejectUnauthorized: false,
    };
    const request = send(options, (response) => {
      response.resume();
      const code = response.statusCode ?? 0;
      end(
        matchesCode(check.matcher, code)
          ? { ok: true }
          : {
              ok: false,
              reason: 'Target.ResponseCodeMismatch',
              description: `Health checks failed with these codes: [${code}]`,
            },
      );
    });
    const timer = setTimeout(() => {
      end(timedOut);
    }, check.timeoutSeconds * 1000);
    const end = (outcome: CheckOutcome): void => {
      clearTimeout(timer);
      resolve(outcome);
      request.destroy();
    };
    request.on('error', () => {
      end(failed);
    });
    request.end();
  });
}
