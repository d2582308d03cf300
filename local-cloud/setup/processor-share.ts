/**
 * How much of the processors all containers of an engine get together. Docker keeps them in one control group, which weighs
 * no more than a single program of the machine (Linux, CPU shares and CPU weight): beside ten that are busy, forty
 * instances that boot would share a tenth of the processors, and a database answer for minutes.
 */
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** So many busy programs of the machine get as much as all containers. */
const PROGRAMS = 16;

/** Where control groups are mounted. */
const ROOT = '/sys/fs/cgroup';

/** The parent of every container that says nothing else, where systemd does not manage the groups (dockerd, --cgroup-parent). */
const GROUP = 'docker';

/**
 * Gives the containers of an engine that is about to start their share. Where that is not possible they keep the weight that
 * they would have had.
 *
 * @param root where control groups are mounted
 */
export function raiseProcessorShare(root = ROOT): void {
  try {
    if (existsSync(join(root, 'cgroup.controllers'))) {
      // Version 2: a group has the files of what is handed down to it; 100 is what one program weighs.
      writeFileSync(join(root, 'cgroup.subtree_control'), '+cpu');
      setWeight(join(root, GROUP), 'cpu.weight', 100);
    } else if (existsSync(join(root, 'cpu'))) setWeight(join(root, 'cpu', GROUP), 'cpu.shares', 1024);
  } catch {
    // Not ours to set, in a container for instance.
  }
}

function setWeight(group: string, file: string, ofProgram: number): void {
  mkdirSync(group, { recursive: true });
  writeFileSync(join(group, file), String(PROGRAMS * ofProgram));
}

/** Takes the share back from an engine that has ended: the group goes, as long as nobody else uses it. */
export function forgetProcessorShare(root = ROOT): void {
  for (const group of [join(root, GROUP), join(root, 'cpu', GROUP)]) {
    try {
      rmdirSync(group);
    } catch {
      // There is none, or it is in use.
    }
  }
}
