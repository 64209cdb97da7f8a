// A reviewer's whole day in short: the same journey with scripts and without. `did` collects what must stand in the trail.
import { expect, listed, total } from './test.js';

/** The 15 fields of a final result in the order of the page and of the CSV. */
export const fields = ['firstName', 'lastName', 'lastNameSecondLine', 'dateOfBirth', 'placeOfBirth', 'gender', 'nationality', 'documentType', 'documentNumber',
  'issuingCountry', 'dateOfIssue', 'dateOfExpiry', 'personalIdentificationNumber', 'similarityScore', 'livenessDetected'];

export class Reviewer {
  did = [];
  purpose = 'onboarding'; // the first of the demo's purposes

  constructor(page, scripted) {
    this.page = page;
    this.scripted = scripted;
  }

  /** Notes what was just done, as the trail should have it. */
  note(action, processID = '') {
    this.did.push({ action, process_id: processID, purpose: this.purpose, outcome: 'ok' });
  }

  async search(term) {
    await this.page.locator('form[action="/processes/search"] [name=q]').fill(term);
    await this.page.getByRole('button', { name: 'Search' }).click();
    await this.page.waitForURL(/\/processes\?(.*&)?s=/);
    this.note('process.search');
  }

  /** Sets one filter: with scripts the list follows by itself, without them the form is sent. */
  async filter(set) {
    const before = this.page.url();
    await set(this.page.locator('form#filters'));
    if (!this.scripted) await this.page.getByRole('button', { name: 'Apply filters' }).click();
    await this.page.waitForURL((url) => url.href !== before);
    await this.page.waitForLoadState();
    this.note('process.search');
  }

  async choose(name, value) {
    await this.filter((form) => form.locator(`input[name=${name}][value="${value}"]`).check());
  }

  /** Opens a listed process by its link. */
  async open(processID) {
    await this.page.locator(`tr[data-process="${processID}"] a[data-row]`).click();
    await this.page.waitForURL((url) => url.pathname === `/processes/${processID}`);
    this.note('process.view', processID);
  }

  async setPurpose(purpose) {
    await this.page.locator('form.purpose select[name=purpose]').selectOption(purpose);
    if (!this.scripted) await this.page.locator('form.purpose button[type=submit]').click();
    await expect(this.page.locator('form.purpose option[selected]')).toHaveAttribute('value', purpose);
    this.purpose = purpose;
  }
}

/** Finds a person by a part of the name, then narrows by each filter until little is left. */
export async function findAndNarrow(r, all) {
  const { page } = r;
  const someone = all.find((p) => p.status === 'accepted' && /^[a-z]{6,}$/i.test(p.lastName) && p.created_at < all[0].created_at);
  await r.search(someone.lastName.slice(0, 4));
  let found = await total(page);
  expect(found, 'a part of a name finds some, not all').toBeGreaterThan(0);
  expect(found).toBeLessThan(all.length);
  // Others are found by other spellings of the name, or by what a customer stated before the provider has read anything.
  const row = page.locator(`tr[data-process="${someone.process_id}"]`);
  await expect(row, 'the row of the one looked for shows why it was found').toContainText(new RegExp(someone.lastName.slice(0, 4), 'i'));

  const narrowed = async (set) => {
    await set();
    await expect.poll(() => total(page), 'a filter never finds more').toBeLessThanOrEqual(found);
    found = await total(page);
    expect(await listed(page), 'the one looked for stays').toContain(someone.process_id);
  };
  await narrowed(() => r.choose('status', someone.status));
  for (const status of await page.locator('tr[data-process] [data-status]').all()) await expect(status).toHaveAttribute('data-status', someone.status);
  await narrowed(() => r.choose('provider', someone.provider));
  if (someone.process_type) await narrowed(() => r.choose('type', someone.process_type));
  const day = someone.created_at.slice(0, 10);
  await narrowed(() => r.filter(async (form) => { await form.locator('input[name=from]').fill(day); await form.locator('input[name=from]').blur(); }));
  await narrowed(() => r.filter(async (form) => { await form.locator('input[name=to]').fill(day); await form.locator('input[name=to]').blur(); }));
  expect(new URL(page.url()).searchParams.get('to')).toBe(day);
  return someone;
}

/** Goes to the next page and back: other rows, then the same ones again. */
export async function pageThrough(r) {
  const { page } = r;
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Processes' }).click();
  await page.waitForURL(/\/processes$/); // and whole: rows are counted next
  r.note('process.search');
  const first = await listed(page);
  await page.locator('a[rel=next]').click();
  await page.waitForURL(/[?&]after=/);
  r.note('process.search');
  const second = await listed(page);
  expect(second.length).toBeGreaterThan(0);
  expect(second.filter((id) => first.includes(id)), 'no row on two pages').toEqual([]);
  await page.locator('a[rel=prev]').click();
  await page.waitForURL(/[?&]before=|\/processes$/);
  r.note('process.search');
  expect(await listed(page), 'back on the first page').toEqual(first);
}

