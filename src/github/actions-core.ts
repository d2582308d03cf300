import type * as core from '@actions/core';

/** What the action uses of @actions/core, which is loaded only after the first line is out: it weighs 38 ms. */
export type Toolkit = Pick<
  typeof core,
  | 'info'
  | 'debug'
  | 'warning'
  | 'error'
  | 'notice'
  | 'setSecret'
  | 'setOutput'
  | 'saveState'
  | 'startGroup'
  | 'endGroup'
> & { summary: { addRaw: (text: string) => { write: () => Promise<unknown> } } };

/** @actions/core itself. */
export async function loadToolkit(): Promise<Toolkit> {
  return import('@actions/core');
}
