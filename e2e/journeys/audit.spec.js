// The auditor: reads masked, follows the trail, takes it home as CSV, and is refused what the role lacks.
import { expect, listed, test } from '../lib/test.js';
import { downloadCSV } from '../lib/test.js';

test('an auditor finds every access in the trail, the refused and the download itself included', async ({ page, watch, signIn, clerk, demo }) => {
  watch.expect(403);
  const reviewer = await clerk('reviewer');
  await signIn('auditor', '/audit');
  const since = Number(await page.locator('tr[data-seq]').first().getAttribute('data-seq'));

  await page.goto('/processes?status=accepted');
  const [id] = await listed(page);
  await reviewer.get(`/processes/${id}`);
  expect((await reviewer.get('/audit')).status(), 'a reviewer may not read the trail').toBe(403);
  await page.locator(`tr[data-process="${id}"] a[data-row]`).click();
  await expect(page.locator('[data-masked]').first()).toContainText('•');
  const refused = await page.goto(`/processes/${id}/raw`);
  expect(refused.status()).toBe(403);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Not allowed');

  await page.goto(`/audit?process=${id}`);
  const trail = await page.locator('tr[data-seq]').evaluateAll((rows) => rows.map((r) => [Number(r.dataset.seq), r.dataset.action, r.dataset.outcome]));
  const mine = trail.filter(([seq]) => seq > since).reverse().map(([, action, outcome]) => `${action} ${outcome}`);
  expect(mine).toEqual(['process.search ok', 'process.view ok', 'process.view ok', 'access.refused refused']);

  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Audit trail' }).click();
  const csv = await downloadCSV(page, () => page.getByRole('link', { name: 'CSV', exact: true }).click());
  expect(csv.name).toMatch(/\.csv$/);
  expect(csv.header).toEqual(['seq', 'time', 'actor', 'actor_name', 'role', 'action', 'outcome', 'process_id', 'dossier_id', 'version', 'snapshot_sha256', 'rows',
    'purpose', 'case', 'detail', 'request_id', 'session', 'ip', 'build', 'erased', 'leaf_hash']);
  csv.rows.forEach((row, i) => {
    expect(row.seq, 'without a filter no number is left out').toBe(String(i));
    expect(row.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(row.leaf_hash).toMatch(/^[0-9a-f]{64}$/);
    expect([row.actor_name, row.ip, row.case, row.detail]).toEqual(['', '', '', '']);
  });
  expect(csv.rows.at(-1).action, 'the download is its own last row').toBe('audit.export');
  const later = csv.rows.filter((row) => Number(row.seq) > since).map((row) => `${row.action} ${row.outcome}`);
  expect(later).toEqual(expect.arrayContaining(['process.search ok', 'process.view ok', 'access.refused refused', 'audit.view ok', 'audit.export ok']));
  expect(later.filter((x) => x === 'access.refused refused').length, 'the reviewer’s refusal and the auditor’s own').toBe(2);

  await page.goto('/audit?action=audit.export.done');
  const done = page.locator('tr[data-action="audit.export.done"]').first();
  await expect(done).toHaveAttribute('data-outcome', 'ok');
  expect(Number(await done.getAttribute('data-seq'))).toBeGreaterThan(Number(csv.rows.at(-1).seq));
});

test('one record opens whole, with its proof', async ({ page, signIn }) => {
  await signIn('auditor', '/audit?action=sign-in');
  const row = page.locator('tr[data-seq]').first();
  const seq = await row.getAttribute('data-seq');
  await row.locator('a[data-row]').click();
  await page.waitForURL(`**/audit/${seq}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Record ${seq}`);
  await expect(page.locator('pre').first()).toContainText('sign-in');
  await page.locator('nav.places a[rel=prev]').click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Record ${Number(seq) - 1}`);
});

test('the trail’s filters narrow to a person, an action, a day', async ({ page, signIn, clerk }) => {
  await (await clerk('reviewer')).get('/processes');
  await signIn('auditor', '/audit');
  await page.locator('select#t-action').selectOption('process.search');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.waitForURL(/action=process\.search/);
  expect(await page.locator('tr[data-seq]').count()).toBeGreaterThan(0);
  await expect(page.locator('tr[data-seq]:not([data-action="process.search"])')).toHaveCount(0);
  await page.locator('input#t-from').fill('2001-01-01');
  await page.locator('input#t-to').fill('2001-01-02');
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(page.locator('tr[data-seq]')).toHaveCount(0);
  await expect(page.locator('.empty'), 'an empty list says what to do').toBeVisible();
});

test('what an auditor may not see is not in the bytes sent', async ({ page, signIn, clerk }) => {
  const both = await clerk('both');
  const { rows } = await both.csv('/processes.csv?with=identity');
  const person = rows.find((r) => r.provider === 'onfido' && r.status === 'accepted' && r.lastName.length > 6 && r.documentNumber.length > 6);
  await signIn('auditor', `/processes/${person.process_id}`);
  const bytes = await page.content();
  for (const secret of [person.lastName, person.documentNumber, person.dateOfBirth]) expect(bytes).not.toContain(secret);
  await expect(page.locator('tr[data-field=lastName] [data-masked]').first()).toHaveText(new RegExp(`^•+${person.lastName.slice(-2)}$`, 'u'));
  await expect(page.locator('form[action*="/reveal"], form.refresh, section.images a'), 'no control that would be refused').toHaveCount(0);
});

test('checkpoint and key are plain text', async ({ page, signIn, clerk }) => {
  await signIn('auditor', '/audit');
  const auditor = await clerk('auditor');
  for (const [link, pattern] of [['Checkpoint', /^\S+\n\d+\n[A-Za-z0-9+/=]{44}\n\n— /u], ['Verifier key', /^\S+\+[0-9a-f]{8}\+\S+\n?$/]]) {
    const href = await page.locator('#trail-state').getByRole('link', { name: link }).getAttribute('href');
    const answer = await auditor.get(href);
    expect(answer.headers()['content-type']).toContain('text/plain');
    expect(await answer.text()).toMatch(pattern);
  }
});
