// A process that finishes while one watches.
import { expect, listed, test } from '../lib/test.js';

test.use({ demoArgs: ['--seed', '2'] }); // a demo that has just started: its pending processes finish within four minutes

test('a pending process finishes while one watches', async ({ page, signIn, clerk }) => {
  test.setTimeout(330_000);
  const watcher = await clerk('reviewer');
  await signIn('reviewer', '/processes?status=pending');
  const waiting = (await listed(page)).slice(0, 8); // some of the newest begin within a minute
  const id = await first(waiting, async (one) => /Version 2/.test(await (await watcher.get(`/processes/${one}`)).text()));
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
