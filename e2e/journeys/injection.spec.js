// Strings that would make a page run or load something, from the test of the pages' markup, given to a real browser: as every
// value, name and status of an answer, as a term, as a case. Nothing runs, nothing is blocked because nothing was tried, and
// each is shown as it is.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test as base } from '../lib/test.js';

const scripts = JSON.parse(readFileSync(new URL('../../internal/handlers/testdata/scripts.json', import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'portal-injection-'));
const idOf = (i) => `hostile-${String(i).padStart(2, '0')}`;

const fields = ['firstName', 'lastName', 'lastNameSecondLine', 'dateOfBirth', 'placeOfBirth', 'gender', 'nationality', 'documentType',
  'documentNumber', 'issuingCountry', 'dateOfIssue', 'dateOfExpiry', 'personalIdentificationNumber'];

scripts.forEach((script, i) => writeFileSync(join(folder, `${idOf(i)}.json`), JSON.stringify({
  processId: idOf(i), provider: script, processType: script, status: script, createdAt: '2026-03-05T09:14:05Z', rejectedReason: script, [script]: script,
  finalResult: { ...Object.fromEntries(fields.map((name) => [name, script])), [script]: script },
  providerSpecific: { features: { firstName: script, lastName: `${script} `, mrzLine1: script, [script]: script, list: [script, { [script]: script }] }, [script]: [script] },
})));

const test = base.extend({
  demoArgs: [['--import', folder, '--processes', '10'], { option: true, scope: 'worker' }],
  personal: [async ({}, use) => use([]), { scope: 'worker' }], // words of these names stand in the portal's own addresses

  /** What ran: dialogs, and marks that a script would leave. */
  ran: async ({ page }, use) => {
    const ran = [];
    page.on('dialog', (dialog) => {
      ran.push(dialog.message());
      return dialog.dismiss();
    });
    await use(ran);
    expect(ran, 'scripts that ran').toEqual([]);
  },
});

/** The whole text of an element, as it stands in the document. */
const textOf = (locator) => locator.evaluate((e) => e.textContent);

test('nothing that comes in runs on the process page, in a fragment or in the list', async ({ page, signIn, ran }) => {
  test.setTimeout(300_000);
  await signIn('reviewer');
  for (const [i, script] of scripts.entries()) {
    await page.goto(`/processes/${idOf(i)}`);
    const shown = await textOf(page.locator('main'));
    expect(shown.split(script).length, `${script} stands on the page as it is`).toBeGreaterThan(10);
    const row = page.locator('tr[data-field=personalIdentificationNumber]');
    await row.locator('details.reveal > summary').click();
    await Promise.all([page.waitForResponse((r) => r.url().endsWith('/reveal')), row.locator('details.reveal button').first().click()]);
    await expect(row.locator('.badge')).toContainText('Revealed');
    expect(await textOf(row), `${script} revealed by a fragment`).toContain(script);
  }
  await page.goto('/processes');
  await Promise.all([page.waitForResponse((r) => r.request().headers()['hx-request'] === 'true'), page.locator('#filters input[name=status]').first().click()]);
  expect(ran).toEqual([]);
});

test('nothing that is typed runs: terms, cases, addresses', async ({ page, signIn, ran, watch }) => {
  test.setTimeout(480_000);
  watch.expect(400, 404);
  await signIn('both');
  for (const [i, script] of scripts.filter((s) => !s.includes('\n')).entries()) { // several lines are ids
    await page.locator('#q').fill(script);
    await page.getByRole('button', { name: 'Search' }).click();
    await page.waitForURL(/[?&]s=/);
    await expect(page.locator('#q')).toHaveValue(script);
    if (i % 4 === 0 && script.length <= 100) {
      await page.locator('#case').fill(script);
      await Promise.all([page.waitForResponse((r) => r.url().endsWith('/purpose')), page.locator('#case').press('Enter')]);
      await expect(page.locator('#case')).toHaveValue(script);
    }
    if (i % 4 === 2) {
      await page.goto(`/processes?status=${encodeURIComponent(script)}`);
      await expect(page.locator('main [data-status]')).toBeVisible();
    }
  }
  await page.goto('/audit?action=process.search');
  expect(ran).toEqual([]);
});
