// An identity provider that nobody here wrote: npm's certified oidc-provider. Its people sign in by name alone.
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { Provider, errors } from 'oidc-provider';

/** People by name, with the groups that the provider tells of them; no groups: the claim is missing altogether. */
export const staff = {
  rita: { name: 'Rita Review', groups: ['identity-review'] },
  adam: { name: 'Adam Audit', groups: ['audit', 'cycling'] },
  carl: { name: 'Carl Canteen', groups: ['canteen'] },
  nora: { name: 'Nora None' },
};

/**
 * Serves on a port of 127.0.0.1. claims: 'id-token' puts the groups into the ID token, 'userinfo' only behind userinfo.
 * Returns {issuer, stop}; a provider that starts again on the same port has new keys and remembers nobody.
 */
export async function startProvider({ port, portal, claims = 'id-token' }) {
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, configuration(portal, claims));
  provider.on('server_error', (_, error) => console.error('provider:', error));
  const answer = provider.callback();
  const server = createServer((request, response) => {
    const page = /^\/interaction\/[\w-]+/.test(request.url) ? interact(provider, request, response) : answer(request, response);
    Promise.resolve(page).catch((error) => {
      response.statusCode = error instanceof errors.SessionNotFound ? 400 : 500;
      response.end(String(error));
    });
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return {
    issuer,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function configuration(portal, claims) {
  return {
    clients: [{
      client_id: 'portal',
      client_secret: 'a secret between two processes of one test',
      redirect_uris: [`${portal}/auth/callback`],
      post_logout_redirect_uris: [`${portal}/`],
      backchannel_logout_uri: `${portal}/auth/backchannel-logout`,
      backchannel_logout_session_required: true,
    }],
    jwks: { keys: [newKey()] },
    cookies: { keys: ['a key of one test'] },
    claims: { openid: ['sub'], profile: ['name'], groups: ['groups'] },
    scopes: ['openid', 'profile', 'groups'],
    conformIdTokenClaims: claims === 'userinfo',
    // Its own fetch refuses loopback addresses, and loopback is where this test's portal is told of a sign-out.
    fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined }),
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource: askToSignOut, postLogoutSuccessSource: (ctx) => { ctx.body = page('<p>Signed out of everything.</p>'); } },
    },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_, sub) => staff[sub] && { accountId: sub, claims: () => ({ sub, ...staff[sub] }) },
    loadExistingGrant: grantAll,
    renderError: (ctx, out) => { ctx.body = page(`<p>Refused: ${out.error}</p>`); },
  };
}

function newKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' };
}

/** Nobody is asked for consent: a company's own provider does not do that for a company's own portal. */
async function grantAll(ctx) {
  const { provider, session, client } = ctx.oidc;
  const held = session.grantIdFor(client.clientId);
  if (held) return provider.Grant.find(held);
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope('openid profile groups');
  await grant.save();
  return grant;
}

/** The sign-in page and what its form leads to. */
async function interact(provider, request, response) {
  await provider.interactionDetails(request, response); // fails unless a sign-in is under way in this browser
  if (request.method !== 'POST') {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(page('<form method="post"><label>Name <input name="login" autofocus></label> <button>Sign in</button></form>'));
    return;
  }
  const login = new URLSearchParams(await text(request)).get('login');
  const result = staff[login] ? { login: { accountId: login } } : { error: 'access_denied', error_description: 'nobody of that name' };
  await provider.interactionFinished(request, response, result);
}

function askToSignOut(ctx, form) {
  ctx.body = page(`${form}<p>Sign out of everything?</p><button type="submit" form="op.logoutForm" name="logout" value="yes">Yes, sign me out</button>`);
}

function page(body) {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><link rel="icon" href="data:,"><title>Company sign-in</title><h1>Company sign-in</h1>${body}</html>`;
}
