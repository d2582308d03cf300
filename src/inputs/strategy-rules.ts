import type { RuleContext } from './rule.ts';
import type { InputName, Inputs } from './table.ts';

/** The ways to move a service to another version, as the input `strategy` has them. */
export type StrategyName = 'rolling' | 'blue-green';

/** What holds for blue/green where the workflow says nothing. Why these: docs/judgement.md. */
export const blueGreenDefaults = {
  /** Percentages of the requests. */
  trafficSteps: [5, 25, 100],
  /** Seconds. */
  stepTime: 300,
  onInconclusive: 'proceed',
} as const;

type Given = string | number | boolean | number[] | undefined;

/** Inputs that only one strategy takes, with what says that they were given: "not given" is undefined, or false. */
const takenBy: Record<StrategyName, Partial<Record<InputName, (inputs: Inputs) => Given>>> = {
  rolling: {
    'min-healthy-percentage': ({ minHealthyPercentage }) => minHealthyPercentage,
    'max-healthy-percentage': ({ maxHealthyPercentage }) => maxHealthyPercentage,
    checkpoints: ({ checkpoints }) => checkpoints,
    'checkpoint-delay': ({ checkpointDelay }) => checkpointDelay,
  },
  'blue-green': {
    'traffic-steps': ({ trafficSteps }) => trafficSteps,
    'step-time': ({ stepTime }) => stepTime,
    'on-inconclusive': ({ onInconclusive }) => onInconclusive,
    'keep-previous': ({ keepPrevious }) => (keepPrevious ? true : undefined),
  },
};

/** Every input that says something of the strategy. */
export const strategyInputs = ['strategy', ...Object.values(takenBy).flatMap(Object.keys)] as InputName[];

function given(inputs: Inputs, strategy: StrategyName): { name: InputName; value: string }[] {
  return Object.entries(takenBy[strategy]).flatMap(([name, valueOf]) => {
    const value = valueOf(inputs);
    if (value === undefined) return [];
    return [{ name: name as InputName, value: Array.isArray(value) ? value.join(', ') : String(value) }];
  });
}

const otherThan = { rolling: 'blue-green', 'blue-green': 'rolling' } as const;

/**
 * Inputs that were given and that `strategy` has no use for: to be asked when the Terraform root has said which strategy
 * it is made for. What the inputs alone rule out is refused with them.
 */
export function inputsOfOtherStrategy(inputs: Inputs, strategy: StrategyName): InputName[] {
  return given(inputs, otherThan[strategy]).map(({ name }) => name);
}

/** The strategy as far as the inputs say it: by name, or by an input that only one takes; undefined leaves it to the root. */
export function strategySaid(inputs: Inputs): StrategyName | undefined {
  const names = ['blue-green', 'rolling'] as const;
  return inputs.strategy ?? names.find((name) => given(inputs, name).length > 0);
}

/** An input of the other strategy is a slip; where no strategy is named, so are inputs of both. */
export function checkStrategy({ reader, inputs }: RuleContext): void {
  const strategy = strategySaid(inputs);
  if (strategy === undefined) return;
  const other = otherThan[strategy];
  const but =
    inputs.strategy === undefined
      ? `${given(inputs, strategy)[0]?.name} is for ${strategy}`
      : `strategy is ${strategy}`;
  for (const { name, value } of given(inputs, other))
    reader.refuse(name, value, `leave it out: it is for ${other}, and ${but}`);
}

/** Shares of the requests rise, and end with all of them. */
export function checkTrafficSteps({ reader, inputs: { trafficSteps } }: RuleContext): void {
  if (trafficSteps === undefined) return;
  const rise = trafficSteps.every((one, index) => index === 0 || one > (trafficSteps[index - 1] ?? 0));
  if (rise && trafficSteps.at(-1) === 100) return;
  reader.refuse(
    'traffic-steps',
    trafficSteps.join(', '),
    rise
      ? 'end the list with 100: a rollout is over when every request goes to the new version (pause-at stops before)'
      : 'give percentages that rise, like 5, 25, 100',
  );
}

/** Where the inputs do not say which strategy it is, the Terraform root will: see `pauseAtAdvice`. */
export function checkPauseAt({ reader, inputs }: RuleContext): void {
  const strategy = strategySaid(inputs);
  const advice = strategy && pauseAtAdvice(inputs, strategy);
  if (advice !== undefined) reader.refuse('pause-at', String(inputs.pauseAt), advice);
}

/**
 * A rollout pauses where it stands anyway: at a step, or at a checkpoint. Without checkpoints `rolling` makes one there.
 * @returns what to give instead; undefined where nothing is wrong
 */
export function pauseAtAdvice(inputs: Inputs, strategy: StrategyName): string | undefined {
  const { pauseAt, checkpoints, trafficSteps = blueGreenDefaults.trafficSteps } = inputs;
  const [name, all] = strategy === 'rolling' ? ['checkpoints', checkpoints] : ['traffic-steps', trafficSteps];
  if (pauseAt === undefined || all === undefined) return undefined;
  const stops = all.filter((one) => one < 100);
  if (stops.includes(pauseAt)) return undefined;
  const among = stops.length > 0 ? `one of ${name} below 100 (${stops.join(', ')}), or ` : '';
  return `give ${among}${name} with ${pauseAt} among them`;
}

/** Seconds that a blue/green rollout stands at its steps before it pauses or ends; 0 steps where it may be none. */
export function standing(inputs: Inputs): { steps: number; stepTime: number } {
  const { trafficSteps = blueGreenDefaults.trafficSteps, stepTime = blueGreenDefaults.stepTime } = inputs;
  const { pauseAt = 99 } = inputs;
  const steps =
    strategySaid(inputs) === 'blue-green' ? trafficSteps.filter((one) => one <= Math.min(pauseAt, 99)) : [];
  return { steps: steps.length, stepTime };
}
