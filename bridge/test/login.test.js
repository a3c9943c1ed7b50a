import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { started, until } from './bridge.js'

const PHONE = '79990000001'
const LOGIN = fileURLToPath(new URL('../src/login.js', import.meta.url))

test('a login shows a QR code until the phone scans it', async (t) => {
  const { bridge, vernis } = await started(t, { FAKE_QR: '1' })
  assert.equal((await bridge.ask('GET', '/accounts/salon')).status, 404)
  await bridge.ask('POST', '/accounts', { account: 'salon' })
  await bridge.hasState('qr', 'salon')

  assert.match((await bridge.ask('GET', '/accounts/salon')).body.qr, /^fake-qr/)
  assert.equal((await bridge.send({ account: 'salon', phone: PHONE, message: 'Да' })).body.error, 'logged_out')
  bridge.inject({ scan: true })
  await bridge.hasState('connected', 'salon')

  const account = (await bridge.ask('GET', '/accounts/salon')).body
  assert.match(account.phone, /^7999555\d{4}$/)
  assert.equal(account.qr, undefined)
  await until(() => vernis.states.at(-1)?.state === 'connected')
  assert.deepEqual(vernis.states.map((one) => one.state), ['connecting', 'qr', 'connecting', 'connected'])
})

test('with a phone the login is by pairing code', async (t) => {
  const { bridge } = await started(t, { FAKE_QR: '1' })
  await bridge.ask('POST', '/accounts', { account: 'salon', phone: '+7 999 555-00-00' })
  await bridge.hasState('pairing', 'salon')

  assert.equal((await bridge.ask('GET', '/accounts/salon')).body.pairingCode, 'ABCD1234')
  bridge.inject({ scan: true })
  await bridge.hasState('connected', 'salon')
})

test('the login page needs its key, shows the code as a picture, and says when it is done', async (t) => {
  const { bridge } = await started(t, { FAKE_QR: '1' })
  await bridge.ask('POST', '/accounts', { account: 'salon' })
  await bridge.hasState('qr', 'salon')
  const link = (await bridge.ask('POST', '/accounts/salon/login-link', {})).body
  assert.ok(link.url.startsWith(`${bridge.url}/login/salon?key=`))
  assert.ok(Math.abs(Date.parse(link.expiresAt) - Date.now() - 900_000) < 60_000)
  const status = link.url.replace('?', '/status?')

  const page = await fetch(link.url, { headers: { 'accept-language': 'ru-RU,ru' } })
  assert.match(await page.text(), /Вход в WhatsApp/)
  assert.match(page.headers.get('content-security-policy'), /default-src 'none'/)
  assert.match((await (await fetch(status)).json()).svg, /^<svg /)
  for (const wrong of [`${link.url}x`, link.url.replace('salon', 'other'), `${bridge.url}/login/salon`, `${status}x`]) {
    const refused = await fetch(wrong)
    assert.equal(refused.status, 403)
    assert.doesNotMatch(await refused.text(), /<svg /)
  }
  bridge.inject({ scan: true })
  await bridge.hasState('connected', 'salon')
  assert.deepEqual(await (await fetch(status)).json(), { state: 'connected' })
})

test('accounts live side by side, each with its own messages, webhooks and troubles', async (t) => {
  const { bridge, vernis } = await started(t, { BRIDGE_ACCOUNTS: 'north, south' })
  await bridge.hasState('connected', 'north')
  await bridge.hasState('connected', 'south')

  for (const account of ['north', 'south']) {
    assert.equal((await bridge.send({ account, phone: PHONE, message: 'Да', id: 'same id' })).status, 200)
  }
  bridge.inject({ account: 'south', from: PHONE, text: 'Да', id: 'I1' }, { account: 'north', close: 401 })
  await bridge.hasState('logged_out', 'north')
  await until(() => vernis.messages.length)

  assert.deepEqual(bridge.sent.map((one) => one.account), ['north', 'south'])
  assert.equal(new Set(bridge.sent.map((one) => one.messageId)).size, 2)
  assert.equal(vernis.messages[0].account, 'south')
  const health = (await bridge.ask('GET', '/health')).body
  assert.deepEqual([health.connected, health.state], [false, 'logged_out'])
  assert.deepEqual(health.accounts, {
    north: { connected: false, state: 'logged_out' },
    south: { connected: true, state: 'connected' },
  })
  assert.equal((await bridge.ask('GET', '/health?account=south')).body.connected, true)
  assert.equal((await bridge.ask('GET', '/health?account=west')).status, 404)
})

test('a broken connection is taken up again; one that WhatsApp ended is not, not even after a restart', async (t) => {
  const { bridge, vernis } = await started(t)
  await bridge.logIn()
  bridge.inject({ close: 428 })
  await until(() => vernis.states.filter((one) => one.state === 'connected').length === 2)
  assert.ok(vernis.states.some((one) => one.state === 'disconnected' && one.code === 428))

  bridge.inject({ close: 401 })
  await bridge.hasState('logged_out')
  await bridge.stop()
  await bridge.start()

  const account = (await bridge.ask('GET', '/accounts/default')).body
  assert.deepEqual([account.state, account.reason], ['logged_out', 'logged_out'])
  assert.equal((await bridge.send({ phone: PHONE, message: 'Да' })).status, 409)
  await bridge.logIn()
  assert.equal((await bridge.send({ phone: PHONE, message: 'Да' })).status, 200)
})

test('a deleted account is gone, but what it sent stays known', async (t) => {
  const { bridge } = await started(t)
  await bridge.logIn()
  const message = { phone: PHONE, message: 'Да', id: 'once' }
  await bridge.send(message)

  assert.equal((await bridge.ask('DELETE', '/accounts/default')).body.state, 'logged_out')
  assert.equal((await bridge.ask('GET', '/accounts/default')).status, 404)
  assert.equal((await bridge.send(message)).status, 404)
  await bridge.logIn()
  assert.equal((await bridge.send(message)).body.repeated, true)
  assert.equal(bridge.sent.length, 1)
})

test('what WhatsApp says about new chats is passed on', async (t) => {
  const { bridge } = await started(t)
  await bridge.logIn()
  bridge.inject({ cap: { total_quota: 50, used_quota: 20 } })

  const limits = await until(async () => (await bridge.ask('GET', '/accounts/default')).body.limits)
  assert.deepEqual(limits, { newChatsLimit: 50, newChatsLeft: 30 })
})

test('npm run login shows the code in the terminal and ends when the phone is linked', async (t) => {
  const { bridge } = await started(t, { FAKE_QR: '1' })
  const env = { ...bridge.env, BRIDGE_PORT: new URL(bridge.url).port }
  const login = spawn(process.execPath, [LOGIN, 'salon'], { env })
  let output = ''
  login.stdout.on('data', (data) => (output += data))
  const ended = new Promise((resolve) => login.on('exit', resolve))
  await until(() => output.includes('█'))
  bridge.inject({ scan: true })

  assert.equal(await ended, 0)
  assert.match(output, /Account "salon" is connected\./)
})
