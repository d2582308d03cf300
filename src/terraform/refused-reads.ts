import type { Diagnostic } from './events.ts';

/**
 * What a role may not read of what is there, as AWS names it: `ssm:GetParameter`. A role that only plans is to read no
 * secrets, and Terraform's provider reads a parameter with its value. Empty where an error is about anything else. Pure.
 *
 * @param errors all errors of a plan
 */
export function refusedReads(errors: readonly Diagnostic[]): string[] {
  const actions = errors.map(({ summary, detail = '' }) => {
    const text = `${summary}\n${detail}`;
    if (!/AccessDenied|UnauthorizedOperation|AuthorizationError|\b403\b/.test(text)) return undefined;
    const [, action] = /not authorized to perform:?\s+([\w-]+:\w+)/.exec(text) ?? [];
    return action ?? summary;
  });
  if (actions.length === 0 || actions.includes(undefined)) return [];
  return [...new Set(actions.flatMap((action) => action ?? []))].toSorted();
}
