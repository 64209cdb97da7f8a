// What each person of the demo meets, and what each never meets: a link that refuses its reader.
import { expect, listed, test } from '../lib/test.js';

const start = { reviewer: '/processes', auditor: '/processes', inspector: '/processes', both: '/processes', admin: '/admin' };
const nav = {
  reviewer: ['Processes', 'Completeness'],
  auditor: ['Processes', 'Completeness', 'Audit trail'],
  inspector: ['Processes', 'Completeness', 'Audit trail'],
  both: ['Processes', 'Completeness', 'Audit trail'],
  admin: ['Completeness', 'Administration'],
};

test('the demo prints its addresses and its people', async ({ demo }) => {
  expect(demo.raw.at(-1)).toBe('ready');
  for (const line of ['portal', 'idp', 'assure', 'token']) expect(new URL(demo[line]).hostname, line).toBe('127.0.0.1');
  expect(demo.users['both@demo.test']).toEqual(['reviewer', 'auditor']);
  expect(demo.users['nobody@demo.test'] ?? []).not.toContain('reviewer');
  expect(Object.keys(demo.users).length).toBe(6);
});

for (const name of Object.keys(start)) {
  test(`${name}: lands on the page of the role, and no link on any page refuses`, async ({ page, signIn, clerk, demo }) => {
    await signIn(name);
    await page.waitForURL(`**${start[name]}`);
    const shown = await page.getByRole('navigation', { name: 'Main' }).getByRole('link').allInnerTexts();
    expect(shown.map((t) => t.trim())).toEqual(nav[name]);
    expect(await crawl(page, await clerk(name), demo.portal)).toEqual([]);
  });
}

// crawl follows each kind of link once or twice, and reports every answer that is neither a page nor a redirect to one.
async function crawl(page, clerk, portal) {
  const queue = [new URL(page.url()).pathname];
  const seen = new Map(); // kind of address -> how many were opened
  const bad = [];
  for (let opened = 0; queue.length && opened < 120; opened++) {
    const path = queue.shift();
    const answer = await clerk.api.get(path);
    if (answer.status() !== 200) bad.push(`${path}: ${answer.status()}`);
    if (!/text\/html/.test(answer.headers()['content-type'] ?? '')) continue;
    for (const [, href] of (await answer.text()).matchAll(/<a\b[^>]*?\shref="([^"]+)"/g)) {
      const url = new URL(href.replaceAll('&amp;', '&'), portal + path);
      if (url.origin !== portal || url.href.includes('#')) continue;
      const kind = url.pathname.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, '{id}').replace(/\d+/g, 'N') + [...url.searchParams.keys()].sort();
      if ((seen.get(kind) ?? 0) >= 2) continue;
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
      queue.push(url.pathname + url.search);
    }
  }
  expect(seen.size, 'links found').toBeGreaterThan(3);
  return bad;
}

test('nobody: a person without a role gets a page and no session', async ({ page, demo, watch, clerk, context }) => {
  watch.expect(403);
  const auditor = await clerk('auditor');
  const since = await auditor.newest();
  await page.goto('/');
  await page.locator('input[name=username]').fill('nobody@demo.test');
  const [answer] = await Promise.all([
    page.waitForResponse((r) => new URL(r.url()).pathname === '/auth/callback'),
    page.locator('button[type=submit]').click(),
  ]);
  expect(answer.status()).toBe(403);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.locator('main')).toContainText(/role/i);
  const session = (await context.cookies(demo.portal)).filter((c) => c.name === 'portal_session' && c.value !== '');
  expect(session, 'no session').toEqual([]);
  await page.goto('/processes');
  expect(new URL(page.url()).origin).toBe(new URL(demo.idp).origin);
  const { rows } = await auditor.csv('/audit.csv?action=sign-in.refused');
  expect(rows.filter((r) => Number(r.seq) > since && r.action === 'sign-in.refused').map((r) => r.outcome)).toEqual(['refused']);
});

test('an inspector reads masked, and opens a field, an image and the raw answer for a purpose', async ({ page, signIn, clerk }) => {
  const { rows } = await (await clerk('both')).csv('/processes.csv?with=identity');
  const person = rows.find((r) => r.provider === 'onfido' && r.status === 'accepted' && r.lastName.length > 4);
  await signIn('inspector', `/processes/${person.process_id}`);
  const row = page.locator('tr[data-field=lastName]');
  await expect(row.locator('td .value').first()).toContainText('•');
  await row.locator('details.reveal > summary').click();
  await row.locator('button[type=submit]').click();
  await expect(row.locator('td .value').first()).toHaveText(person.lastName);
  await expect(page.locator('tr[data-field=firstName] td .value').first(), 'that one field and no other').toContainText('•');
  await expect(page.locator('form.refresh'), 'an inspector never asks Assure again').toHaveCount(0);
  expect(await page.locator('section.images a').count()).toBeGreaterThan(0);
  await page.goto(`/processes/${person.process_id}/raw`);
  await page.getByRole('button', { name: /open the raw json/i }).click();
  await page.waitForURL('**/raw');
  await expect(page.locator('body')).toContainText('"processId"');
  const raw = JSON.parse(await page.locator('body').innerText()); // as received, which may spell letters by their number
  expect(raw.finalResult.lastName).toBe(person.lastName);
});

test('an admin sees how the portal does and nothing personal', async ({ page, signIn, watch, clerk }) => {
  watch.expect(403);
  await signIn('admin');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Administration');
  await expect(page.locator('form[action="/processes/search"]'), 'no search that would be refused').toHaveCount(0);
  for (const path of ['/processes', '/audit', '/processes.csv', '/audit.csv']) {
    const answer = await (await clerk('admin')).get(path);
    expect(answer.status(), path).toBe(403);
    expect(answer.headers()['content-type']).toContain('text/html');
  }
});

test('an admin ends the session of a colleague', async ({ page, signIn, clerk }) => {
  const colleague = await clerk('reviewer');
  expect((await colleague.get('/processes')).status()).toBe(200);
  await signIn('admin');
  const ends = page.locator('tr[data-session] form');
  for (let left = await ends.count(); left > 0; left = await ends.count()) {
    await ends.first().getByRole('button', { name: /^End(?! all)/ }).click();
    await expect(ends).toHaveCount(left - 1);
  }
  expect((await colleague.get('/processes')).status(), 'the ended session opens nothing').toBe(303);
});

test('who holds two roles has the rights of both', async ({ page, signIn }) => {
  await signIn('both', '/processes?status=accepted');
  const [id] = await listed(page);
  await page.goto(`/processes/${id}`);
  await expect(page.getByRole('link', { name: 'Who saw this person?' })).toBeVisible();
  await expect(page.locator('form.refresh button')).toBeVisible();
  await page.locator('form.refresh button').click();
  await page.waitForURL(`**/processes/${id}`);
  await page.goto(`/audit?process=${id}`);
  await expect(page.locator('tr[data-action="process.refresh"]')).toHaveCount(2); // one before it, one after
});
