import { readNativeLock } from '../state-backend/index.ts';
import type { TerraformEvent } from './events.ts';
import type { OpenedRoot } from './opened-root.ts';

/** Messages that Terraform writes only while it holds the lock of the state. */
const underLock = /^(refresh|apply|provision|ephemeral_op)_|^(planned_change|resource_drift)$/;

/**
 * Finds out which lock a Terraform has taken, which it tells nobody. What is read of the lock between two messages that it
 * writes only while it holds it is its own; user and host, which the lock names, are the same on all machines that were
 * made from one image.
 *
 * @param read gives the id of the lock that is held now
 * @param note is called with it when it is certain, once
 * @returns what is called with every message
 */
export function ownLockIn(
  read: () => Promise<string | undefined>,
  note: (id: string) => void,
): (event: TerraformEvent) => void {
  let isAsked = false;
  let found: { id: string; at: number } | undefined;
  return (event) => {
    if (!underLock.test(event.type)) return;
    if (!isAsked) {
      isAsked = true;
      read().then(
        (id) => {
          if (id !== undefined) found = { id, at: Date.now() };
        },
        // It is for a run that is killed, which then says less.
        () => undefined,
      );
    } else if (found !== undefined && Date.parse(event['@timestamp'] ?? '') > found.at) {
      note(found.id);
      found = undefined;
    }
  };
}

/** The same for a Terraform that works on a root: what it is told when the process starts, and with every message. */
export function noteOwnLock({ run, backend, stateKey }: OpenedRoot): {
  onStart: (pid: number) => void;
  onEvent: (event: TerraformEvent) => void;
} {
  let process = 0;
  const read = async () => (await readNativeLock(run, backend.bucket, stateKey))?.id;
  const note = (id: string) => run.noteLock?.({ key: stateKey, id, pid: process });
  const onStart = (pid: number) => {
    process = pid;
    run.noteLock?.({ key: stateKey, pid });
  };
  return { onStart, onEvent: ownLockIn(read, note) };
}
