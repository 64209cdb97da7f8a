// What a browser has on its disk when it is closed: after a reviewer worked and signed out, and after one who just left.
import { chromium } from '@playwright/test';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '../lib/test.js';
import { people } from '../lib/demo.js';

/** Every file below a directory as one long text of bytes. */
async function bytesBelow(dir) {
  const files = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((f) => f.isFile());
  return Buffer.concat(await Promise.all(files.map((f) => readFile(join(f.parentPath, f.name)))));
}

/** Whether a text stands there in UTF-8 or, as browsers keep some of theirs, in UTF-16. */
const holds = (bytes, text) => bytes.includes(text) || bytes.includes(Buffer.from(text, 'utf16le'));

/** Works as a reviewer in a browser with a profile of its own, and gives what is on the disk once it is closed. */
async function workWithProfile(launchOptions, demo, someone, { signOut }) {
  const dir = await mkdtemp(join(tmpdir(), 'portal-profile-'));
  try {
    const context = await chromium.launchPersistentContext(dir, { ...launchOptions, baseURL: demo.portal });
    const page = await context.newPage();
    await page.goto('/');
    await page.locator('input[name=username]').fill(people.both);
    await page.locator('button[type=submit]').click();
    await page.waitForURL((url) => url.origin === demo.portal && url.pathname !== '/auth/callback');
    await page.locator('#q').fill(someone.lastName);
    await page.getByRole('button', { name: 'Search' }).click();
    await page.waitForURL(/\/processes\?(.*&)?s=/);
    await page.locator(`tr[data-process="${someone.process_id}"] a[data-row]`).click();
    await page.waitForURL(`**/processes/${someone.process_id}*`);
    await expect(page.locator('main')).toContainText(someone.lastName);
    if (signOut) {
      await page.getByRole('button', { name: 'Sign out', exact: true }).click();
      await expect(page.getByRole('link', { name: 'Sign in' })).toBeVisible();
    }
    await context.close();
    return await bytesBelow(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

test('a closed browser keeps nothing of a person, signed out or not', async ({ clerk, demo, launchOptions }) => {
  const reader = await clerk('both');
  const { rows } = await reader.csv('/processes.csv?with=identity&status=accepted');
  const someone = rows.find((r) => /^[a-z]{7,}$/i.test(r.lastName) && /^[A-Z0-9]{7,}$/.test(r.documentNumber));
  for (const signOut of [false, true]) {
    const disk = await workWithProfile(launchOptions, demo, someone, { signOut });
    const found = [someone.lastName, `${someone.firstName} ${someone.lastName}`, someone.documentNumber, someone.dateOfBirth].filter((word) => holds(disk, word));
    expect(found, signOut ? 'after signing out' : 'without signing out').toEqual([]);
    expect(holds(disk, someone.process_id), 'the look is not blind: the history holds the address of the page').toBe(true);
  }
});
