/** Which permissions were used, so that a test can tell which of those that are granted nobody needs. */

/** A permission that let a call through. */
export interface UsedPermission {
  /** ARN of the role or user. */
  identity: string;
  action: string;
  resource: string;
}

/** Every permission that was used, once. */
export class Usage {
  readonly #used = new Map<string, UsedPermission>();

  add(permission: UsedPermission): void {
    const { identity, action, resource } = permission;
    this.#used.set(`${identity} ${action} ${resource}`, permission);
  }

  list(): UsedPermission[] {
    return [...this.#used.values()];
  }
}
