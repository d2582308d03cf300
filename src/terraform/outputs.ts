/** Outputs as `terraform output -json` prints them and a state file holds them. */
export type Outputs = Record<string, { value: unknown; sensitive?: boolean }>;

/** The values of the outputs that are not sensitive, by name. */
export function readableOutputs(outputs: Outputs): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(outputs).flatMap(([name, { value, sensitive }]) =>
      sensitive === true ? [] : [[name, value]],
    ),
  );
}
