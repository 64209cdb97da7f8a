// A search that is kept under a name, how a term is read, and the columns of the list: with scripts and without.
import { expect, expectAccessible, test, total } from '../lib/test.js';

for (const scripted of [true, false]) {
  test.describe(scripted ? 'with scripts' : 'without scripts', () => {
    test.use({ javaScriptEnabled: scripted });

    test('a search is kept under a name, found again by its owner alone, and deleted', async ({ page, signIn, clerk }) => {
      const both = await clerk('both');
      const { rows } = await both.csv('/processes.csv?with=identity');
      const someone = rows.find((r) => r.status === 'accepted' && /^[a-z]{6,}$/i.test(r.lastName));
      await signIn('reviewer', '/processes');
      await page.locator('form[action="/processes/search"] [name=q]').fill(someone.lastName);
      await page.locator('form[action="/processes/search"] [name=q]').press('Enter');
      if (!scripted) await page.locator('form[action="/processes/search"] button').click();
      await page.waitForURL('**/processes?s=*');
      await expect(page.locator('tr[data-process] mark').first(), 'what was found is marked').toBeVisible();
      const found = await total(page);
      const name = scripted ? 'With scripts' : 'Without';

      await page.locator('.saved summary').click();
      await page.locator('#save-name').fill(name);
      await page.locator('.saved button', { hasText: 'Save' }).click();
      await page.goto('/processes');
      await page.locator('.saved summary').click();
      await page.locator('.saved li a', { hasText: name }).click();
      await page.waitForURL('**/processes?s=*');
      expect(await total(page), 'it keeps its term').toBe(found);
      const others = await both.get('/processes');
      expect(await others.text()).not.toContain(name);

      await page.locator('.saved summary').click();
      if (scripted) await expectAccessible(page);
      await page.locator('.saved li', { hasText: name }).locator('button').click();
      await page.locator('.saved summary').click();
      await expect(page.locator('.saved li', { hasText: name })).toHaveCount(0);
    });

    test('a term is read in one way alone where it can be meant in several', async ({ page, signIn, clerk }) => {
      const { rows } = await (await clerk('both')).csv('/processes.csv?with=identity');
      const someone = rows.find((r) => /^[a-z]{6,}$/i.test(r.lastName));
      await signIn('reviewer', '/processes');
      await page.locator('form[action="/processes/search"] [name=q]').fill(someone.lastName);
      await page.locator('form[action="/processes/search"] [name=q]').press('Enter');
      if (!scripted) await page.locator('form[action="/processes/search"] button').click();
      await page.waitForURL('**/processes?s=*');
      await page.locator('.readings a', { hasText: 'a reference' }).click();
      await expect(page.locator('.readings b')).toHaveText('a reference');
      await page.locator('.readings a', { hasText: 'anything' }).click();
      await expect(page.locator('tr[data-process]').first()).toBeVisible();
    });

    test('columns are chosen and stay chosen', async ({ page, signIn }) => {
      await signIn('reviewer', '/processes?status=rejected');
      await page.locator('.columns summary').click();
      await page.locator('.columns input[value=reference]').check();
      await page.locator('.columns input[value=born]').uncheck();
      await page.locator('.columns button').click();
      await expect(page.locator('.results th[scope=col]', { hasText: 'Reference' })).toBeVisible();
      await page.goto('/processes');
      await expect(page.locator('.results th[scope=col]', { hasText: 'Born' })).toHaveCount(0);
    });
  });
}

test('the page that starts an export tells how far it is until it has ended', async ({ page, signIn }) => {
  await signIn('auditor', '/processes?status=rejected');
  // The demo's exports are over at once, so the progress of a long one is answered here.
  const answers = [{ status: 204 }, { status: 200, contentType: 'text/plain', body: '1,000 rows so far' }, { status: 204 }];
  await page.route('**/processes.csv/progress', (route) => route.fulfill(answers.shift() ?? { status: 204 }));
  const progress = page.locator('[data-export-progress]');
  const download = page.waitForEvent('download');
  await page.locator('.exports a[href^="/processes.csv"]').first().click();
  await download;
  await expect(progress).toHaveText('1,000 rows so far');
  await expect(progress).toContainText('has ended');
  expect(answers, 'it asks no further').toEqual([]);
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('a link beside the exports leads to how far they are', async ({ page, signIn }) => {
    await signIn('auditor', '/processes?status=rejected');
    await page.locator('.exports a', { hasText: 'How far exports are' }).click();
    await expect(page).toHaveURL(/\/audit\/exports/);
  });
});
