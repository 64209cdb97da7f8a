// Sign-in against an identity provider that nobody here wrote, with portal serve as a company runs it.
import { expect, test as base } from '@playwright/test';
import { staff, startProvider } from '../lib/provider.js';
import { freePorts, startServe } from '../lib/serve.js';

const roles = 'reviewer=identity-review,auditor=audit,inspector=inspection,admin=operations';

const test = base.extend({
  /** company.restart starts the provider again on its port, with new keys. */
  company: [
    async ({}, use) => {
      const [port, providerPort] = await freePorts(2);
      const portal = `http://127.0.0.1:${port}`;
      const company = {
        portal,
        provider: await startProvider({ port: providerPort, portal }),
        async restart(options = {}) {
          await company.provider.stop().catch(() => {}); // it may be stopped already
          company.provider = await startProvider({ port: providerPort, portal, ...options });
        },
      };
      company.serve = await startServe({ port, issuer: company.provider.issuer, roles });
      await use(company);
      await company.serve.stop();
      await company.provider.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],

  baseURL: async ({ company }, use) => use(company.portal),

  /** signIn('rita') goes through the provider's page. */
  signIn: async ({ page, company }, use) => use(async (name) => {
    await page.goto('/');
    await expect(page.getByRole('heading', { name: 'Company sign-in' })).toBeVisible();
    expect(new URL(page.url()).origin).toBe(company.provider.issuer);
    await page.getByLabel('Name').fill(name);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL((url) => url.origin === company.portal && url.pathname !== '/auth/callback');
  }),
});

const atProvider = async (page, company) => {
  await expect(page.getByRole('heading', { name: 'Company sign-in' })).toBeVisible();
  expect(new URL(page.url()).origin, 'a whole page of the provider, not a piece inside one of ours').toBe(company.provider.issuer);
};

for (const claims of ['id-token', 'userinfo']) {
  test.describe(`groups told by ${claims}`, () => {
    test.beforeAll(({ company }) => company.restart({ claims }));

    test('a person comes in with the role of her group and nothing more', async ({ page, signIn }) => {
      await signIn('rita');
      await expect(page).toHaveURL(/\/processes/);
      await expect(page.locator('.who')).toContainText(staff.rita.name);
      expect((await page.goto('/audit')).status()).toBe(403);
      expect((await page.goto('/admin')).status()).toBe(403);
    });

    test('another group is another role', async ({ page, signIn }) => {
      await signIn('adam');
      expect((await page.goto('/audit')).status()).toBe(200);
      await expect(page.locator('[data-action="sign-in"]').first()).toBeVisible();
    });

    for (const name of ['carl', 'nora']) {
      test(`${name === 'carl' ? 'a group without a role' : 'no group at all'} is refused in words and makes no session`, async ({ page, company }) => {
        await page.goto('/');
        await page.getByLabel('Name').fill(name);
        await page.getByRole('button', { name: 'Sign in' }).click();
        await page.waitForURL((url) => url.origin === company.portal);
        await expect(page.getByText(/role/i).first()).toBeVisible();
        expect((await page.context().cookies(company.portal)).filter((c) => /session/i.test(c.name) && c.value && !/^_/.test(c.name))).toEqual([]);
        expect((await page.request.get('/processes', { maxRedirects: 0 })).status()).toBe(303);
      });
    }
  });
}

test('a name that the provider refuses ends on a page of ours with a way back', async ({ page, company }) => {
  await page.goto('/');
  await page.getByLabel('Name').fill('nobody');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => url.origin === company.portal);
  await expect(page.getByRole('link', { name: /sign in/i }).first()).toBeVisible();
});

test('a session that ended under a page leads the whole page to the provider, once', async ({ page, context, signIn, company }) => {
  await signIn('rita');
  await context.clearCookies();
  let asked = 0;
  page.on('request', (r) => { if (r.isNavigationRequest() && r.url().startsWith(`${company.provider.issuer}/auth?`)) asked++; });
  const fragment = page.waitForRequest((r) => r.headers()['hx-request'] === 'true');
  await page.locator('#filters input[name=status]').first().click();
  await fragment;
  await atProvider(page, company);
  expect(asked).toBe(1);
  await page.getByLabel('Name').fill('rita');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => url.origin === company.portal && url.pathname === '/processes');
});

test('a form that was sent after the session ended is told that nothing was done', async ({ page, context, signIn, company }) => {
  await signIn('rita');
  await context.clearCookies();
  await page.locator('form[action="/processes/search"] [name=q]').fill('anna');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page.getByText('nothing was changed')).toBeVisible();
  await page.getByRole('link', { name: 'Sign in' }).click();
  await atProvider(page, company);
});

