// A process that was accepted and is rejected a little later, against the rule: what changed, for a reader without scripts too.
import { expect, expectAccessible, test } from '../lib/test.js';

test.use({ demoArgs: ['--seed', '3'] }); // a demo that has just started: the status changes within two minutes

for (const scripted of [true, false]) {
  test.describe(scripted ? 'with scripts' : 'without scripts', () => {
    test.use({ javaScriptEnabled: scripted });

    test('a final status that changes is found, and its versions are compared', async ({ page, signIn, clerk }) => {
      test.setTimeout(300_000);
      const auditor = await clerk('auditor');
      await signIn('reviewer');
      await expect.poll(async () => {
        await page.goto('/processes?finding=final-status-changed');
        return page.locator('tr[data-process]').count();
      }, { timeout: 200_000, intervals: [3000] }).toBe(1);
      await page.locator('tr[data-process] a').first().click();
      await expect(page.locator('[data-finding=final-status-changed][data-severity=bad]')).toContainText('it was accepted, and a later version says rejected');
      const since = await auditor.newest();

      await page.locator('nav.tabs a', { hasText: 'Changes' }).click();
      await expect(page.locator('nav.tabs [aria-current=page]')).toHaveText('Changes');
      const versions = page.locator('[data-version]');
      await expect(versions).toHaveCount(2);
      await expect(versions.first().locator('time')).toContainText('UTC');
      await expect(page.locator('.notice').first()).toContainText('Status: accepted → rejected');
      await expect(page.locator('tr[data-change]').first()).toHaveAttribute('data-pointer', '/status');
      await expect(page.locator('tr[data-change=removed][data-field=firstName]')).toHaveCount(1);
      if (scripted) await expectAccessible(page);

      await page.locator('select[name=since]').selectOption('1'); // any two can be compared
      await page.locator('form.choose-versions button').click();
      await expect(page.locator('.notice').first()).toContainText('Status: pending → rejected');
      await page.locator('a[data-go=back]').click();
      await expect(page.locator('.identity h1')).toBeVisible();

      const id = new URL(page.url()).pathname.split('/').at(-1);
      const { rows } = await auditor.csv(`/audit.csv?process=${id}&with=detail`);
      const seen = rows.filter((r) => Number(r.seq) > since && r.action === 'process.view');
      expect(seen.map((r) => r.version), 'one record for each page').toEqual(['3', '3', '3']);
      expect(seen.map((r) => JSON.parse(r.detail || '{}').facts?.beside_version), 'which names the other version').toEqual(['2', '1', undefined]);
      expect(JSON.parse(seen[0].detail).facts.beside_sha256).toMatch(/^[0-9a-f]{64}$/);
    });
  });
}

test('a process with one version says so, and a masked reader sees no value', async ({ page, signIn, clerk }) => {
  const { rows } = await (await clerk('both')).csv('/processes.csv?with=identity');
  const one = rows.find((r) => r.version === '1' && r.status === 'accepted' && r.lastName !== '');
  await signIn('auditor', `/processes/${one.process_id}/changes`);
  await expect(page.locator('.changes .body')).toContainText('The portal holds one version of this process');
  await expect(page.locator('.changes form')).toHaveCount(0);
  expect(await page.content()).not.toContain(one.lastName);
});

test('a number of somebody else leads to the other process', async ({ page, signIn, clerk }) => {
  const { rows } = await (await clerk('both')).csv('/processes.csv?with=identity');
  const numbers = Map.groupBy(rows.filter((r) => r.documentNumber !== ''), (r) => `${r.issuingCountry} ${r.documentNumber}`);
  const shared = [...numbers.values()].filter((g) => new Set(g.map((r) => r.dateOfBirth)).size > 1); // names are spelled in several ways
  expect(shared, 'the demo has one such number').toHaveLength(1);
  const [one, other] = shared[0].filter((r, i, all) => all.findIndex((o) => o.dateOfBirth === r.dateOfBirth) === i);
  await signIn('reviewer', `/processes/${one.process_id}`);
  const finding = page.locator('[data-finding=number-repeated]').first();
  await expect(finding).toContainText('in another process');
  expect(await finding.innerText()).not.toContain(other.lastName);
  await finding.locator('a').click();
  await expect(page.locator('[data-finding=number-repeated]').first()).toBeVisible();
  expect(shared[0].map((r) => r.process_id)).toContain(new URL(page.url()).pathname.split('/').at(-1));
});
