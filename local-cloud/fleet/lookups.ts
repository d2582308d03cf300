/** What the engine may not ask for itself: template versions and alarm states, fetched between its steps. */
import {
  activeRefresh,
  type Alarms,
  type AlarmState,
  type FleetState,
  type LaunchTemplateSpecification,
  type Templates,
  type TemplateVersion,
} from './engine/index.ts';

const keyOf = (specification: LaunchTemplateSpecification): string =>
  `${specification.LaunchTemplateId ?? specification.LaunchTemplateName ?? ''} ${specification.Version}`;

/** A numbered version never changes; `$Latest` and `$Default` may at any time. */
const isFixed = (specification: LaunchTemplateSpecification): boolean => /^\d+$/.test(specification.Version);

/** Remembers template versions and alarm states between two steps. */
export class Lookups {
  readonly #templates: Templates;
  readonly #alarms: Alarms;
  readonly #known = new Map<string, TemplateVersion>();
  readonly #asking = new Map<string, Promise<TemplateVersion>>();
  readonly #states = new Map<string, AlarmState>();

  constructor(templates: Templates, alarms: Alarms) {
    this.#templates = templates;
    this.#alarms = alarms;
  }

  template(specification: LaunchTemplateSpecification): TemplateVersion | undefined {
    return this.#known.get(keyOf(specification));
  }

  alarm(name: string): AlarmState | undefined {
    return this.#states.get(name);
  }

  /**
   * Asks anew, once for all who ask in the same breath: a thousand launches are one question. A question that is on
   * its way already is no answer, for a version may have been made since.
   * Rejects with what Templates.describe rejects with.
   */
  describe(idOrName: string, version: string): Promise<TemplateVersion> {
    const key = `${idOrName} ${version}`;
    const known = this.#asking.get(key);
    if (known !== undefined) return known;
    const asked = this.#templates.describe(idOrName, version);
    this.#asking.set(key, asked);
    queueMicrotask(() => this.#asking.delete(key));
    return asked;
  }

  /**
   * Asks anew and remembers the answer under the template's id and under its name: a group that was made by name
   * keeps the id. Rejects with what Templates.describe rejects with.
   */
  async resolve(specification: LaunchTemplateSpecification): Promise<TemplateVersion> {
    const { LaunchTemplateId, LaunchTemplateName, Version } = specification;
    const template = await this.describe(LaunchTemplateId ?? LaunchTemplateName ?? '', Version);
    this.#known.set(keyOf(specification), template);
    this.#known.set(keyOf({ LaunchTemplateId: template.id, Version }), template);
    this.#known.set(keyOf({ LaunchTemplateName: template.name, Version }), template);
    return template;
  }

  /** Asks anew and remembers: what a refresh was allowed to start on is what the engine sees first. */
  async readAlarm(name: string): Promise<AlarmState | undefined> {
    const state = await this.#alarms.state(name);
    if (state !== undefined) this.#states.set(name, state);
    return state;
  }

  /** Brings everything up to date that a group depends on now. What can't be had keeps its last value. */
  async refresh(state: FleetState): Promise<void> {
    const specifications = new Map<string, LaunchTemplateSpecification>();
    const alarms = new Set<string>();
    for (const group of state.groups.values()) {
      const refresh = activeRefresh(group);
      for (const configuration of [group.settings.configuration, refresh?.desiredConfiguration]) {
        const specification = configuration?.launchTemplate;
        if (specification) specifications.set(keyOf(specification), specification);
      }
      for (const alarm of refresh?.preferences.alarms ?? []) alarms.add(alarm);
    }
    const stale = [...specifications.values()].filter(
      (specification) => !isFixed(specification) || this.template(specification) === undefined,
    );
    await Promise.allSettled([
      ...stale.map((specification) => this.resolve(specification)),
      ...[...alarms].map((name) => this.readAlarm(name)),
    ]);
  }
}