test('after half an hour the provider confirms the roles without a question, and the page comes back', async ({ page, signIn, company }) => {
  await signIn('rita');
  company.serve.confirmedBefore(31);
  await page.goto('/processes?status=accepted');
  await page.waitForURL(`${company.portal}/processes?status=accepted`);
  await expect(page.locator('tr[data-process]').first()).toBeVisible();
  company.serve.confirmedBefore(31);
  await page.locator('#filters input[name=status]').first().click(); // a fragment, which becomes a whole page
  await page.waitForURL((url) => url.origin === company.portal && url.pathname === '/processes');
  await expect(page.locator('#filters')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Company sign-in' })).toHaveCount(0);
});

test('changed groups hold at the next confirmation', async ({ page, signIn, company }) => {
  await signIn('rita');
  await expect(page.getByRole('link', { name: 'Audit trail' })).toHaveCount(0);
  const groups = staff.rita.groups;
  try {
    staff.rita.groups = ['audit'];
    company.serve.confirmedBefore(31);
    await page.goto('/processes');
    await page.waitForURL(`${company.portal}/processes`);
    await expect(page.getByRole('link', { name: 'Audit trail' })).toBeVisible();
  } finally {
    staff.rita.groups = groups;
  }
});

test('a form that meets the half hour is given back with what was typed', async ({ page, context, signIn, company }) => {
  await signIn('rita');
  company.serve.confirmedBefore(31);
  await page.locator('form[action="/processes/search"] [name=q]').fill('nobody of this name');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page.getByText('Your roles are confirmed first')).toBeVisible();
  const confirmed = context.waitForEvent('page');
  await page.getByRole('link', { name: 'Confirm in a new tab' }).click();
  await (await confirmed).waitForURL(`${company.portal}/processes`);
  await page.getByRole('button', { name: 'Send again' }).click();
  await page.waitForURL(/[?&]s=/);
  await expect(page.locator('#q')).toHaveValue('nobody of this name');
});

test('whom the provider no longer knows is out at the next confirmation', async ({ page, context, signIn, company }) => {
  await signIn('rita');
  await context.clearCookies({ name: /^_/ }); // the provider's own; ports share a host's cookies
  company.serve.confirmedBefore(31);
  await page.goto('/processes');
  await atProvider(page, company);
});

test('who signs out is signed out of the provider, too', async ({ page, signIn, company }) => {
  await signIn('rita');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByRole('button', { name: 'Yes, sign me out' }).click();
  await page.waitForURL((url) => url.origin === company.portal);
  await expect(page.getByText(/signed out/i).first()).toBeVisible();
  await page.goto('/processes');
  await atProvider(page, company);
});

test('who signs out of the provider alone is signed out of the portal by the back channel', async ({ page, signIn, company }) => {
  await signIn('rita');
  await page.goto(`${company.provider.issuer}/session/end`);
  await page.getByRole('button', { name: 'Yes, sign me out' }).click();
  await expect(page.getByText('Signed out of everything.')).toBeVisible();
  await expect(async () => {
    expect((await page.request.get(`${company.portal}/processes`, { maxRedirects: 0 })).status()).toBe(303);
  }).toPass({ timeout: 10_000 });
});

test('a link of another site to a page or to the sign-in asks first, and only what is wished is recorded', async ({ page, signIn, company }) => {
  await signIn('adam');
  await page.goto('/audit?action=process.view');
  const seen = () => page.locator('tr[data-action="process.search"]').count();
  const evil = 'http://localhost:9/';
  await page.route(evil, (route) => route.fulfill({
    contentType: 'text/html',
    body: `<a href="${company.portal}/processes?status=rejected">page</a><a href="${company.portal}/auth/login?return=%2Fprocesses%3Fstatus%3Drejected">sign-in</a>`,
  }));
  const searches = async () => {
    await page.goto('/audit?action=process.search');
    return seen();
  };
  const before = await searches();
  for (const link of ['page', 'sign-in']) {
    await page.goto(evil);
    await page.getByRole('link', { name: link, exact: true }).click();
    await expect(page.getByRole('heading', { name: 'Opened from another site' })).toBeVisible();
    expect(await searches(), link).toBe(before);
  }
  await page.goto(evil);
  await page.getByRole('link', { name: 'sign-in', exact: true }).click();
  await page.getByRole('link', { name: 'Open the page' }).click();
  await page.waitForURL(`${company.portal}/processes?status=rejected`);
  expect(await searches(), 'what was wished').toBe(before + 1);
});

test('a provider that was away and comes back with new keys is believed', async ({ page, context, signIn, company }) => {
  await signIn('rita');
  await context.clearCookies();
  await company.provider.stop();
  const sent = await page.request.get('/auth/login', { maxRedirects: 0 });
  expect(sent.headers().location, 'the portal knows the way without asking').toContain(company.provider.issuer);
  await company.restart();
  await signIn('rita');
  await expect(page).toHaveURL(/\/processes/);
});
