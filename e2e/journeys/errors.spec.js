// What a person can run into: each answer has its status and a page that says what to do.
import { expect, test } from '../lib/test.js';

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
