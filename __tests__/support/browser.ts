/** A real browser, for pages: the machine's own, which the set-up of the tests has installed. */
import { afterAll, beforeAll, describe } from '@jest/globals';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findProgram } from '../../local-cloud/setup/index.ts';

const executablePath = findProgram('chromium');

/** A suite that needs one. */
export const suiteWithBrowser =
  executablePath === undefined
    ? (name: string, tests: () => void) => describe.skip(`${name} (skipped: no Chromium)`, tests)
    : describe;

/** A browser for all tests of a suite. */
export class BrowserOfTests {
  #browser: Browser | undefined;

  constructor() {
    beforeAll(async () => {
      this.#browser = await chromium.launch({ executablePath });
    });
    afterAll(async () => this.#browser?.close());
  }

  /** A page, and what its console says from then on. */
  async open(address: string, options: BrowserContextOptions = {}): Promise<{ page: Page; said: string[] }> {
    if (this.#browser === undefined) throw new Error('the browser has not been started');
    const page = await this.#browser.newPage(options);
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', ({ message }) => said.push(message));
    await page.goto(address);
    return { page, said };
  }
}

/** What axe has against a page, as `rule: elements`. It comes past the page's policy, which stays as it is. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run({ resultTypes: ['violations'] }),
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
