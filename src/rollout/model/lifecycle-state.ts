import type { LifecycleState } from '@aws-sdk/client-auto-scaling';

/** What an instance in a lifecycle state is to its group, and how that is said. */
interface Meaning {
  /**
   * `coming`: it will serve. `held`: a launch hook holds it. `serving`: in service, as far as Auto Scaling knows.
   * `aside`: somebody put it aside. `changing`: it is in the group and is being given another root volume. `leaving`: it
   * counts for nothing any more. `retained`: neither, and it stays until somebody ends it. `pooled`: in the warm pool.
   */
  kind: 'coming' | 'held' | 'serving' | 'aside' | 'changing' | 'leaving' | 'retained' | 'pooled';
  words: string;
}

const starting: Meaning = { kind: 'coming', words: 'starting' };
const leaving: Meaning = { kind: 'leaving', words: 'gone' };
const aside: Meaning = { kind: 'aside', words: 'in Standby' };
const changing: Meaning = { kind: 'changing', words: 'its root volume is being replaced' };
const retained: Meaning = { kind: 'retained', words: 'kept by the instance lifecycle policy' };
const pooled: Meaning = { kind: 'pooled', words: 'in the warm pool' };

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Instance.html, LifecycleState */
const meanings: Record<LifecycleState, Meaning> = {
  Pending: starting,
  'Pending:Wait': { kind: 'held', words: 'held by a launch hook' },
  'Pending:Proceed': starting,
  // AWS says that it is not used.
  Quarantined: starting,
  InService: { kind: 'serving', words: 'in service' },
  EnteringStandby: aside,
  Standby: aside,
  Terminating: leaving,
  'Terminating:Wait': leaving,
  'Terminating:Proceed': leaving,
  'Terminating:Retained': retained,
  Terminated: leaving,
  Detaching: leaving,
  Detached: leaving,
  ReplacingRootVolume: changing,
  'ReplacingRootVolume:Wait': changing,
  'ReplacingRootVolume:Proceed': changing,
  RootVolumeReplaced: { kind: 'changing', words: 'starting from another root volume' },
  'Warmed:Pending': pooled,
  'Warmed:Pending:Wait': pooled,
  'Warmed:Pending:Proceed': pooled,
  'Warmed:Pending:Retained': retained,
  'Warmed:Terminating': leaving,
  'Warmed:Terminating:Wait': leaving,
  'Warmed:Terminating:Proceed': leaving,
  'Warmed:Terminating:Retained': retained,
  'Warmed:Terminated': leaving,
  'Warmed:Stopped': pooled,
  'Warmed:Running': pooled,
  'Warmed:Hibernated': pooled,
};

/** What a lifecycle state means; one that AWS adds later is told by AWS's own word, and leaves if that says so. */
export function lifecycleMeaning(state: string): Meaning {
  if (isKnown(state)) return meanings[state];
  return { kind: state.startsWith('Terminat') ? 'leaving' : 'coming', words: state };
}

function isKnown(state: string): state is LifecycleState {
  return Object.hasOwn(meanings, state);
}
