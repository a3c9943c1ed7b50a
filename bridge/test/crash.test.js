import assert from 'node:assert/strict'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { started, until } from './bridge.js'

const PHONE = '79990000001'

test('what was sent before a kill -9 is not sent again after it', async (t) => {
  const { bridge } = await started(t)
  await bridge.logIn()
  const message = { phone: PHONE, message: 'Да', id: 'once' }
  const { messageId } = (await bridge.send(message)).body
  await bridge.stop('SIGKILL')
  await bridge.start()

  assert.deepEqual((await bridge.send(message)).body, { success: true, messageId, repeated: true })

  assert.equal(bridge.sent.length, 1)
})

test('killed between the journal and the answer, the repeat goes out under the same WhatsApp id', async (t) => {
  const { bridge } = await started(t, { BRIDGE_SEND_TIMEOUT: '60' })
  await bridge.logIn()
  const message = { phone: '79990000500', message: 'Да', id: 'cut off' }
  const cut = bridge.send(message).catch(() => 'no answer')
  await until(() => bridge.sent.length === 1)
  await bridge.stop('SIGKILL')
  assert.equal(await cut, 'no answer')
  await bridge.start({ BRIDGE_SEND_TIMEOUT: '0.1' })
  await bridge.hasState('connected')

  assert.equal((await bridge.send(message)).body.error, 'outcome_unknown')
  assert.equal((await bridge.send({ ...message, message: 'Нет' })).body.error, 'invalid')

  assert.equal(bridge.sent.length, 2)
  assert.equal(bridge.sent[0].messageId, bridge.sent[1].messageId)
})

test('a session survives kill -9: no new login, and its files are for their owner alone', async (t) => {
  const { bridge } = await started(t, { FAKE_QR: '1' })
  await bridge.ask('POST', '/accounts', { account: 'salon' })
  await bridge.hasState('qr', 'salon')
  bridge.inject({ scan: true })
  await bridge.hasState('connected', 'salon')
  await bridge.stop('SIGKILL')
  await bridge.start()

  await bridge.hasState('connected', 'salon')

  const accounts = join(bridge.env.BRIDGE_DATA, 'accounts')
  for (const folder of [bridge.env.BRIDGE_DATA, accounts, join(accounts, 'salon')]) {
    assert.equal(statSync(folder).mode & 0o777, 0o700)
  }
  for (const name of readdirSync(join(accounts, 'salon'))) {
    assert.equal(statSync(join(accounts, 'salon', name)).mode & 0o777, 0o600, name)
  }
})

test('webhooks wait on disk for a Vernis that is away, survive kill -9 and come in order', async (t) => {
  const { bridge, vernis } = await started(t)
  await bridge.logIn()
  await until(() => vernis.states.length === 2)
  vernis.answer = () => 503
  bridge.inject(...Array.from({ length: 20 }, (_, i) => ({ from: PHONE, text: `${i}`, id: `M${i}` })))
  await until(() => bridge.output.includes('webhook not taken'))
  await bridge.stop('SIGKILL')
  vernis.answer = () => 200
  await bridge.start()
  bridge.inject({ from: PHONE, text: '20', id: 'M20' })

  await until(() => vernis.messages.some((one) => one.messageId === 'M20'))

  const ids = new Set(vernis.messages.map((one) => one.messageId))
  assert.deepEqual([...ids], Array.from({ length: 21 }, (_, i) => `M${i}`))
})

test('a webhook is posted until a 2xx answers, whatever else is answered', async (t) => {
  const { bridge, vernis } = await started(t)
  await bridge.logIn()
  await until(() => vernis.states.length === 2)
  const answers = [500, 404, 302, 401, 429]
  vernis.answer = () => answers.shift() ?? 204
  bridge.inject({ from: PHONE, text: 'Да', id: 'M1' }, { from: PHONE, text: 'Нет', id: 'M2' })

  await until(() => vernis.messages.length === 2)

  assert.deepEqual(vernis.messages.map((one) => one.messageId), ['M1', 'M2'])
})

test('SIGTERM waits for the message that is on its way, and loses nothing', async (t) => {
  const { bridge } = await started(t, { BRIDGE_SEND_TIMEOUT: '0.3' })
  await bridge.logIn()
  const last = bridge.send({ phone: '79990000500', message: 'Да', id: 'last' })
  await until(() => bridge.sent.length === 1)

  assert.deepEqual(await bridge.stop('SIGTERM'), { code: 0, signal: null })
  assert.equal((await last).body.error, 'outcome_unknown')
})

test('killed at any moment of many sends, no id is ever two messages and none that was answered is repeated', async (t) => {
  const { bridge } = await started(t)
  await bridge.logIn()
  const ids = Array.from({ length: 40 }, (_, i) => `m${i}`)
  const answered = new Set()
  const pending = new Set(ids)
  while (pending.size) {
    const before = bridge.sent.length
    const tries = [...pending].map(async (id) => {
      const answer = await bridge.send({ phone: PHONE, message: `Да ${id}`, id }).catch(() => undefined)
      if (answer?.status === 200) {
        answered.add(id)
        pending.delete(id)
      }
    })
    await until(() => bridge.sent.length >= Math.min(before + 20, before + pending.size) || !pending.size)
    await bridge.stop('SIGKILL')
    await Promise.all(tries)
    await bridge.start()
    await bridge.hasState('connected')
  }

  const reached = Map.groupBy ? Map.groupBy(bridge.sent, (one) => one.messageId) : null
  const texts = new Map(bridge.sent.map((one) => [one.messageId, one.text]))
  assert.equal(texts.size, ids.length)
  assert.ok(bridge.sent.every((one) => texts.get(one.messageId) === one.text))
  assert.equal(answered.size, ids.length)
  if (reached) assert.equal(reached.size, ids.length)
})
