// A reviewer's day, with scripts and without; afterwards an auditor finds every step of it in the trail.
import * as day from '../lib/review.js';
import { expect, test, total } from '../lib/test.js';

for (const scripted of [true, false]) {
  test.describe(scripted ? 'with scripts' : 'without scripts', () => {
    test.use({ javaScriptEnabled: scripted });

    test('a reviewer signs in, finds, opens, compares, reveals and signs out, and the trail has all of it', async ({ page, demo, signIn, clerk }) => {
      const auditor = await clerk('auditor');
      const { rows: all } = await (await clerk('both')).csv('/processes.csv?with=identity');
      const since = await auditor.newest();
      const r = new day.Reviewer(page, scripted);

      await signIn('reviewer');
      r.note('sign-in');
      await page.waitForURL('**/processes');
      r.note('process.search');
      expect(await total(page)).toBe(all.length);
      await expect(page.locator('header.top .demo')).toContainText(/invented/i);
      const name = await page.locator('.who b').innerText();

      await day.findAndNarrow(r, all);
      await day.pageThrough(r);
      await r.setPurpose('customer-request');
      r.note('process.search'); // the page that one was on is shown again
      await day.compare(r);
      await day.reveal(r, all.find((p) => p.personalIdentificationNumber !== '').process_id);
      const id = all.filter((p) => p.provider === 'onfido' && p.status === 'accepted')[scripted ? 0 : 1].process_id; // its image was never opened before
      await day.openImage(r, id);
      await day.raw(r, id);
      await day.signOut(r, demo);

      const records = await day.recordsOf(auditor, name, since);
      const told = records.map(({ action, process_id, purpose, outcome }) => ({ action, process_id, purpose, outcome }));
      expect(told).toEqual(r.did);
      for (const record of records) {
        expect(record.role, `seq ${record.seq}`).toBe('reviewer');
        if (record.action === 'process.view') expect(record.snapshot_sha256).toMatch(/^[0-9a-f]{64}$/);
      }
    });
  });
}

test('the working purpose changes in one click and stands on what follows', async ({ page, signIn, clerk }) => {
  const auditor = await clerk('auditor');
  await signIn('reviewer');
  const since = await auditor.newest();
  const picker = page.locator('form.purpose select[name=purpose]');
  await picker.selectOption('alert'); // one click: nothing else to press
  await expect(page.locator('form.purpose option[value=alert]')).toHaveAttribute('selected', '');
  await expect(picker, 'where one was, one stays').toHaveValue('alert');
  const { rows } = await auditor.csv('/audit.csv?action=process.search');
  expect(rows.filter((r) => Number(r.seq) > since && r.action === 'process.search').map((r) => r.purpose)).toEqual(['alert']);
});

/** What the synchronisation does not change between two exports: finished processes, without when Assure last had them. */
const settled = (rows) => rows.filter((r) => !['pending', 'processing'].includes(r.status) && r.version === '1').map(({ last_seen_upstream, ...rest }) => rest);

test('an export of masked persons stays masked, and one with persons says so in the trail', async ({ clerk }) => {
  const both = await clerk('both');
  const masked = await both.csv('/processes.csv');
  const open = await both.csv('/processes.csv?with=identity');
  expect(masked.rows.map((r) => r.process_id)).toEqual(open.rows.map((r) => r.process_id));
  const named = open.rows.filter((r) => r.lastName !== '');
  expect(named.length).toBeGreaterThan(100);
  for (const row of masked.rows) expect(row.lastName).toMatch(/^$|^•+.{0,2}$/u);
  const { rows } = await both.csv('/audit.csv?action=process.export&with=detail');
  expect(JSON.stringify(rows.filter((r) => r.action === 'process.export').slice(-2))).toContain('identity');
  const again = await both.csv('/processes.csv?delimiter=;');
  expect(again.rows.map((r) => r.process_id)).toEqual(masked.rows.map((r) => r.process_id));
  expect(settled(again.rows)).toEqual(settled(masked.rows));
  expect(settled(again.rows).length).toBeGreaterThan(400);
});

test('n and p lead from process to process of a list, b back to it', async ({ page, signIn }) => {
  await signIn('reviewer');
  await page.goto('/processes?status=rejected');
  const count = await total(page);
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await expect(page.getByText(`1 of ${count}`, { exact: true })).toBeVisible();
  const first = page.url();
  await page.keyboard.press('n');
  await expect(page.getByText(`2 of ${count}`, { exact: true })).toBeVisible();
  expect(page.url()).not.toBe(first);
  await page.keyboard.press('p');
  await expect(page.getByText(`1 of ${count}`, { exact: true })).toBeVisible();
  expect(page.url()).toBe(first);
  await page.keyboard.press('b');
  await page.waitForURL('**/processes?status=rejected');
});

test('c copies the id of a process, and at once again the ids behind it', async ({ page, context, signIn }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await signIn('reviewer');
  await page.goto('/processes?status=accepted');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/processes\/[0-9a-f-]{36}/);
  const ids = await page.locator('.facts [data-copy]').evaluateAll((all) => all.map((b) => b.dataset.copy));
  expect(ids.length).toBeGreaterThan(1);
  for (const id of ids.slice(0, 2)) {
    await page.keyboard.press('c');
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(id);
  }
});
