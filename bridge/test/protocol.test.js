import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { shared, started, until } from './bridge.js'

const logIn = shared()

const PHONE = '79990000001'
const idOf = (account, id) =>
  `3EB0${createHash('sha256').update(`${account}\n${id}`).digest('hex').slice(0, 36).toUpperCase()}`

test('a message is sent once for its id, and its caller can foretell how WhatsApp calls it', async () => {
  const login = await logIn()
  const message = { phone: PHONE, message: 'Анна, ждём вас 💅', id: 'reactivation-7' }
  const messageId = idOf(login.account, 'reactivation-7')

  assert.deepEqual(await login.send(message), { status: 200, body: { success: true, messageId, repeated: false } })
  assert.deepEqual((await login.send(message)).body, { success: true, messageId, repeated: true })
  const both = { ...message, id: 'at once' }
  const answers = await Promise.all([login.send(both), login.send(both), login.send(both)])

  assert.deepEqual(answers.map(({ body }) => body.repeated).sort(), [false, true, true])
  assert.deepEqual(login.sent, [
    { account: login.account, jid: `${PHONE}@s.whatsapp.net`, text: 'Анна, ждём вас 💅', messageId },
    { account: login.account, jid: `${PHONE}@s.whatsapp.net`, text: 'Анна, ждём вас 💅', messageId: idOf(login.account, 'at once') },
  ])
  await until(() => login.statuses.length === 6)
  const ofFirst = login.statuses.filter((one) => one.messageId === messageId)
  assert.deepEqual(ofFirst.map((one) => one.status), ['accepted', 'delivered', 'read'])
  assert.ok(ofFirst.every((one) => Math.abs(one.timestamp - Date.now() / 1000) < 60))
})

test('an id never becomes another message', async () => {
  const login = await logIn()
  const message = { phone: PHONE, message: 'Первое', id: 'same' }
  await login.send(message)

  for (const other of [{ message: 'Второе' }, { phone: '79990000002' }]) {
    const { status, body } = await login.send({ ...message, ...other })
    assert.deepEqual([status, body.error], [400, 'invalid'])
  }
  assert.equal(login.sent.length, 1)
})

test('what AI Admin v2 asks for is answered as its own service answers', async (t) => {
  const { bridge } = await started(t)
  assert.equal((await bridge.ask('GET', '/health')).body.connected, false)
  await bridge.logIn()

  const sent = (await bridge.send({ phone: PHONE, message: 'Здравствуйте' })).body
  const again = (await bridge.send({ phone: PHONE, message: 'Здравствуйте' })).body

  assert.equal(sent.success, true)
  assert.match(sent.messageId, /^3EB0[0-9A-F]{36}$/)
  assert.notEqual(again.messageId, sent.messageId)
  const health = (await bridge.ask('GET', '/health')).body
  assert.deepEqual(health, { connected: true, state: 'connected', ids: true, version: health.version })
})

test('numbers are looked up, and LIDs and phones found for each other', async () => {
  const login = await logIn()

  const { body } = await login.ask('POST', '/numbers', { phones: [PHONE, '+7 (999) 000-04-04'] })

  assert.deepEqual(body.numbers, [
    { phone: PHONE, exists: true, lid: `900${PHONE}` },
    { phone: '79990000404', exists: false },
  ])
  assert.deepEqual((await login.ask('GET', `/lids/900${PHONE}?account=${login.account}`)).body, { lid: `900${PHONE}`, phone: PHONE })
  assert.deepEqual((await login.ask('GET', `/lids/12345678901234?account=${login.account}`)).body, {
    lid: '12345678901234',
    phone: null,
  })
  await login.send({ lid: `900${PHONE}`, message: 'По LID' })
  assert.equal(login.sent[0].jid, `900${PHONE}@lid`)
})

test('what cannot be understood gets one sentence and reaches nobody', async () => {
  const login = await logIn()
  const good = { phone: PHONE, message: 'Да' }
  const cases = [
    [400, { ...good, message: '' }],
    [400, { ...good, message: 7 }],
    [400, { ...good, message: 'x'.repeat(70_000) }],
    [400, { ...good, id: '' }],
    [400, { ...good, id: 'x'.repeat(101) }],
    [400, { ...good, phone: 'нет' }],
    [400, { ...good, phone: '12' }],
    [400, { ...good, lid: '900123456' }],
    [400, { message: 'Кому?' }],
    [400, { ...good, account: 5 }],
    [400, '{"phone": '],
    [400, '[]'],
    [404, { ...good, account: 'nobody' }],
    [413, { ...good, message: 'x'.repeat(1_000_001) }],
  ]

  for (const [status, body] of cases) {
    const answer = await login.send(body)
    assert.equal(answer.status, status, JSON.stringify(body).slice(0, 80))
    assert.equal(answer.body.success, false)
    assert.match(answer.body.message, /^[A-Z\w].*\.$/)
    assert.equal(answer.body.temporary, false)
  }
  for (const phones of [[], 'x', Array(51).fill(PHONE), ['x']]) {
    assert.equal((await login.ask('POST', '/numbers', { phones })).status, 400)
  }
  assert.equal((await login.ask('GET', '/nowhere')).status, 404)
  assert.equal((await login.ask('POST', '/accounts', { account: '../x' })).status, 400)
  assert.deepEqual(login.sent, [])
})

