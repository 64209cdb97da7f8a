// A process on paper: a report for a file, without what only a screen can use. Print media at the width of A4 show what a
// print holds; the PDF itself is made too.
import { expect, listed, test } from '../lib/test.js';

const a4 = { width: 703, height: 1000 }; // between the margins of the style sheet, in CSS pixels

/** Opens the first process that a list has, as it would be printed. */
async function onPaper(page, query) {
  await page.goto(`/processes?${query}`);
  const [id] = await listed(page);
  await page.setViewportSize(a4);
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await page.goto(`/processes/${id}`);
  return id;
}

const shown = (locator) => locator.evaluateAll((all) => all.filter((e) => e.checkVisibility({ visibilityProperty: true })).length);

for (const scripted of [true, false]) {
  test.describe(scripted ? 'with scripts' : 'without scripts', () => {
    test.use({ javaScriptEnabled: scripted });

    test('a print names reader, time and snapshot and holds findings, fields, checks, questions and the whole tree', async ({ page, signIn }) => {
      await signIn('reviewer');
      const name = await page.locator('.who b').innerText();
      const id = await onPaper(page, 'relation=differs&provider=signicatpaper');
      await expect(page.locator('.printed')).toBeVisible();
      await expect(page.locator('.printed')).toContainText(new RegExp(`Printed by ${name} \\(Reviewer\\) from a page made on \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC`));
      await expect(page.locator('.paper')).toContainText(new RegExp(`Process ${id}, version \\d+ of \\d+, SHA-256 [0-9a-f]{64}`));
      for (const part of ['[data-finding]', 'tr[data-field]', '[data-check]', '[data-question]', '.tree [data-pointer]', '.versions li']) {
        const all = page.locator(part);
        expect(await all.count(), part).toBeGreaterThan(0);
        expect(await shown(all), `${part}, also in what is folded on screen`).toBe(await all.count());
      }
      for (const row of await page.locator('tr[data-field]').all()) await expect(row.locator('td > .compared')).toHaveText(/^\s*\S+\s+\p{L}{3,}/u); // a mark and words
      expect(await shown(page.locator('main :is(button, input, select, nav, form), header.top :is(nav, form, button)')), 'nothing to press').toBe(0);
    });
  });
}

test('a print is light, fits the paper and leaves the tree out by choice', async ({ page, signIn }) => {
  await signIn('reviewer');
  await onPaper(page, 'relation=differs&provider=webid');
  const light = (locator, property) => locator.evaluate((e, p) => {
    const [r, g, b] = getComputedStyle(e)[p].match(/[\d.]+/g).map(Number);
    return 0.3 * r + 0.6 * g + 0.1 * b;
  }, property);
  expect(await light(page.locator('.identity h1'), 'color'), 'dark letters although the reader likes the screen dark').toBeLessThan(80);
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('light');
  expect(await page.evaluate(() => document.documentElement.scrollWidth), 'no column runs off the paper').toBeLessThanOrEqual(a4.width);
  const whole = await pages(page);
  await page.emulateMedia({ media: 'screen' });
  await page.getByLabel('Provider detail, with every part open').uncheck();
  await page.emulateMedia({ media: 'print' });
  await expect(page.locator('section.tree')).toBeHidden();
  await expect(page.locator('.left-out')).toBeVisible();
  await expect(page.locator('section.fields')).toBeVisible();
  expect(await pages(page)).toBeLessThan(whole);
  await expect(page.locator('.printed'), 'the moment of printing, where a script can tell it').toContainText(/, printed on \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
});

/** Makes the PDF and counts its pages. */
async function pages(page) {
  const pdf = (await page.pdf({ format: 'A4' })).toString('latin1');
  expect(pdf.slice(0, 5)).toBe('%PDF-');
  return pdf.match(/\/Type\s*\/Page\b/g).length;
}

test('what is masked is printed masked; what was revealed on the page is printed and says so', async ({ page, signIn, clerk }) => {
  const { rows } = await (await clerk('both')).csv('/processes.csv?with=identity');
  const { process_id } = rows.find((r) => r.personalIdentificationNumber !== '');
  await signIn('reviewer');
  await page.goto(`/processes/${process_id}`);
  const row = page.locator('tr[data-field=personalIdentificationNumber]');
  await page.emulateMedia({ media: 'print' });
  await expect(row.locator('.value').first()).toContainText('•');
  await expect(row.locator('.badge')).toHaveCount(0);
  await page.emulateMedia({ media: 'screen' });
  await row.locator('details.reveal > summary').click();
  await row.locator('input[name=because]').fill('printed for the file');
  await row.locator('button[type=submit]').click();
  await expect(row.locator('.badge')).toBeVisible();
  await page.emulateMedia({ media: 'print' });
  await expect(row.locator('.value').first()).not.toContainText('•');
  await expect(row.locator('.badge')).toBeVisible();
  const told = await (await clerk('auditor')).csv(`/audit.csv?process=${process_id}&with=identity,detail`);
  expect(JSON.stringify(told.rows.filter((r) => r.action === 'field.reveal').at(-1)), 'the words stand on the record').toContain('printed for the file');
});
