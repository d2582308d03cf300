/**
 * Options of TF_CLI_ARGS_<command> that are the job's own business: they change neither what is planned and where its
 * state is, nor what the action reads of it. All that have a value are in `withValue`.
 * https://developer.hashicorp.com/terraform/cli/config/environment-variables#tf_cli_args-and-tf_cli_args_name
 */
const honoured: Record<string, readonly string[]> = {
  init: ['upgrade', 'reconfigure', 'get', 'plugin-dir', 'lockfile', 'input', 'no-color', 'compact-warnings'],
  plan: ['parallelism', 'refresh', 'input', 'no-color', 'compact-warnings'],
  apply: ['parallelism', 'auto-approve', 'input', 'no-color', 'compact-warnings'],
  // The command destroy plans, and applies that; this is what a job may have for terraform destroy.
  destroy: ['parallelism', 'auto-approve', 'refresh', 'input', 'no-color', 'compact-warnings'],
};
const withValue = ['plugin-dir', 'lockfile', 'parallelism'];

/** Where what an option is for belongs instead. */
const instead: Record<string, string> = {
  var: 'give the variable in terraform-variables',
  'var-file':
    'give the variables in terraform-variables, or as environments/<environment>.tfvars in the root',
  'lock-timeout': 'give lock-timeout',
  'backend-config': 'give state-bucket and lock-table',
  destroy: 'give command: destroy',
};

/**
 * What of `TF_CLI_ARGS` or `TF_CLI_ARGS_<command>` can't be had, as advice; undefined where nothing is. No value is shown.
 * @param command undefined for TF_CLI_ARGS, which Terraform adds to every command
 */
export function refusedArguments(command: string | undefined, text: string): string | undefined {
  const allowed = command === undefined ? ['no-color'] : honoured[command];
  // Commands that the action does not run, or reads by options of its own.
  if (allowed === undefined) return undefined;
  // eslint-disable-next-line security/detect-unsafe-regex -- each of its parts begins with another character
  const words = text.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  for (const [index, word] of words.entries()) {
    const name = optionIn(word);
    if (name === undefined) {
      const before = optionIn(words[index - 1] ?? '');
      if (before === undefined || !withValue.includes(before) || words[index - 1]?.includes('='))
        return 'it names something that is no option, so take that out';
    } else if (!allowed.includes(name)) {
      return `-${name} would change what the action does: ${instead[name] ?? 'take it out'}`;
    }
  }
  return undefined;
}

/** The name of an option, without its hyphens and value. */
function optionIn(word: string): string | undefined {
  return /^["']?--?([a-z][a-z-]*)/.exec(word)?.[1];
}

/** Whether Terraform's own handling of the variable is what is wanted: of commands that only read, it is not. */
export function passedOn(command: string | undefined): boolean {
  return command !== undefined && command in honoured;
}
