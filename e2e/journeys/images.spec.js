// Images of a process: none before the reader opens it, each with its record, beside each other, turned and zoomed.
import { expect, expectAccessible, test } from '../lib/test.js';

/** The newest accepted process whose page has front and back: a passport has no back, and while the journeys run, processes are accepted. */
async function withImages(clerk) {
  const both = await clerk('both');
  const { rows } = await both.csv('/processes.csv?status=accepted&provider=onfido');
  for (const { process_id: id } of rows) {
    const page = await (await both.get(`/processes/${id}`)).text();
    if (['front', 'back'].every((kind) => page.includes(`/processes/${id}/images/${kind}`))) return id;
  }
  throw new Error('no accepted process has front and back');
}

test('images open beside each other, each asked for once and recorded', async ({ page, signIn, clerk }) => {
  const id = await withImages(clerk);
  const asked = [];
  page.on('request', (r) => { if (r.url().includes('/images/')) asked.push(new URL(r.url()).pathname); });
  await signIn('reviewer', `/processes/${id}`);
  await expect(page.locator('a[data-show=image]').first()).toBeVisible();
  expect(asked, 'nothing is loaded with the page').toEqual([]);

  const auditor = await clerk('auditor');
  const before = await auditor.newest();
  for (const name of ['Document, front', 'Document, back']) await page.getByRole('link', { name }).click();
  const figures = page.locator('#shown figure');
  await expect(figures).toHaveCount(2);
  for (const img of await figures.locator('img').all()) await expect.poll(() => img.evaluate((i) => i.naturalWidth), 'a picture that was loaded').toBeGreaterThan(0);
  await page.getByRole('link', { name: 'Document, front' }).click();
  await expect(figures, 'an open one is not opened again').toHaveCount(2);
  expect(asked.sort()).toEqual([`/processes/${id}/images/back`, `/processes/${id}/images/front`]);
  const { rows } = await auditor.csv(`/audit.csv?action=process.image&process=${id}`);
  expect(rows.filter((r) => r.action === 'process.image' && Number(r.seq) > before && r.outcome === 'ok').length, 'each shown image is a record').toBe(2);

  const [left, right] = [await figures.nth(0).boundingBox(), await figures.nth(1).boundingBox()];
  expect(Math.abs(left.y - right.y), 'beside each other').toBeLessThan(2);
  const img = figures.nth(0).locator('img');
  const size = await img.evaluate((i) => i.getBoundingClientRect().height);
  await page.getByRole('button', { name: 'Zoom: Document, front' }).click();
  expect(await img.evaluate((i) => i.getBoundingClientRect().height)).toBeGreaterThan(1.5 * size);
  await page.getByRole('button', { name: 'Turn: Document, front' }).click();
  expect(await img.evaluate((i) => getComputedStyle(i).rotate)).toBe('90deg');
  await expectAccessible(page);

  for (const name of ['Document, front', 'Document, back']) await page.getByRole('button', { name: `Close: ${name}` }).click();
  await expect(page.locator('#shown')).toBeHidden();
  await expect(page.getByRole('link', { name: 'Document, back' }), 'closing leads back to the link').toBeFocused();
});

test('an image that is not shown leads to the reason', async ({ page, signIn, clerk, watch }) => {
  watch.expect(404);
  const id = await withImages(clerk);
  await signIn('reviewer', `/processes/${id}`);
  await page.route('**/images/front', (route) => route.fulfill({ status: 404, contentType: 'text/html', body: 'redacted at the source' }));
  await page.getByRole('link', { name: 'Document, front' }).click();
  await expect(page.locator('#shown figure')).toContainText('This is not shown.');
  await expect(page.getByRole('link', { name: 'Read why' })).toHaveAttribute('href', new RegExp(`/processes/${id}/images/front$`));
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });
  test('a link opens the image by itself', async ({ page, signIn, clerk }) => {
    const id = await withImages(clerk);
    await signIn('reviewer', `/processes/${id}`);
    await page.getByRole('link', { name: 'Document, front' }).click();
    await page.waitForURL(`**/processes/${id}/images/front`);
    await expect(page.locator('img')).toBeVisible();
  });
});
