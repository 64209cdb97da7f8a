// The raw answer as a page, and bodies as awkward as JSON may be.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, expectAccessible, test } from '../lib/test.js';

const deep = 'deadbeef-0000-4000-8000-000000000001';
const many = 'deadbeef-0000-4000-8000-000000000002';
const odd = 'deadbeef-0000-4000-8000-000000000003';

const answer = (id, detail) => `{"processId":"${id}","provider":"onfido","status":"accepted","createdAt":"2026-03-05T09:14:05Z","providerSpecific":${detail}}`;
const folder = mkdtempSync(join(tmpdir(), 'portal-raw-'));
writeFileSync(join(folder, 'deep.json'), answer(deep, `${'{"in":['.repeat(32)}"the bottom"${']}'.repeat(32)}`));
writeFileSync(join(folder, 'many.json'), answer(many, `{"many":[${Array.from({ length: 10_000 }, (_, i) => i).join()}],"sought/after~":{"code":"a needle: 9,7"}}`));
writeFileSync(join(folder, 'odd.json'), answer(odd, '{"override":"NX4B7\u202eK12","after":"it","name":"سانه ماريا","escaped":"a\\u0000\\u202eb","big":9007199254740993,"small":-0.10,"half":"\\ud800","name":"twice"}'));

test.use({ demoArgs: ['--import', folder] });

/** Opens the raw page of a process; the purpose is asked for first. */
async function openRaw(page, signIn, id) {
  await signIn('reviewer', `/processes/${id}`);
  await page.getByRole('link', { name: 'Raw JSON' }).click();
  await page.getByRole('button', { name: /open the raw json/i }).click();
  await page.waitForURL(/view=page/);
  await expect(page.locator('.raw')).toBeVisible();
}

test('finding opens what is folded; value and pointer of a line are copied, its number is not', async ({ page, context, signIn }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await openRaw(page, signIn, many);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  const element = page.locator('.raw div', { hasText: /^9999/ });
  await expect(element, 'ten thousand elements are folded').toBeHidden();
  await page.getByLabel('Find in this answer').fill('9999');
  await expect(page.locator('#found')).toHaveText('1 of 1');
  await expect(element).toBeVisible();
  await page.getByLabel('Find in this answer').fill('NEEDLE: 9,');
  await expect(page.locator('#found'), 'as it is spelled, in any case').toHaveText('1 of 1');
  await page.getByLabel('Find in this answer').fill('nowhere at all');
  await expect(page.locator('#found')).toHaveText('not found');

  const line = page.locator('.raw div', { hasText: 'needle' });
  await line.click();
  await expect(page.locator('#chosen')).toContainText('/providerSpecific/sought~1after~0/code');
  await page.getByRole('button', { name: /copy pointer/i }).click();
  await expect.poll(clipboard).toBe('/providerSpecific/sought~1after~0/code');
  await page.getByRole('button', { name: /copy value/i }).click();
  await expect.poll(clipboard).toBe('a needle: 9,7');
  await line.evaluate((e) => getSelection().selectAllChildren(e));
  expect(await page.evaluate(() => getSelection().toString())).toBe('"code":"a needle: 9,7"');
  await page.locator('.raw summary', { hasText: 'sought' }).click();
  await page.getByRole('button', { name: /copy value/i }).click();
  await expect.poll(clipboard).toBe('{"code":"a needle: 9,7"}');
  await page.keyboard.press('Escape');
  await page.locator('#raw').focus();
  await page.keyboard.press('k');
  await expect(page.locator('#chosen'), 'by the keyboard alone').toContainText('/providerSpecific/many');
});

