/** AWS's published models of its services, as botocore ships them beside the emulator. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** A member of a structure, or what a list or map is made of. */
export interface Member {
  shape: string;
  locationName?: string;
  /** EC2's name in a request, where it is another one. */
  queryName?: string;
}

/** A type of the model, with its constraints. */
export interface Shape {
  type: string;
  members?: Record<string, Member>;
  member?: Member;
  key?: Member;
  value?: Member;
  required?: string[];
  enum?: string[];
  min?: number;
  max?: number;
  pattern?: string;
  /** Its value is not to be shown. */
  sensitive?: boolean;
  flattened?: boolean;
  /** Of an error: its code and status where they are not the shape's name and 400. */
  error?: { code?: string; httpStatusCode?: number };
  /** Of an error: the service's fault. */
  fault?: boolean;
}

export interface ModelOperation {
  input?: { shape: string };
  output?: { shape: string; resultWrapper?: string };
  errors?: { shape: string }[];
}

/** A service as AWS publishes it. */
export interface Model {
  metadata: { protocol: string; apiVersion: string; targetPrefix?: string };
  operations: Record<string, ModelOperation>;
  shapes: Record<string, Shape>;
}

/**
 * Reads the newest version of a service's model.
 * @param folder botocore's data
 * @param service botocore's name of it: autoscaling, ecr, elbv2, ec2
 * @throws Error when there is none
 */
export function readModel(folder: string, service: string): Model {
  const version = readdirSync(join(folder, service)).sort().at(-1) ?? '';
  const packed = readFileSync(join(folder, service, version, 'service-2.json.gz'));
  const model = JSON.parse(gunzipSync(packed).toString()) as Model;
  // Most of a model is prose, which would be held for as long as the cloud is up.
  for (const shape of Object.values(model.shapes) as { documentation?: string; members?: object }[]) {
    delete shape.documentation;
    for (const member of Object.values(shape.members ?? {}) as { documentation?: string }[]) {
      delete member.documentation;
    }
  }
  return model;
}

/** A type by its name. @throws Error when the model has none, which is the model's own fault */
export function shapeOf(model: Model, name: string): Shape {
  const shape = Object.hasOwn(model.shapes, name) ? model.shapes[name] : undefined;
  if (shape === undefined) throw new Error(`the model has no shape ${name}`);
  return shape;
}

/** Where botocore keeps its models in a virtual environment; undefined where it is not installed. */
export function dataFolder(environment: string): string | undefined {
  const libraries = join(environment, 'lib');
  if (!existsSync(libraries)) return undefined;
  return readdirSync(libraries)
    .filter((name) => name.startsWith('python'))
    .map((python) => join(libraries, python, 'site-packages/botocore/data'))
    .find((folder) => existsSync(folder));
}
