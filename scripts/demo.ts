/**
 * `npm run demo [-- --keep] [--port N]`: deploys the sample application three times onto the local cloud, as GitHub's runner
 * would, and shows what happened. Ends with 0 only when everything that it promises was seen.
 */
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { DEFAULT_PORT } from '../local-cloud/cloud/index.ts';
import { ensureProviderMirror, ensureTerraform } from '../local-cloud/setup/index.ts';
import { cloudDown, cloudUp } from './demo/cloud.ts';
import type { CloudDescription } from './demo/cloud.ts';
import { deployVersion } from './demo/deployment.ts';
import type { Demo } from './demo/deployment.ts';
import { judge } from './demo/expectations.ts';
import type { DemoRun } from './demo/expectations.ts';
import { renderExpectations, renderTable } from './demo/table.ts';
import { createRepository, demoVersions } from './demo/versions.ts';
import { interruptible } from './interruptible.ts';

const introductions = {
  1: 'Version 1: a first deployment, with nothing there yet',
  2: 'Version 2: replaces every instance while requests keep coming',
  3: 'Version 3: is never healthy, so it has to be stopped and rolled back',
};

function parseOptions(): { keep: boolean; port: string } {
  try {
    const { values } = parseArgs({
      options: {
        keep: { type: 'boolean', default: false },
        port: { type: 'string', default: String(DEFAULT_PORT) },
      },
    });
    return values;
  } catch (error) {
    console.error(`${(error as Error).message}\nusage: npm run demo [-- --keep] [--port N]`);
    process.exit(2);
  }
}

async function runVersions(demo: Demo): Promise<DemoRun[]> {
  const runs: DemoRun[] = [];
  for (const version of demoVersions) {
    console.log(`\n━━ ${introductions[version.number]}\n`);
    const run = await deployVersion(demo, version);
    runs.push(run);
    // Without a version 1 there is nothing that the others could show.
    if (version.number === 1 && run.step.conclusion !== 'success') break;
  }
  return runs;
}

/** @returns whether everything promised was seen */
function report(runs: DemoRun[], seconds: number): boolean {
  const expectations = judge(runs);
  const met = runs.length === demoVersions.length && expectations.every((expectation) => expectation.met);
  console.log(`\n━━ What happened\n\n${renderTable(runs)}\n\n${renderExpectations(expectations)}\n`);
  console.log(
    `${met ? 'Everything was as promised' : 'NOT everything was as promised'}, in ${Math.round(seconds)} s.`,
  );
  return met;
}

function explainKeep(cloud: CloudDescription, url: string | undefined): void {
  const variables = Object.entries(cloud.environment).map(([name, value]) => `  export ${name}=${value}`);
  console.log(`\nThe local cloud is still up. Open ${url ?? 'nothing: version 1 has no address'}`);
  console.log(`To look at it in a browser: ${cloud.endpoint}/_local/`);
  console.log(`To point any AWS client at it:\n${variables.join('\n')}`);
  console.log('To take it down: npm run local-cloud -- down');
}

async function main(): Promise<number> {
  const { keep, port } = parseOptions();
  const signal = interruptible();
  const start = performance.now();
  let repository: string | undefined;
  let kept = false;
  try {
    console.log('━━ The local cloud');
    await ensureTerraform();
    await ensureProviderMirror((line) => console.error(line));
    const cloud = await cloudUp(port, { signal });
    repository = await createRepository();
    const demo: Demo = { cloud, repository, signal, show: (line) => console.log(`  ${line}`) };
    const met = report(await runVersions(demo), (performance.now() - start) / 1000);
    if (keep) {
      explainKeep(cloud, demo.url);
      kept = true;
    }
    return met ? 0 : 1;
  } catch (error) {
    console.error(`\nThe demo ended early: ${error instanceof Error ? error.message : String(error)}`);
    return signal.aborted ? 130 : 1;
  } finally {
    if (repository !== undefined) await rm(repository, { recursive: true, force: true });
    if (!kept) await cloudDown(port);
  }
}

process.exitCode = await main();
