/** What one phase of a run is called, and which lock of Terraform's it may hold. */
interface PhaseFacts {
  /** The heading under which its lines are folded in the log; without one they are not folded away. */
  title?: string;
  /**
   * The Terraform state whose lock the run may hold: the environment's, or the one of terraform/bootstrap (registry and
   * roles). If the run is killed in the phase, the post step asks whether that lock is still held. `terraform init` and a
   * plan that only looks take no lock: one that is held then belongs to another run.
   */
  locks: 'environment' | 'bootstrap' | 'nothing';
}

/** Every phase of every command, in the order of the README. */
export const phases = {
  credentials: { locks: 'nothing' },
  backend: { title: 'Backend: state bucket, lock table, terraform init', locks: 'nothing' },
  image: { title: 'Image: build', locks: 'nothing' },
  registry: { title: 'Image: registry and push', locks: 'bootstrap' },
  infrastructure: { title: 'Infrastructure: terraform plan and apply', locks: 'environment' },
  plan: { title: 'Infrastructure: terraform plan', locks: 'nothing' },
  'plan-destruction': { title: 'Infrastructure: terraform plan -destroy', locks: 'environment' },
  destruction: { title: 'Infrastructure: terraform destroy', locks: 'environment' },
  look: { title: 'What is deployed', locks: 'nothing' },
  rollout: { locks: 'nothing' },
} as const satisfies Record<string, PhaseFacts>;

/** What a run is doing, as the log's timing line, the summary and the post step name it. */
export type Phase = keyof typeof phases;

/** The facts of a phase. */
export function phaseFacts(phase: Phase): PhaseFacts {
  return phases[phase];
}

/** Whether a text that was saved or read names a phase. */
export function isPhase(text: unknown): text is Phase {
  return typeof text === 'string' && Object.hasOwn(phases, text);
}

/** Where a phase comes, as the log shows them. */
export function phaseOrder(phase: Phase): number {
  return Object.keys(phases).indexOf(phase);
}
