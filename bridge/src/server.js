/** The HTTP side: who may ask, what may be asked, and the answers. */
import { createServer } from 'node:http'
import { DEFAULT } from './accounts.js'
import { Fault } from './faults.js'
import { log } from './logging.js'
import { LoginLinks, loginPage, loginStatus } from './login_page.js'
import { VERSION } from './settings.js'
import { isSigned } from './signature.js'

const LARGEST = 1_000_000
/** Longer than callers keep a connection: none is closed just as it is used again. */
const KEPT_ALIVE = 75_000
const LONGEST_TEXT = 65_536
const PHONES_AT_ONCE = 50

/**
 * @param {import('./accounts.js').Accounts} accounts
 * @param {{secret: string, publicUrl?: string}} settings
 */
export function makeServer(accounts, settings) {
  const links = new LoginLinks()
  const server = createServer({ requestTimeout: 30_000, keepAliveTimeout: KEPT_ALIVE }, async (request, response) => {
    try {
      await answer(request, response)
    } catch (error) {
      respond(request, response, refusal(error))
    }
  })

  async function answer(request, response) {
    const url = new URL(request.url ?? '/', 'http://bridge')
    const parts = url.pathname.split('/').slice(1).map(decode)
    if (parts[0] === 'login' && request.method === 'GET') return showLogin(request, response, parts, url)
    const body = await readBody(request)
    const now = Math.floor(Date.now() / 1000)
    const { 'x-timestamp': timestamp, 'x-signature': signature } = request.headers
    const signed = { method: request.method, path: request.url, body, timestamp, signature, now }
    if (!isSigned(settings.secret, signed)) {
      throw new Fault('unauthorized', 'The signature, its secret or its timestamp is wrong; are both clocks right?')
    }
    const route = `${request.method} ${parts[0]}${parts.length > 1 ? '/*' : ''}${parts.slice(2).map((part) => `/${part}`).join('')}`
    const handle = routes[route]
    if (!handle) return respond(request, response, { status: 404, body: { success: false, error: 'invalid', message: 'There is no such address here.' } })
    const asked = { body: request.method === 'POST' ? parse(body) : {}, name: parts[1], query: url.searchParams }
    return respond(request, response, { status: 200, body: await handle(asked) })
  }

  /** @type {Record<string, (asked: {body: any, name: string, query: URLSearchParams}) => any>} */
  const routes = {
    'POST send': send,
    'GET health': ({ query }) => ({
      ...accounts.health(query.get('account') ?? undefined),
      ids: true,
      version: VERSION,
    }),
    'POST numbers': lookUp,
    'GET lids/*': async ({ name, query }) => {
      const lid = digits(name, 'lid')
      return { lid, phone: await accounts.get(query.get('account') ?? DEFAULT).phoneOf(lid) }
    },
    'POST accounts': async ({ body }) => {
      const phone = body.phone === undefined ? undefined : digits(body.phone, 'phone')
      return (await accounts.login(accountOf(body), phone)).describe()
    },
    'GET accounts/*': ({ name }) => accounts.get(name).describe(),
    'DELETE accounts/*': async ({ name }) => {
      const account = accounts.get(name)
      await account.forget()
      return account.describe()
    },
    'POST accounts/*/login-link': ({ name }) => {
      accounts.get(name)
      const { key, expiresAt } = links.make(name, Date.now())
      return { url: `${settings.publicUrl ?? ownAddress(server)}/login/${name}?key=${key}`, expiresAt }
    },
  }

  async function send({ body }) {
    const { message, id } = body
    if (typeof message !== 'string' || !message.trim() || message.length > LONGEST_TEXT) {
      throw new Fault('invalid', `message has to be a text of 1 to ${LONGEST_TEXT} characters.`)
    }
    if (id !== undefined && (typeof id !== 'string' || !id || id.length > 100)) {
      throw new Fault('invalid', 'id has to be a text of 1 to 100 characters, or left out.')
    }
    if ((body.phone === undefined) === (body.lid === undefined)) {
      throw new Fault('invalid', 'Give either phone or lid.')
    }
    const recipient = body.lid === undefined ? { phone: digits(body.phone, 'phone') } : { lid: digits(body.lid, 'lid') }
    return { success: true, ...(await accounts.get(accountOf(body)).send({ ...recipient, text: message, id })) }
  }

  async function lookUp({ body }) {
    const { phones } = body
    if (!Array.isArray(phones) || !phones.length || phones.length > PHONES_AT_ONCE) {
      throw new Fault('invalid', `phones has to be a list of 1 to ${PHONES_AT_ONCE} numbers.`)
    }
    const asked = phones.map((phone) => digits(phone, 'phone'))
    return { numbers: await accounts.get(accountOf(body)).lookUp(asked) }
  }

  async function showLogin(request, response, [, name, status], url) {
    const headers = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }
    const isAllowed = name && links.isValid(name, url.searchParams.get('key') ?? '', Date.now())
    if (status === 'status') {
      if (!isAllowed) return respond(request, response, { status: 403, headers, body: { state: 'over' } })
      const account = accounts.get(name)
      if (account.describe().reason === 'qr_expired') await account.login()
      return respond(request, response, { status: 200, headers, body: loginStatus(account.describe()) })
    }
    const { html, policy } = loginPage(request.headers['accept-language'])
    const type = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy }
    response.writeHead(isAllowed ? 200 : 403, { ...headers, ...type }).end(html)
    return undefined
  }

  return server
}

function ownAddress(server) {
  const { address, port, family } = server.address()
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

function respond(request, response, { status, headers = {}, body }) {
  if (response.headersSent) return response.destroy()
  if (!request.complete) request.resume()
  // a body that was not read to its end would be taken for the next request
  const close = request.complete ? {} : { connection: 'close' }
  return response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...close, ...headers })
    .end(JSON.stringify(body))
}

function refusal(error) {
  if (error instanceof Fault) return { status: error.status, body: error }
  log('error', 'fault', { because: error?.code ?? error?.name, at: placeOf(error) })
  return { status: 500, body: new Fault('fault', 'The bridge had a fault of its own; its log says more.') }
}

/** Where in the code: of a stack the second line, which has nothing that was said. */
const placeOf = (error) => String(error?.stack ?? '').split('\n')[1]?.trim().replace(/\(?file:.*\/src\//, '')

async function readBody(request) {
  const tooLarge = () => new Fault('too_large', `A request has at most ${LARGEST} bytes.`)
  if (Number(request.headers['content-length'] ?? 0) > LARGEST) throw tooLarge()
  const chunks = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > LARGEST) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parse(body) {
  if (!body.length) return {}
  try {
    const value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    if (value && typeof value === 'object' && !Array.isArray(value)) return value
  } catch {
    // said below
  }
  throw new Fault('invalid', 'The body has to be a JSON object in UTF-8.')
}

function accountOf({ account = DEFAULT }) {
  if (typeof account !== 'string') throw new Fault('invalid', 'account has to be a text, or left out.')
  return account
}

/** Digits of a number as people or programs write it. */
function digits(value, name) {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text === 'string' && /^\+?[\d\s().-]+(@(s\.whatsapp\.net|c\.us|lid))?$/.test(text.trim())) {
    const found = text.split('@')[0].replace(/\D/g, '')
    if (found.length >= (name === 'lid' ? 5 : 7) && found.length <= (name === 'lid' ? 20 : 15)) return found
  }
  throw new Fault('invalid', `${name} has to be the digits of a number with its country code.`)
}

function decode(part) {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
