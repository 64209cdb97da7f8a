// The same pages for everybody: axe in light and dark, 320 pixels wide, the keyboard alone.
import { expect, expectAccessible, listed, test } from '../lib/test.js';

test.describe.configure({ mode: 'parallel' }); // none needs another, and this is by far the longest file

const statuses = ['accepted', 'rejected', 'inconclusive', 'processing', 'pending', 'canceled', 'failed'];

/** Every page that a person can reach, by role; {id} is a process, {differs} one that disagrees. */
const pages = {
  reviewer: ['/processes', '/processes?status=failed&from=2001-01-01&to=2001-01-02', '/processes/{id}', '/processes/{differs}', '/processes/{id}/raw', '/completeness', '/help',
    '/processes/unknown', '/processes?status=accepted&status=rejected&sort=attention', '/audit', '/processes?color=red'],
  auditor: ['/processes', '/processes/{differs}', '/audit', '/audit?action=sign-in', '/audit?from=2001-01-01&to=2001-01-02', '/audit/0', '/processes/{id}/raw', '/audit/123456789',
    '/audit/person', '/audit/people', '/audit/exports', '/audit/statement', '/audit/statement?process={id}', '/audit?process={id}&action=process.view', '/audit?outcome=refused'],
  inspector: ['/processes/{id}', '/processes/{id}/raw'],
  admin: ['/admin', '/completeness', '/processes'],
};

async function addresses(clerk, paths) {
  const both = await clerk('both');
  const first = async (query) => /data-process="([^"]+)"/.exec(await (await both.get(`/processes?${query}`)).text())[1];
  const id = await first('provider=onfido&status=accepted');
  const differs = await first('relation=differs');
  return paths.map((p) => p.replace('{id}', id).replace('{differs}', differs));
}

for (const name of Object.keys(pages)) {
  for (const path of pages[name]) {
    test(`axe finds nothing on ${path} of ${name}`, async ({ page, signIn, clerk, watch }) => {
      watch.expect(400, 403, 404);
      await signIn(name);
      await page.goto((await addresses(clerk, [path]))[0]);
      await expectAccessible(page, `${name} ${path}`);
    });
  }

  test(`nothing scrolls sideways at 320 pixels for ${name}`, async ({ page, signIn, clerk, watch }) => {
    watch.expect(400, 403, 404);
    await page.setViewportSize({ width: 320, height: 640 });
    await signIn(name);
    for (const path of await addresses(clerk, pages[name])) {
      await page.goto(path);
      const wide = await page.evaluate(() => {
        const root = document.documentElement;
        if (root.scrollWidth <= root.clientWidth) return [];
        return [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > root.clientWidth + 1 && !e.closest('.scroll, pre, .visually-hidden'))
          .slice(0, 5).map((e) => `${e.tagName.toLowerCase()}.${e.className} ${Math.round(e.getBoundingClientRect().right)}`);
      });
      expect(wide, path).toEqual([]);
    }
  });
}

test('axe finds nothing on sign-in, the way out and the page of a person without a role', async ({ page, signIn, watch, demo }) => {
  watch.expect(403);
  await page.goto('/');
  await expectAccessible(page, 'sign-in of the demo provider');
  await page.locator('input[name=username]').fill('nobody@demo.test');
  await page.locator('button[type=submit]').click();
  await expectAccessible(page, 'a person without a role');
  await signIn('reviewer');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page.getByText(/signed out/i).first()).toBeVisible();
  await page.waitForURL((url) => url.pathname !== '/auth/logout');
  await expectAccessible(page, 'signed out');
});

for (const status of statuses) {
  test(`${status}: a designed page in which axe finds nothing`, async ({ page, signIn }) => {
    await signIn('reviewer', `/processes?status=${status}`);
    const ids = await listed(page);
    expect(ids.length, `the demo has processes that are ${status}`).toBeGreaterThan(0);
    await page.locator(`tr[data-process="${ids[0]}"] a[data-row]`).click();
    await expect(page.locator('.identity [data-status]')).toHaveAttribute('data-status', status);
    await expect(page.locator('.identity'), 'says in words whether it is final, and whether it ended with a result').toContainText(/\((not )?final/);
    await expect(page.locator('[data-question]')).toHaveCount(6);
    for (const panel of await page.locator('article.process section').all()) {
      expect((await panel.innerText()).split('\n').length, `an empty panel: ${await panel.getAttribute('class')}`).toBeGreaterThan(1);
    }
    await expectAccessible(page, status);
  });
}

test('the keyboard is enough: sign in, search, open, compare, sign out', async ({ page, demo, clerk }) => {
  const { rows } = await (await clerk('both')).csv('/processes.csv?with=identity');
  const someone = rows.find((r) => r.status === 'accepted' && /^[a-z]{6,}$/i.test(r.lastName));
  const press = (...keys) => keys.reduce((done, key) => done.then(() => page.keyboard.press(key)), Promise.resolve());
  await page.goto('/');
  await expect(page.locator('input[name=username]')).toBeFocused();
  await page.keyboard.type('reviewer@demo.test');
  await press('Enter');
  await page.waitForURL(`${demo.portal}/processes`);
  await press('/');
  await expect(page.locator('[name=q]')).toBeFocused();
  await page.keyboard.type(someone.lastName);
  await press('Enter');
  await page.waitForURL(/[?&]s=/);
  await press('j');
  await expect(page.locator('tr[data-process] a[data-row]').first()).toBeFocused();
  await press('ArrowDown', 'ArrowUp', 'Enter');
  await page.waitForURL(/\/processes\/[0-9a-f-]{36}/);
  await press('?');
  await expect(page.locator('dialog#keys')).toBeVisible();
  await press('Escape');
  await expect(page.locator('dialog#keys')).toBeHidden();
  await press('b');
  await page.waitForURL(/\/processes\?(.*&)?s=/);
  // Without any single letter too: from the top of the page by Tab to the first row, focus always visible.
  await page.locator('a.skip').focus();
  for (let i = 0; i < 120 && !(await page.evaluate(() => document.activeElement.matches('tr[data-process] a'))); i++) {
    await press('Tab');
    const seen = await page.evaluate(() => {
      const e = document.activeElement;
      if (!e.matches(':focus')) return ''; // the calendar's button within a date field, which the browser marks itself
      const style = getComputedStyle(e);
      const row = e.closest('tr') && getComputedStyle(e.closest('tr')); // a link that opens a row marks the row
      return [style.outlineStyle, row?.outlineStyle ?? 'none'].some((o) => o !== 'none') || style.boxShadow !== 'none' ? '' : e.outerHTML.slice(0, 200);
    });
    expect(seen, 'where the focus is can be seen').toBe('');
  }
  await press('Enter');
  await page.waitForURL(/\/processes\/[0-9a-f-]{36}/);
  await expect(page.locator('tr[data-field]').first()).toBeVisible();
  await page.getByRole('button', { name: 'Sign out', exact: true }).focus();
  await press('Enter');
  await expect(page.getByText(/signed out/i).first()).toBeVisible();
});

test('colour is never alone, and forced colours keep every mark', async ({ page, signIn }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await signIn('reviewer', '/processes?relation=differs');
  await page.locator('tr[data-process] a[data-row]').first().click();
  for (const row of await page.locator('tr[data-field]').all()) {
    await expect(row.locator('span.compared')).toHaveText(/^\s*\S+\s+\p{L}{3,}/u);
  }
  for (const finding of await page.locator('[data-finding] .glyph').all()) await expect(finding).toBeVisible();
});
