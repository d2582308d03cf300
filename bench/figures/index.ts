import type { Figure } from '../figure.ts';
import { commands } from './commands.ts';
import { deployment, deploymentCold, deploymentWithChange } from './deployment.ts';
import { detection } from './detection.ts';
import { forecast } from './forecast.ts';
import { requests } from './requests.ts';
import { scale } from './scale.ts';
import { groupSizes } from './sizes.ts';
import { start } from './start.ts';
import { undoing } from './undo.ts';

/** In the order in which they are measured and shown. */
export const figures: Figure[] = [
  start,
  groupSizes,
  detection,
  commands,
  deployment,
  deploymentCold,
  deploymentWithChange,
  requests,
  undoing,
  forecast,
  scale,
];