test('each refusal of WhatsApp has its code, and says whether the message may have left', async () => {
  const login = await logIn()
  const send = async (ending) => {
    const { status, body } = await login.send({ phone: `7999000${ending}`, message: 'Да', id: ending })
    return [status, body.error, body.temporary, body.retryAfter]
  }
  const connected = () => login.hasState('connected')

  assert.deepEqual(await send('0404'), [422, 'not_on_whatsapp', false, undefined])
  assert.deepEqual(await send('0429'), [429, 'rate_limited', true, 60])
  assert.deepEqual(await send('0479'), [400, 'invalid', true, undefined])
  assert.deepEqual(await send('0500'), [504, 'outcome_unknown', false, undefined])
  assert.deepEqual(await send('0505'), [504, 'outcome_unknown', false, undefined])
  assert.deepEqual((await send('0503')).slice(0, 3), [503, 'not_connected', true])
  await connected()
  assert.deepEqual((await send('0504')).slice(0, 2), [504, 'outcome_unknown'])
  await connected()
  const [status, error, temporary, retryAfter] = await send('0463')
  assert.deepEqual([status, error, temporary], [403, 'restricted', true])
  assert.ok(retryAfter > 3000 && retryAfter <= 3600)

  const reached = login.sent.map(({ jid }) => jid.slice(7, 11))
  assert.deepEqual(reached, ['0429', '0479', '0500', '0505', '0504', '0463'])
  const account = (await login.ask('GET', `/accounts/${login.account}`)).body
  assert.equal(account.state, 'restricted')
  assert.ok(Math.abs(Date.parse(account.limits.restrictedUntil) - Date.now() - 3_600_000) < 60_000)
  assert.equal((await login.ask('GET', `/health?account=${login.account}`)).body.connected, true)
  assert.deepEqual((await send('0401')).slice(0, 2), [409, 'logged_out'])
  await until(() => login.states.at(-1)?.state === 'logged_out')
  const noted = login.states.filter((one) => one.code === 429 || one.code === 463)
  assert.deepEqual(noted[0].reason, 'rate_limited')
  assert.ok(noted.slice(1).every((one) => one.state === 'restricted' && one.reason === 'new_chats_blocked'))
  assert.equal(noted.at(-1).limits.restrictedUntil, account.limits.restrictedUntil)
  assert.deepEqual(login.statuses, []) // each caller heard of its refusal in the answer
})

test('a lost answer is settled by the delivery, and a repeat is not sent then', async () => {
  const login = await logIn()
  const message = { phone: '79990000502', message: 'Да', id: 'late' }
  assert.equal((await login.send(message)).body.error, 'outcome_unknown')
  await until(() => login.statuses.some((one) => one.status === 'read'))

  assert.equal((await login.send(message)).body.repeated, true)

  assert.equal(login.sent.length, 1)
  assert.deepEqual(login.statuses.map((one) => one.status), ['delivered', 'read'])
})

test('a repeat after an unknown outcome has the same WhatsApp id, and its refusal settles nothing', async () => {
  const login = await logIn()
  const message = { phone: '79990000504', message: 'Да', id: 'twice' }
  await login.send(message)
  await login.hasState('connected')

  assert.equal((await login.send(message)).body.error, 'outcome_unknown')
  login.inject({ close: 401 })
  await login.hasState('logged_out')
  assert.equal((await login.send(message)).body.error, 'outcome_unknown')

  assert.equal(login.sent.length, 2)
  assert.equal(new Set(login.sent.map((one) => one.messageId)).size, 1)
})

test('a log line has neither phones nor texts', async (t) => {
  const { bridge, vernis } = await started(t)
  await bridge.logIn()
  for (const ending of ['0001', '0404', '0463', '0500', '0503']) {
    await bridge.send({ phone: `7999000${ending}`, message: 'Секретный текст' })
  }
  bridge.inject({ from: PHONE, text: 'Секретный ответ', pushName: 'Секретова' })
  await until(() => vernis.messages.length)

  assert.ok(bridge.output.includes('"outcome unknown"'))
  assert.doesNotMatch(bridge.output + bridge.errors, /7999|Секрет/)
})
