import type { Inputs } from './parsed.ts';
import type { InputReader } from './reader.ts';

/** What one command alone needs or takes. */
export function checkCommand(reader: InputReader, inputs: Inputs): void {
  const { command, application, environment, templateVersion, confirmDestroy } = inputs;
  const fine = reader.isFine('template-version');
  if (fine && templateVersion !== undefined && command !== 'rollback') {
    reader.refuse('template-version', String(templateVersion), 'leave it out: only rollback takes it');
  } else if (fine && templateVersion !== undefined && inputs.image !== undefined) {
    reader.refuse(
      'template-version',
      String(templateVersion),
      'give either template-version or image, not both: each names what to go back to',
    );
  }
  if (!reader.isFine('command', 'application', 'environment')) return;
  const name = `${application}-${environment}`;
  if (command === 'destroy' && confirmDestroy !== name) {
    reader.refuse(
      'confirm-destroy',
      confirmDestroy ?? '',
      `write ${name} to take ${environment} of ${application} down: load balancer, instances, database and all`,
    );
  } else if (command !== 'destroy' && confirmDestroy !== undefined) {
    reader.refuse('confirm-destroy', confirmDestroy, 'leave it out: only destroy takes it');
  }
}
