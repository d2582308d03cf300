/**
 * What was asked for, as it was asked: for the line that a person sees before anything is loaded or checked.
 * Control characters are left out, so that an input can't be a workflow command.
 */
export function asked(environment: NodeJS.ProcessEnv): {
  command: string;
  application: string;
  environment: string;
} {
  const given = (name: string) =>
    [...(environment[`INPUT_${name}`] ?? '').trim()]
      .filter((character) => character >= ' ')
      .join('')
      .slice(0, 60);
  return {
    command: given('COMMAND') || 'deploy',
    application: given('APPLICATION'),
    environment: given('ENVIRONMENT'),
  };
}

export function firstLine(environment: NodeJS.ProcessEnv): string {
  const words = Object.values(asked(environment)).filter((word) => word !== '');
  const commit = /^[0-9a-f]{7}/.exec(environment.GITHUB_SHA ?? '')?.[0];
  return `asg-deploy: ${words.join(' ')}${commit === undefined ? '' : ` (commit ${commit})`}`;
}