/** Opens a process whose result and detail disagree, and reads the comparison as a script would. */
export async function compare(r) {
  const { page } = r;
  await r.choose('relation', 'differs');
  const [id] = await listed(page);
  await r.open(id);
  const rows = page.locator('tr[data-field]');
  const names = await rows.evaluateAll((trs) => trs.map((tr) => tr.dataset.field));
  expect(names.slice(0, fields.length)).toEqual(fields);
  const wrong = page.locator('tr[data-field][data-relation=differs]');
  expect(await wrong.count()).toBeGreaterThan(0);
  await expect(wrong.first()).toContainText('Different');
  expect(await wrong.first().locator('[data-pointer][data-relation=differs]').count(), 'the place that differs is named').toBeGreaterThan(0);
  const lost = await page.evaluate(() => [...document.querySelectorAll('tr[data-field] [data-pointer^="/providerSpecific/"]')]
    .map((e) => e.dataset.pointer.replace(/#.*/, ''))
    .filter((pointer) => !document.querySelector(`.tree [data-pointer="${CSS.escape(pointer)}"]`)));
  expect(lost, 'every source is a leaf of the tree').toEqual([]);
  await expect(page.locator('[data-question]')).toHaveCount(6);
  expect(await page.locator('[data-finding]').count(), 'a disagreement is a finding').toBeGreaterThan(0);
  return id;
}

/** Reveals one masked field for a purpose; the next view masks it again. */
export async function reveal(r, id) {
  const { page } = r;
  await page.goto(`/processes/${id}`);
  r.note('process.view', id);
  const value = page.locator('tr[data-field=personalIdentificationNumber] td .value').first();
  await expect(value).toContainText('•');
  const row = page.locator('tr[data-field=personalIdentificationNumber]');
  await row.locator('details.reveal > summary').click();
  await row.locator('select[name=purpose]').selectOption('periodic-review');
  await row.locator('button[type=submit]').click();
  await expect(value).not.toContainText('•');
  r.did.push({ action: 'field.reveal', process_id: id, purpose: 'periodic-review', outcome: 'ok' });
  const open = await value.innerText();
  await expect(row.locator('.badge')).toContainText('Revealed');
  await page.goto(`/processes/${id}`);
  r.note('process.view', id);
  await expect(value, 'masked again').toContainText('•');
  return open;
}

/** Opens the raw answer: first the question for a purpose, then the bytes. */
export async function raw(r, id) {
  const { page } = r;
  await page.goto(`/processes/${id}/raw`);
  await page.locator('main select[name=purpose]').selectOption('alert');
  const [answer] = await Promise.all([
    page.waitForResponse((a) => new URL(a.url()).pathname === `/processes/${id}/raw` && a.status() === 200),
    page.getByRole('button', { name: /open the raw json/i }).click(),
  ]);
  expect(answer.headers()['content-type']).toContain('application/json');
  await expect(page.locator('body')).toContainText(`"processId"`);
  r.did.push({ action: 'field.reveal', process_id: id, purpose: 'alert', outcome: 'ok' }, { action: 'process.raw', process_id: id, purpose: 'alert', outcome: 'ok' });
}

export async function openImage(r, id) {
  const { page } = r;
  await page.goto(`/processes/${id}`);
  r.note('process.view', id);
  const link = page.locator('section.images a').first();
  const [answer] = await Promise.all([page.waitForResponse((a) => /\/images\/|\/video$/.test(a.url())), link.click()]);
  expect(answer.status()).toBe(200);
  expect(answer.headers()['content-type']).toMatch(/^(image|video)\//);
  r.did.push({ action: 'process.image', process_id: id, purpose: r.purpose, outcome: 'unknown' }); // Assure is asked: one record before, one after
  r.note('process.image', id);
}

export async function signOut(r, demo) {
  const { page } = r;
  await page.goto('/help');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  r.note('sign-out');
  await expect(page.getByText(/signed out/i).first()).toBeVisible();
  await page.waitForURL((url) => url.pathname !== '/auth/logout');
  await page.goto('/processes');
  expect(new URL(page.url()).origin, 'after signing out nothing opens').toBe(new URL(demo.idp).origin);
}

/** What the trail holds of one person's doings since a record, as an auditor's CSV has it. */
export async function recordsOf(clerk, name, since) {
  const { rows } = await clerk.csv('/audit.csv?with=identity,detail');
  return rows.filter((x) => Number(x.seq) > since && (x.actor_name === name || x.actor_name.includes(name)));
}
