import type { Toolkit } from '../../src/github/actions-core.ts';

/** A toolkit that keeps what is said, and does nothing else. */
export function fakeToolkit({ infos, warnings }: { infos: string[]; warnings: string[] }): Toolkit {
  const nothing = () => undefined;
  return {
    info: (text) => void infos.push(text),
    warning: (text) => void warnings.push(String(text)),
    ...{ debug: nothing, error: nothing, notice: nothing, setSecret: nothing, setOutput: nothing },
    ...{ saveState: nothing, startGroup: nothing, endGroup: nothing },
    summary: { addRaw: () => ({ write: async () => undefined }) },
  };
}
