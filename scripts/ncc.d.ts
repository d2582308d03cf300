/** @vercel/ncc has no types of its own; this is what the build uses of it. */
declare module '@vercel/ncc' {
  interface Options {
    cache: boolean;
    quiet: boolean;
    esm: boolean;
    license: string;
    target: string;
    mainFields: string[];
  }
  interface Result {
    code: string;
    assets: Record<string, { source: string | Buffer }>;
  }
  export default function ncc(entry: string, options: Options): Promise<Result>;
}
