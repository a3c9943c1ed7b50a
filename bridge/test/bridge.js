/** A bridge in a process of its own, with a WhatsApp and a Vernis that are stand-ins. */
import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { after, before } from 'node:test'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const SECRET = 'a secret of the tests only'
const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url))
const FAKE = fileURLToPath(new URL('fake-socket.js', import.meta.url))

export const hmac = (text, secret = SECRET) => `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`

/** @param {() => unknown} probe asked until it says something true, which is returned */
export async function until(probe) {
  for (;;) {
    const found = await probe()
    if (found) return found
    await new Promise((resolve) => setTimeout(resolve, 15))
  }
}

/** A Vernis that keeps what it was told. `answer(body)` says with which status. */
export class Vernis {
  told = []
  answer = () => 200

  async start(port = 0) {
    this.server = createServer(async (request, response) => {
      const chunks = []
      for await (const chunk of request) chunks.push(chunk)
      const raw = Buffer.concat(chunks).toString()
      const body = JSON.parse(raw)
      const isSigned = request.headers['x-signature'] === hmac(`${request.headers['x-timestamp']}.${raw}`)
      const status = isSigned ? this.answer(body) : 401
      if (status < 300) this.told.push(body)
      response.writeHead(status).end()
    })
    await new Promise((resolve) => this.server.listen(port, '127.0.0.1', resolve))
    this.port = this.server.address().port
    return this
  }

  stop() {
    this.server.closeAllConnections()
    return new Promise((resolve) => this.server.close(resolve))
  }

  get messages() {
    return this.told.flatMap((body) => (body.messages ?? []).map((one) => ({ account: body.account, ...one })))
  }

  get statuses() {
    return this.told.flatMap((body) => body.statuses ?? [])
  }

  get states() {
    return this.told.filter((body) => body.state).map((body) => ({ account: body.account, ...body.state }))
  }
}

export class Bridge {
  folder = mkdtempSync(join(tmpdir(), 'bridge-'))
  output = ''

  /** @param {Record<string, string>} [env] */
  constructor(env = {}) {
    this.env = {
      PATH: process.env.PATH,
      BRIDGE_SECRET: SECRET,
      BRIDGE_PORT: '0',
      BRIDGE_DATA: join(this.folder, 'data'),
      BRIDGE_SOCKET: FAKE,
      BRIDGE_SEND_TIMEOUT: '0.3',
      BRIDGE_BACKOFF: '0.02',
      FAKE_LOG: join(this.folder, 'sent.jsonl'),
      FAKE_INBOX: join(this.folder, 'inbox.jsonl'),
      FAKE_DELAY: '1',
      ...env,
    }
  }

  /** @param {Record<string, string>} [env] for this start */
  async start(env = {}) {
    this.process = spawn(process.execPath, [MAIN], { env: { ...this.env, ...env } })
    this.ended = new Promise((resolve) => this.process.on('exit', (code, signal) => resolve({ code, signal })))
    this.output = this.errors = ''
    this.process.stderr.on('data', (data) => (this.errors += data))
    await new Promise((resolve) => {
      this.process.stdout.on('data', (data) => {
        this.output += data
        const line = this.output.split('\n').find((each) => each.includes('"listening"') && each.endsWith('}'))
        if (line) resolve((this.url = JSON.parse(line).url))
      })
      this.process.on('exit', resolve)
    })
    return this
  }

  /** @param {NodeJS.Signals} signal */
  async stop(signal = 'SIGTERM') {
    this.process?.kill(signal)
    return this.ended
  }

  async remove() {
    await this.stop('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** @returns {Promise<{status: number, body: any}>} */
  async ask(method, path, body, change = {}) {
    const raw = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
    const timestamp = change.timestamp ?? String(Math.floor(Date.now() / 1000))
    const signed = change.signed ?? `${timestamp}.${method} ${path}.${raw}`
    const answer = await fetch(this.url + path, {
      method,
      headers: { 'x-timestamp': timestamp, 'x-signature': hmac(signed, change.secret), ...change.headers },
      ...(method === 'POST' && { body: raw }),
    })
    return { status: answer.status, body: await answer.json() }
  }

  send(message) {
    return this.ask('POST', '/send', message)
  }

  async logIn(account = 'default') {
    await this.ask('POST', '/accounts', { account })
    await this.hasState('connected', account)
  }

  hasState(state, account = 'default') {
    return until(async () => (await this.ask('GET', `/accounts/${account}`)).body.state === state)
  }

  /** @param {...object} lines of the fake's inbox */
  inject(...lines) {
    appendFileSync(this.env.FAKE_INBOX, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  }

  /** What reached WhatsApp. */
  get sent() {
    try {
      return readFileSync(this.env.FAKE_LOG, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line))
    } catch {
      return []
    }
  }
}

/** A bridge with its Vernis; both end with the test. */
export async function started(t, env = {}) {
  const vernis = await new Vernis().start()
  const bridge = new Bridge({ BRIDGE_WEBHOOK: `http://127.0.0.1:${vernis.port}/webhooks/bridge`, ...env })
  t.after(async () => {
    await bridge.remove()
    await vernis.stop()
  })
  await bridge.start()
  return { bridge, vernis }
}

/** One bridge for all tests of a file; each test gets a login of its own on it. */
export function shared() {
  const vernis = new Vernis()
  /** @type {Bridge} */
  let bridge
  let count = 0
  before(async () => {
    await vernis.start()
    bridge = await new Bridge({ BRIDGE_WEBHOOK: `http://127.0.0.1:${vernis.port}/webhooks/bridge` }).start()
  })
  after(async () => {
    await bridge.remove()
    await vernis.stop()
  })
  return async () => {
    const login = new Login(bridge, vernis, `login-${++count}`)
    await bridge.logIn(login.account)
    return login
  }
}

class Login {
  constructor(bridge, vernis, account) {
    this.bridge = bridge
    this.vernis = vernis
    this.account = account
  }

  ask(method, path, body) {
    const isPlain = body && typeof body === 'object' && !Array.isArray(body)
    return this.bridge.ask(method, path, isPlain ? { account: this.account, ...body } : body)
  }

  send(message) {
    return this.ask('POST', '/send', message)
  }

  hasState(state) {
    return this.bridge.hasState(state, this.account)
  }

  inject(...lines) {
    this.bridge.inject(...lines.map((line) => ({ account: this.account, ...line })))
  }

  get sent() {
    return this.bridge.sent.filter((one) => one.account === this.account)
  }

  get told() {
    return this.vernis.told.filter((body) => body.account === this.account)
  }

  get statuses() {
    return this.told.flatMap((body) => body.statuses ?? [])
  }

  get states() {
    return this.told.flatMap((body) => body.state ?? [])
  }

  get messages() {
    return this.told.flatMap((body) => body.messages ?? [])
  }
}
