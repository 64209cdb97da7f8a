// An id that is not held can be asked for at Assure, with its dossier.
import { expect, expectAccessible, test } from '../lib/test.js';

const unknown = '0f6f1f2e-5b0e-4c39-9d58-1c7a37f0a001';

for (const scripts of [true, false]) {
  test.describe(scripts ? 'with scripts' : 'without scripts', () => {
    test.use({ javaScriptEnabled: scripts });

    test('a search for an id that is not held leads to Assure, which knows it neither', async ({ page, signIn, clerk, watch }) => {
      watch.expect(404);
      await signIn('reviewer', '/processes');
      await page.locator('[name=q]').fill(unknown);
      await page.getByRole('button', { name: 'Search', exact: true }).click();
      await page.waitForURL(/[?&]s=/);
      const form = page.locator('form[action="/processes/ask"]');
      await expect(form.getByLabel('Process id')).toHaveValue(unknown);
      if (scripts) await expectAccessible(page, 'nothing found for an id');
      await form.getByLabel('Dossier id').fill('0f6f1f2e-5b0e-4c39-9d58-1c7a37f0d001');
      await form.getByRole('button', { name: 'Ask Assure for it' }).click();
      await expect(form.getByRole('alert')).toContainText('Assure has no such process in that dossier.');
      await expect(form.getByLabel('Process id')).toHaveValue(unknown);
      if (scripts) await expectAccessible(page, 'Assure has no such process');
      const { rows } = await (await clerk('auditor')).csv(`/audit.csv?action=process.refresh&process=${unknown}`);
      expect(rows.filter((r) => r.action === 'process.refresh').map((r) => r.outcome).slice(-2)).toEqual(['unknown', 'failed']);
    });
  });
}
