import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bridge, started } from './bridge.js'

test('nobody is answered without the right signature of exactly this request, made just now', async (t) => {
  const { bridge } = await started(t)
  await bridge.logIn()
  const body = { phone: '79990000001', message: 'Да' }
  const raw = JSON.stringify(body)
  const now = Math.floor(Date.now() / 1000)
  const cases = {
    'another secret': { secret: 'another secret, as long' },
    'no signature': { headers: { 'x-signature': '' } },
    'no timestamp': { headers: { 'x-timestamp': '' } },
    'without its prefix': { headers: { 'x-signature': 'a'.repeat(64) } },
    'too old': { timestamp: String(now - 310) },
    'of the future': { timestamp: String(now + 310) },
    'not a number': { timestamp: 'now' },
    'milliseconds': { timestamp: String(now * 1000) },
    'another body': { signed: `${now}.POST /send.${raw} ` },
    'another path': { signed: `${now}.POST /numbers.${raw}` },
    'another method': { signed: `${now}.GET /send.${raw}` },
    'the body alone': { signed: `${now}.${raw}` },
  }

  for (const [name, change] of Object.entries(cases)) {
    const { status, body: said } = await bridge.ask('POST', '/send', raw, { timestamp: String(now), ...change })
    assert.deepEqual([status, said.error], [401, 'unauthorized'], name)
  }
  for (const path of ['/health', '/accounts/default', '/lids/900123456']) {
    assert.equal((await bridge.ask('GET', path, undefined, { secret: 'another secret, as long' })).status, 401)
  }
  assert.equal((await bridge.ask('GET', '/health?account=default', undefined)).status, 200)
  const elsewhere = { signed: `${now}.GET /health.`, timestamp: String(now) }
  assert.equal((await bridge.ask('GET', '/health?account=default', undefined, elsewhere)).status, 401)
  assert.equal((await bridge.ask('POST', '/send', raw, { timestamp: String(now - 290) })).status, 200)
  assert.equal(bridge.sent.length, 1)
})

for (const [name, env, sentence] of [
  ['without a secret', { BRIDGE_SECRET: '' }, /BRIDGE_SECRET .* 16 characters/],
  ['with a short secret', { BRIDGE_SECRET: 'short' }, /BRIDGE_SECRET .* 16 characters/],
  ['with a webhook that is no address', { BRIDGE_WEBHOOK: 'localhost:8080' }, /BRIDGE_WEBHOOK/],
  ['with a proxy of another kind', { BRIDGE_PROXY: 'ftp://salon:hush@127.0.0.1' }, /^BRIDGE_PROXY (?!.*hush)/],
  ['with a proxy that is no address', { BRIDGE_PROXY: 'salon:hush@127.0.0.1:3128' }, /^BRIDGE_PROXY (?!.*hush)/],
  ['with a proxy that has a path', { BRIDGE_PROXY: 'http://salon:hush@127.0.0.1/x' }, /^BRIDGE_PROXY (?!.*hush)/],
  ['with a proxy whose password is half coded', { BRIDGE_PROXY: 'http://salon:hush%@127.0.0.1' }, /^BRIDGE_PROXY (?!.*hush)/],
  ['with a port that is no number', { BRIDGE_PORT: 'x' }, /BRIDGE_PORT/],
]) {
  test(`it does not start ${name}, and says so in one sentence`, async (t) => {
    const bridge = new Bridge(env)
    t.after(() => bridge.remove())
    await bridge.start()

    assert.equal((await bridge.ended).code, 2)
    assert.match(bridge.errors, sentence)
    assert.equal(bridge.errors.trim().split('\n').length, 1)
  })
}

test('a second process on the same sessions does not start', { skip: process.platform !== 'linux' }, async (t) => {
  const { bridge } = await started(t)
  const second = new Bridge({ BRIDGE_DATA: bridge.env.BRIDGE_DATA })
  t.after(() => second.remove())
  await second.start()

  assert.equal((await second.ended).code, 2)
  assert.match(second.errors, /Another bridge works on this BRIDGE_DATA already/)
})

test('it listens for this machine alone unless told otherwise', async (t) => {
  const { bridge } = await started(t)
  assert.match(bridge.url, /^http:\/\/127\.0\.0\.1:\d+$/)
})
