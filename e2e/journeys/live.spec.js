// A process that finishes while one watches, and the errors that a person can run into.
import { expect, listed, test } from '../lib/test.js';

test('a pending process finishes while one watches', async ({ page, signIn, clerk }) => {
  test.setTimeout(330_000); // the demo's own finish within four minutes of its start
  const watcher = await clerk('reviewer');
  await signIn('reviewer', '/processes?status=pending&status=processing&within=1d');
  const waiting = await listed(page);
  expect(waiting.length, 'the demo has pending processes that are new').toBeGreaterThan(0);
  const id = await first(waiting, async (one) => /data-status="processing"|Version 2/.test(await (await watcher.get(`/processes/${one}`)).text()));
  await page.goto(`/processes/${id}`);
  const status = page.locator('.identity [data-status]');
  await expect.poll(async () => {
    await page.reload();
    return status.getAttribute('data-status');
  }, { timeout: 280_000, intervals: [3000] }).toMatch(/^(accepted|rejected|inconclusive|canceled|failed)$/);
  await expect(page.locator('section.versions li')).not.toHaveCount(1);
  await expect(page.locator('section.versions')).toContainText(/→/);
  const { rows } = await (await clerk('auditor')).csv(`/audit.csv?process=${id}`);
  const fetched = rows.filter((r) => r.action === 'process.fetch');
  expect(fetched.length, 'each change was fetched, and recorded').toBeGreaterThan(1);
});

// first waits until one of the ids passes.
async function first(ids, passes) {
  for (const end = Date.now() + 120_000; Date.now() < end; await new Promise((r) => setTimeout(r, 3000))) {
    for (const id of ids) if (await passes(id)) return id;
  }
  throw new Error('none of the pending processes began within two minutes');
}

for (const [what, path, status] of [
  ['a malformed id', '/processes/not%20an%20id', 404],
  ['an unknown id', '/processes/00000000-0000-0000-0000-000000000000', 404],
  ['an unknown page', '/nothing/here', 404],
  ['an unknown filter value', '/processes?status=splendid', 400],
  ['an unknown filter', '/processes?colour=red', 400],
  ['a cursor of another search', '/processes?after=bm90IGEgY3Vyc29y', 400],
  ['a record that does not exist', '/audit/99999999', 404],
]) {
  test(`${what}: ${status}, and a page that says what to do`, async ({ page, signIn, watch }) => {
    watch.expect(status);
    await signIn('both');
    const answer = await page.goto(path);
    expect(answer.status()).toBe(status);
    const main = page.locator('main');
    await expect(main.getByRole('heading', { level: 1 })).toBeVisible();
    expect((await main.locator('p').allInnerTexts()).join(' ').length).toBeGreaterThan(40);
    await expect(main.locator('code'), 'a request id to tell').not.toBeEmpty();
    await main.locator('a.button').click();
    await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  });
}

test('a form from elsewhere, a foreign method and an oversized form change nothing', async ({ clerk, demo }) => {
  const reviewer = await clerk('reviewer');
  const post = (path, headers, form) => reviewer.api.post(path, { form, headers, maxRedirects: 0 });
  expect((await post('/purpose', { Origin: 'https://elsewhere.test' }, { purpose: 'alert' })).status()).toBe(403);
  expect((await post('/purpose', {}, { purpose: 'alert' })).status(), 'of unknown origin').toBe(403);
  expect((await post('/processes/search', { Origin: demo.portal }, { q: 'x'.repeat(300_000) })).status()).toBe(413);
  expect((await post('/purpose', { Origin: demo.portal }, { purpose: 'curiosity' })).status()).toBe(422);
  expect((await reviewer.api.fetch('/processes', { method: 'DELETE', headers: { Origin: demo.portal } })).status()).toBe(405);
  expect(await (await reviewer.get('/processes')).text()).toMatch(/<option value="onboarding" selected/);
});