test('all parts open and close without asking the portal again', async ({ page, signIn }) => {
  await openRaw(page, signIn, many);
  const here = page.url();
  await page.getByRole('link', { name: 'Open all' }).click();
  await expect(page.locator('.raw details:not([open])')).toHaveCount(0);
  await page.getByRole('link', { name: 'Close all' }).click();
  await expect(page.locator('.raw details[open]')).toHaveCount(1);
  expect(page.url()).toBe(here);
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('the raw page folds, and opens whole by a link', async ({ page, signIn }) => {
    await openRaw(page, signIn, many);
    await expect(page.getByLabel('Find in this answer')).toBeHidden();
    const element = page.locator('.raw div', { hasText: /^9999/ });
    await expect(element).toBeHidden();
    await page.locator('.raw summary', { hasText: '"many"' }).click();
    await expect(element).toBeVisible();
    await page.getByRole('link', { name: 'Close all' }).click();
    await expect(page.locator('.raw details[open]')).toHaveCount(1);
    await page.getByRole('link', { name: 'Open all' }).click();
    await expect(element).toBeVisible();
  });

  test('a source leads to its leaf in the tree and marks it, also in a part that is closed', async ({ page, signIn }) => {
    await signIn('reviewer', '/processes?provider=signicatpaper&status=accepted');
    await page.locator('tr[data-process] a[data-row]').first().click();
    const source = page.locator('tr[data-field=lastName] .sources a').first();
    const leaf = page.locator(`.tree [id="${(await source.getAttribute('href')).slice(1)}"]`);
    await page.locator('.tree').getByRole('link', { name: 'Close all' }).click();
    await expect(leaf).toBeHidden();
    await source.click();
    await expect(leaf).toBeVisible();
    await expect(leaf).toHaveCSS('outline-style', 'solid');
    await page.locator('.tree').getByRole('link', { name: 'Open all' }).click();
    await expect(page.locator('.nodes details:not([open])')).toHaveCount(0);
  });

  test('only what deviates, without a request', async ({ page, signIn }) => {
    await signIn('reviewer', '/processes?relation=differs');
    await page.locator('tr[data-process] a[data-row]').first().click();
    await page.getByLabel(/Only what deviates/).check();
    for (const row of await page.locator('tr[data-field]').all()) {
      const deviates = /differs|absent|unsourced/.test(await row.getAttribute('data-relation'));
      expect(await row.isVisible(), await row.getAttribute('data-field')).toBe(deviates);
    }
  });
});

test('characters that reorder or hide are named and move nothing', async ({ page, signIn }) => {
  await openRaw(page, signIn, odd);
  const places = await page.locator('.raw div', { hasText: '"override"' }).evaluate((line) => {
    const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    const xs = {};
    for (let node; (node = walker.nextNode());) {
      for (const [i, c] of [...node.data].entries()) {
        const range = new Range();
        range.setStart(node, i);
        range.setEnd(node, i + 1);
        xs[c] = range.getBoundingClientRect().left;
      }
    }
    return xs;
  });
  expect(['N', 'X', '4', 'B', '7', 'K', '1', '2', ','].map((c) => places[c]).every((x, i, all) => i === 0 || x > all[i - 1]), JSON.stringify(places)).toBe(true);
  const named = page.locator('.raw .char');
  expect(await named.evaluateAll((all) => all.map((e) => getComputedStyle(e, '::before').content))).toEqual(['"RLO"']);
  await expect(page.locator('.raw'), 'a number is spelled as received').toContainText('9007199254740993');
  await expect(page.locator('.raw')).toContainText('\\ud800');
  await expect(page.locator('.notice')).toContainText('“name” stood before');
  await page.locator('.notice a').click();
  await expect(page.locator('.raw :target')).toContainText('"twice"');
  await page.goto(`/processes/${odd}`);
  await expect(page.locator('.tree [data-pointer="/providerSpecific/override"] .char')).toHaveAttribute('data-char', 'RLO');
  await expect(page.locator('.tree [data-pointer="/providerSpecific/small"]')).toHaveText('-0.10');
});

test('64 levels and 10,000 elements fit a narrow screen, and axe finds nothing', async ({ page, signIn }) => {
  test.slow(); // four pages of thousands of elements in two colour schemes
  await openRaw(page, signIn, deep);
  await expectAccessible(page, 'raw');
  const narrow = async (where) => {
    await page.setViewportSize({ width: 320, height: 640 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth), where).toBeLessThanOrEqual(320);
  };
  await narrow('raw, 64 levels');
  await page.goto(`/processes/${deep}?tree=open`);
  await narrow('tree, 64 levels');
  const bottom = page.locator('.tree .value', { hasText: 'the bottom' });
  expect((await bottom.boundingBox()).width, 'the deepest value has room').toBeGreaterThan(60);
  await page.setViewportSize({ width: 1280, height: 800 });
  await expectAccessible(page, 'tree, 64 levels');
  await page.goto(`/processes/${many}`);
  await expect(page.locator('.tree [data-pointer]')).toHaveCount(10_005);
});
