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

test('from a search it is one step to who saw a person, and from there to the statement that the person may have', async ({ page, signIn, clerk }) => {
  const reviewer = await clerk('reviewer');
  await signIn('auditor', '/audit');
  await page.getByRole('navigation', { name: 'Questions' }).getByRole('link', { name: 'Who saw this person?' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Who saw this person?');
  await page.goto('/processes?status=accepted');
  const [id] = await listed(page);
  await reviewer.get(`/processes/${id}`);
  await page.locator(`tr[data-process="${id}"]`).getByRole('link', { name: 'who saw this' }).click();
  await expect(page.locator('[data-question-asked] h2')).toHaveText('Who saw this person?');
  await expect(page.locator('tr[data-action="process.view"]').first()).toContainText('reviewer');
  await expect(page.locator('tr[data-action="process.search"]').first()).toContainText('auditor');
  await expect(page.locator('tr[data-outcome="refused"]')).toHaveCount(0);

  await page.getByRole('link', { name: 'Access statement' }).click();
  const statement = page.locator(`[data-statement="${id}"]`);
  await expect(statement.getByRole('heading', { name: 'Opened' })).toContainText(/\d+ times?/);
  await expect(statement.getByRole('heading', { name: 'Listed' })).toContainText(/\d+ times?/);
  await page.emulateMedia({ media: 'print' });
  const paper = await page.locator('body').innerText();
  for (const row of await (await clerk('auditor')).csv('/audit.csv?with=identity').then(({ rows }) => rows)) {
    if (row.actor_name) expect(paper, 'no colleague stands on the paper').not.toContain(row.actor_name);
  }
  expect(paper).toContain(id);
});

test('a colleague is found by name, and all of the colleague’s records with one step', async ({ page, signIn, clerk }) => {
  await (await clerk('reviewer')).get('/processes');
  await signIn('auditor', '/audit');
  await page.getByRole('link', { name: 'What did this colleague do?' }).click();
  const person = page.locator('tr[data-actor]').filter({ hasText: 'Rosalind' });
  const name = await person.getByRole('link').innerText();
  await person.getByRole('link').click();
  await expect(page.locator('#t-actor option:checked')).toHaveText(name);
  expect(await page.locator('tr[data-seq]').count()).toBeGreaterThan(0);
  for (const who of await page.locator('tr[data-seq] td:nth-child(3)').allInnerTexts()) expect(who).toContain(name);
  await page.locator('#t-action').selectOption('process.search');
  await page.getByRole('button', { name: 'Show' }).click();
  await page.waitForURL(/actor=.*action=process\.search|action=process\.search.*actor=/);
  await expect(page.locator('#t-actor option:checked'), 'a filter stays while another is added').toHaveText(name);
});

test('the register knows a file that left, whole or changed', async ({ page, signIn, clerk }) => {
  const auditor = await clerk('auditor');
  const file = await (await auditor.get('/audit.csv?action=sign-in')).body();
  await signIn('auditor', '/audit/exports');
  const row = page.locator('tr[data-export]').first();
  await expect(row).toHaveAttribute('data-state', 'delivered');
  await page.setInputFiles('#file', { name: 'from-march.csv', mimeType: 'text/csv', buffer: file });
  await page.getByRole('button', { name: 'Check the file' }).click();
  await expect(page.locator('[data-check-result="good"]')).toContainText('delivered whole');
  await expect(page.locator('[data-check-result="good"] tr[data-export]')).toHaveCount(1);
  await page.setInputFiles('#file', { name: 'from-march.csv', mimeType: 'text/csv', buffer: Buffer.concat([file, Buffer.from(' ')]) });
  await page.getByRole('button', { name: 'Check the file' }).click();
  await expect(page.locator('[data-check-result="warning"]')).toContainText('none of ours');
  await page.goto('/audit?action=audit.view');
  await expect(page.locator('tr[data-seq]').filter({ hasText: 'checked whose export a file is' }).first(), 'the checks are records').toBeVisible();
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });
  test('the six questions, the register and a statement work all the same', async ({ page, signIn, clerk }) => {
    const reviewer = await clerk('reviewer');
    expect((await reviewer.get('/audit')).status()).toBe(403);
    const file = await (await (await clerk('auditor')).get('/processes.csv?status=failed')).body();
    await signIn('auditor', '/audit');
    for (const question of ['Why was this revealed?', 'What left the house?', 'What was refused?', 'Is the trail whole?']) {
      await page.getByRole('navigation', { name: 'Questions' }).getByRole('link', { name: question }).click();
      await expect(page.locator('[data-question-asked] h2')).toHaveText(question);
      await expect(page.locator('tr[data-seq], .empty').first()).toBeVisible();
    }
    await page.goto('/audit?outcome=refused');
    await expect(page.locator('tr[data-seq]').first()).toContainText('no role that may read trail');
    await page.goto('/audit/exports');
    await page.setInputFiles('#file', { name: 'x.csv', mimeType: 'text/csv', buffer: file });
    await page.getByRole('button', { name: 'Check the file' }).click();
    await expect(page.locator('[data-check-result="good"]')).toBeVisible();
    await page.goto('/audit/statement');
    await page.locator('#s-process').fill('no-such-process');
    await page.getByRole('button', { name: 'Make the statement, recorded' }).click();
    await expect(page.locator('[data-statement]')).toContainText('has no record of this process');
  });
});
