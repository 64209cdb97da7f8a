// What every journey starts from: a running demo, a browser context that is watched, people who sign in.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, request, test as base } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { parseCSV } from './csv.js';
import { people, startDemo } from './demo.js';
import { Watch } from './watch.js';

export { expect };

export const test = base.extend({
  /** Flags of the demo besides its address; a file that sets others gets a demo of its own. */
  demoArgs: [[], { option: true, scope: 'worker' }],

  demo: [
    async ({ demoArgs }, use) => {
      const demo = await startDemo(demoArgs);
      await use(demo);
      await demo.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],

  /** Parts of every name and every number that the demo holds, to be found in no address and no title. */
  personal: [
    async ({ demo }, use) => {
      const clerk = await clerkOf(demo, 'both');
      const { rows } = await clerk.csv('/processes.csv?with=identity');
      await clerk.end();
      const words = rows.flatMap((r) => [...`${r.firstName} ${r.lastName} ${r.lastNameSecondLine}`.split(/[^\p{L}]+/u), r.documentNumber, r.personalIdentificationNumber]);
      const personal = [...new Set(words)].filter((w) => w.length >= 4 && !w.includes('•'));
      if (personal.length < 100) throw new Error(`only ${personal.length} personal words in the whole demo: the watch would watch nothing`);
      await use(personal);
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  baseURL: async ({ demo }, use) => use(demo.portal),

  watch: [
    async ({ context, personal }, use) => {
      const watch = new Watch(context);
      await watch.ready;
      watch.personal(...personal);
      await use(watch);
      expect(watch.broken, 'rules that hold on every page').toEqual([]);
    },
    { auto: true },
  ],

  /** signIn('auditor') opens the portal's page of that person, through the demo's identity provider. */
  signIn: async ({ page, demo }, use) => use((name, at = '/') => signIn(page, demo, name, at)),

  /** clerk('auditor') is that person without a browser: requests with a session of their own. */
  clerk: async ({ demo }, use) => {
    const all = [];
    await use(async (name) => {
      all.push(await clerkOf(demo, name));
      return all.at(-1);
    });
    for (const c of all) await c.end();
  },
});

async function signIn(page, demo, name, at) {
  await page.goto(at);
  expect(new URL(page.url()).origin, 'a person without a session is sent to the identity provider').toBe(new URL(demo.idp).origin);
  await page.locator('input[name=username]').fill(people[name]);
  await page.locator('button[type=submit]').click();
  await page.waitForURL((url) => url.origin === new URL(demo.portal).origin && url.pathname !== '/auth/callback');
}

async function clerkOf(demo, name) {
  const api = await request.newContext({ baseURL: demo.portal });
  const form = await api.get('/auth/login');
  const id = /name="id" value="([^"]+)"/.exec(await form.text());
  if (!id) throw new Error(`the identity provider shows no form: ${form.status()}`);
  const provider = new URL(form.url()).origin;
  const done = await api.post(`${provider}/sign-in`, { form: { id: id[1], username: people[name] }, headers: { Origin: provider } });
  if (!done.ok()) throw new Error(`${name} cannot sign in: ${done.status()}`);
  return {
    api,
    get: (path, options) => api.get(path, { maxRedirects: 0, ...options }),
    post: (path, form) => api.post(path, { form, maxRedirects: 0, headers: { Origin: demo.portal } }),
    async csv(path) {
      const answer = await api.get(path);
      if (answer.status() !== 200) throw new Error(`${path}: ${answer.status()}`);
      return parseCSV(await answer.body(), new URL(path, demo.portal).searchParams.get('delimiter') ?? ',');
    },
    /** The newest seq of the trail: what happens later has a higher one. */
    async newest() {
      const { rows } = await this.csv('/audit.csv?action=audit.export');
      return Number(rows.at(-1).seq);
    },
    end: () => api.dispose(),
  };
}

/** Downloads what a click offers and parses it as CSV. */
export async function downloadCSV(page, click) {
  const [download] = await Promise.all([page.waitForEvent('download'), click()]);
  return { name: download.suggestedFilename(), ...parseCSV(await readFile(await download.path())) };
}

/**
 * axe-core with all its rules in light, and in dark with those that look at colours: nothing else differs between the two.
 * Without preload: it would add style elements, which the policy refuses, for a rule that is off by default.
 */
export async function expectAccessible(page, where = page.url()) {
  for (const [colorScheme, rules] of [['light', {}], ['dark', { runOnly: ['color-contrast', 'link-in-text-block'] }]]) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).options({ preload: false, ...rules }).analyze();
    const told = violations.flatMap((v) => v.nodes.map((n) => `${v.id} (${v.help}) at ${n.target.join(' ')}: ${n.failureSummary}`));
    expect(told, `${where}, ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: null });
}

/** The page's total as digits. */
export async function total(page) {
  return Number((await page.locator('[data-total]').first().innerText()).replace('+', ''));
}

/** Ids of the processes that a result page lists, in order. */
export function listed(page) {
  return page.locator('tr[data-process]').evaluateAll((rows) => rows.map((r) => r.dataset.process));
}
