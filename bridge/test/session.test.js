import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { AppendLog } from '../src/append_log.js'
import * as baileys from '../src/baileys.js'
import { Connection } from '../src/connection.js'
import { Session } from '../src/session.js'
import { until } from './bridge.js'

function folderOf(t) {
  const folder = mkdtempSync(join(tmpdir(), 'bridge-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function recordsOf(path) {
  const records = []
  const log = await AppendLog.open(path, (record) => records.push(record))
  return { log, records }
}

test('a line that was cut off is dropped, and what follows is whole', async (t) => {
  const path = join(folderOf(t), 'x.log')
  for (const rest of ['{"n":', '{"n":2}', '\0\0\0\0\n\0\0']) {
    writeFileSync(path, `{"n":1}\n${rest}`)
    const { log, records } = await recordsOf(path)
    await log.append({ n: 3 })
    await log.close()

    assert.deepEqual(records, [{ n: 1 }])
    assert.equal(readFileSync(path, 'utf8'), '{"n":1}\n{"n":3}\n')
  }
})

test('damage in the middle is said, not skipped', async (t) => {
  const path = join(folderOf(t), 'x.log')
  writeFileSync(path, '{"n":1}\nrubbish\n{"n":3}\n')
  await assert.rejects(recordsOf(path), /damaged at byte 8/)
})

test('appends and replacements happen in the order they were asked for', async (t) => {
  const path = join(folderOf(t), 'x.log')
  const { log } = await recordsOf(path)
  await Promise.all([log.append(1), log.append(2), log.replace(() => ['three']), log.append(4)])
  await log.close()
  assert.deepEqual((await recordsOf(path)).records, ['three', 4])
})

test('a login of Baileys and its keys are the same after they were read back', async (t) => {
  const folder = folderOf(t)
  const session = await Session.open(folder, baileys)
  const { creds, keys } = session.state
  creds.account = { details: Buffer.from('x') }
  await session.saveCreds()
  const data = {
    'pre-key': { 1: { private: Buffer.from([1]), public: new Uint8Array([2]) }, 2: { private: Buffer.from([3]) } },
    session: { '79990000001.0': Buffer.from('session') },
    'lid-mapping': { 79990000001: '111222333444' },
    'app-state-sync-key': { abc: { keyData: Buffer.from('key'), timestamp: 5 } },
  }
  await keys.set(data)
  await keys.set({ 'pre-key': { 2: null } })
  await session.close()
  appendFileSync(join(folder, 'session.log'), '{"keys": {"session/79990000001.0": nu')

  const again = await Session.open(folder, baileys)
  t.after(() => again.close())

  assert.equal(again.isLinked, true)
  assert.deepEqual(again.creds.noiseKey, { private: Buffer.from(creds.noiseKey.private), public: Buffer.from(creds.noiseKey.public) })
  const read = (type, ...ids) => again.state.keys.get(type, ids)
  assert.deepEqual(await read('pre-key', '1', '2'), { 1: { private: Buffer.from([1]), public: Buffer.from([2]) } })
  assert.deepEqual(await read('session', '79990000001.0'), data.session)
  assert.deepEqual(await read('lid-mapping', '79990000001'), data['lid-mapping'])
  const { abc } = await read('app-state-sync-key', 'abc')
  assert.equal(Buffer.from(abc.keyData).toString(), 'key')
})

test('a session file that has grown is made short again without losing a key', async (t) => {
  const folder = folderOf(t)
  const session = await Session.open(folder, baileys)
  const big = Buffer.alloc(100_000, 7)
  for (let i = 0; i < 12; i++) await session.state.keys.set({ session: { [i % 2]: big }, 'sender-key': { [i]: Buffer.from([i]) } })
  await session.close()

  assert.ok(readFileSync(join(folder, 'session.log')).length < 1_000_000)
  const again = await Session.open(folder, baileys)
  t.after(() => again.close())
  const keys = await again.state.keys.get('sender-key', Array.from({ length: 12 }, (_, i) => `${i}`))
  assert.equal(Object.keys(keys).length, 12)
})

test('the real Baileys gives the bridge every event in the moment that it knows of it', async (t) => {
  const session = await Session.open(folderOf(t), baileys)
  session.creds.registered = true
  session.creds.me = { id: '79995550000:1@s.whatsapp.net', lid: '90079995550000:1@lid' }
  const heard = []
  const note = (name) => (event) => heard.push([name, event])
  const listener = Object.fromEntries(
    ['standing', 'qr', 'linked', 'opened', 'closed', 'upsert', 'updates', 'ack'].map((name) => [name, note(name)]),
  )
  const nowhere = (options) => baileys.default({ ...options, waWebSocketUrl: 'ws://127.0.0.1:1' })
  const connection = new Connection('default', {
    session,
    driver: { ...baileys, default: nowhere },
    settings: { backoff: 60_000 },
    listener: { ...listener, getMessage: async () => undefined },
  })
  t.after(async () => {
    connection.stop()
    await session.close()
  })
  await connection.start()
  const { socket } = connection
  const message = { key: { remoteJid: '79990000001@s.whatsapp.net', id: 'I1' }, message: { conversation: 'Да' } }

  socket.ev.buffer() // as while the messages of the time offline come
  void socket.upsertMessage(message, 'append').catch(() => {})
  socket.ws.emit('CB:ack,class:message', { attrs: { class: 'message', id: 'X', from: 'y', error: '463' } })

  assert.deepEqual(heard.filter(([name]) => name === 'upsert'), [['upsert', { messages: [message], type: 'append' }]])
  const updates = heard.filter(([name]) => name === 'updates').map(([, [{ key, update }]]) => [key.id, update.status, update.messageStubParameters[0]])
  assert.deepEqual(updates, [['X', 0, '463']])
  assert.equal(heard.filter(([name]) => name === 'ack').length, 1)
  for (const name of ['sendMessage', 'onWhatsApp', 'requestPairingCode', 'logout', 'end', 'fetchNewChatMessageCap', 'fetchAccountReachoutTimelock']) {
    assert.equal(typeof socket[name], 'function', name)
  }
  for (const name of ['getPNForLID', 'getLIDsForPNs']) assert.equal(typeof socket.signalRepository.lidMapping[name], 'function')
  await until(() => heard.some(([name, { state } = {}]) => name === 'standing' && state === 'disconnected'))
})
