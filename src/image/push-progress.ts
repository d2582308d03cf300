import { duration } from '../core/index.ts';

/** Seconds between two lines while a push goes on. */
export const pushHeartbeatSeconds = 15;

/**
 * Counts the layers of a push by what docker writes without a terminal, one line for each change: "5f70bf18a086: Pushed".
 * `line` gives the sentence for a push that has lasted so many seconds.
 */
export function createPushProgress(): { take: (line: string) => void; line: (seconds: number) => string } {
  const layers = new Map<string, boolean>();
  return {
    take: (line) => {
      const [, layer, state = ''] = /^([0-9a-f]{12}): (.*)$/.exec(line.trim()) ?? [];
      if (layer === undefined) return;
      layers.set(layer, /^(Pushed|Layer already exists|Mounted from)/.test(state));
    },
    line: (seconds) => {
      const there = [...layers.values()].filter((isThere) => isThere).length;
      const count = layers.size === 0 ? '' : `, ${there} of ${layers.size} layers are there`;
      return `  pushing for ${duration(seconds)}${count}`;
    },
  };
}
