import type { InputReader } from './reader.ts';

const key = String.raw`(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?`;
const name = String.raw`[A-Za-z_][\w-]*`;
/** https://developer.hashicorp.com/terraform/cli/state/resource-addressing */
// eslint-disable-next-line security/detect-non-literal-regexp -- made of the two above
const address = new RegExp(
  `^(?:module\\.${name}${key}\\.)*(?!(?:data|module|var|local|output|ephemeral)\\.)${name}\\.${name}${key}$`,
);
// eslint-disable-next-line security/detect-unsafe-regex -- its parts begin with _, which none of them holds
const resourceType = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)+$/;

/**
 * Resources that a plan may take away: addresses as Terraform shows them, or types, with commas or one a line. A comma
 * in the key of an address (`aws_s3_bucket.logs["a,b"]`) is part of it.
 */
export function parseAllowDestroy(reader: InputReader, input: string): string[] {
  // eslint-disable-next-line security/detect-unsafe-regex -- a quotation and what is none begin differently
  const entries = (reader.text(input) ?? '').match(/(?:"(?:[^"\\\n]|\\.)*"|[^,\n])+/g) ?? [];
  const given = [...new Set(entries.map((entry) => entry.trim()).filter((entry) => entry !== ''))];
  for (const entry of given.filter((one) => !address.test(one) && !resourceType.test(one)))
    reader.refuse(
      input,
      entry,
      'give the address of a resource, like aws_db_instance.main[0], or a type, like aws_launch_template',
    );
  return given;
}
