import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientOf, read, seconds } from '../src/inbound.js'
import { shared, started, until } from './bridge.js'

const logIn = shared()

const PHONE = '79990000001'

const text = (said) => ({ kind: 'text', text: said })
const wrapped = (message) => ({ ephemeralMessage: { message: { viewOnceMessageV2: { message } } } })

for (const [name, content, said] of [
  ['plain text', { conversation: 'Да' }, text('Да')],
  ['text with a link or a quote', { extendedTextMessage: { text: 'Да' } }, text('Да')],
  [
    'an answer to a message',
    { extendedTextMessage: { text: 'Да', contextInfo: { stanzaId: 'Q1' } } },
    { ...text('Да'), quotedMessageId: 'Q1' },
  ],
  ['disappearing text', { ephemeralMessage: { message: { extendedTextMessage: { text: 'Да' } } } }, text('Да')],
  ['a chosen button', { buttonsResponseMessage: { selectedDisplayText: 'Записаться' } }, text('Записаться')],
  ['a chosen line of a list', { listResponseMessage: { title: 'Завтра' } }, text('Завтра')],
  ['a photo with a caption', { imageMessage: { caption: 'Вот так' } }, { kind: 'photo', text: 'Вот так' }],
  ['a photo to be seen once', wrapped({ imageMessage: {} }), { kind: 'photo', text: null }],
  ['a voice message', { audioMessage: { ptt: true } }, { kind: 'voice', text: null }],
  ['a sticker', { stickerMessage: {} }, { kind: 'sticker', text: null }],
  ['a moving sticker', { lottieStickerMessage: { message: { stickerMessage: {} } } }, { kind: 'sticker', text: null }],
  ['a video with a caption', { videoMessage: { caption: 'Смотрите' } }, { kind: 'other', text: 'Смотрите' }],
  [
    'a document with a caption',
    { documentWithCaptionMessage: { message: { documentMessage: { caption: 'Счёт' } } } },
    { kind: 'other', text: 'Счёт' },
  ],
  ['a place', { locationMessage: {}, messageContextInfo: {} }, { kind: 'other', text: null }],
  ['what is not known yet', { somethingNewMessage: {} }, { kind: 'other', text: null }],
  [
    'a reaction',
    { reactionMessage: { text: '👍', key: { id: 'R1' } } },
    { kind: 'reaction', text: '👍', quotedMessageId: 'R1' },
  ],
  ['a reaction taken back', { reactionMessage: { key: { id: 'R1' } } }, { kind: 'reaction', text: '', quotedMessageId: 'R1' }],
  [
    'an edit',
    { protocolMessage: { type: 14, key: { id: 'E1' }, editedMessage: { conversation: 'Нет' } } },
    { kind: 'edited', text: 'Нет', quotedMessageId: 'E1' },
  ],
  [
    'an edit in its wrapper, of a caption',
    {
      editedMessage: {
        message: { protocolMessage: { type: 14, key: { id: 'E1' }, editedMessage: { imageMessage: { caption: 'Нет' } } } },
      },
    },
    { kind: 'edited', text: 'Нет', quotedMessageId: 'E1' },
  ],
  ['a message taken back', { protocolMessage: { type: 0, key: { id: 'D1' } } }, { kind: 'deleted', text: null, quotedMessageId: 'D1' }],
  ['keys', { senderKeyDistributionMessage: {}, messageContextInfo: {} }, null],
  ['a history sync', { protocolMessage: { type: 5, historySyncNotification: {} } }, null],
  ['a setting of disappearing messages', { protocolMessage: { type: 3, key: { id: 'X' } } }, null],
  ['a vote', { pollUpdateMessage: {} }, null],
  ['nothing', {}, null],
  ['what could not be decrypted yet', undefined, null],
]) {
  test(`read: ${name}`, () => assert.deepEqual(read(content), said))
}

const OWN = { phone: '79995550000', lid: '90079995550000' }
for (const [name, key, client] of [
  ['a phone', { remoteJid: `${PHONE}@s.whatsapp.net` }, { phone: PHONE }],
  ['a phone with its device', { remoteJid: `${PHONE}:12@s.whatsapp.net` }, { phone: PHONE }],
  ['a LID', { remoteJid: '111222333444@lid' }, { lid: '111222333444' }],
  ['both', { remoteJid: '111222333444@lid', remoteJidAlt: `${PHONE}@s.whatsapp.net` }, { phone: PHONE, lid: '111222333444' }],
  ['both, the other way round', { remoteJid: `${PHONE}@s.whatsapp.net`, remoteJidAlt: '111222333444:3@lid' }, { phone: PHONE, lid: '111222333444' }],
  ['beside the account itself', { remoteJid: '111222333444@lid', remoteJidAlt: `${OWN.phone}@s.whatsapp.net` }, { lid: '111222333444' }],
  ['oneself', { remoteJid: `${OWN.phone}@s.whatsapp.net` }, null],
  ['a group', { remoteJid: '120363000000000000@g.us', participant: `${PHONE}@s.whatsapp.net` }, null],
  ['an old group', { remoteJid: '79990000001-1500000000@g.us' }, null],
  ['a status', { remoteJid: 'status@broadcast', participant: `${PHONE}@s.whatsapp.net` }, null],
  ['a channel', { remoteJid: '120363000000000000@newsletter' }, null],
  ['WhatsApp itself', { remoteJid: '0@s.whatsapp.net' }, null],
  ['nobody', {}, null],
]) {
  test(`whose chat: ${name}`, () => assert.deepEqual(clientOf(key, OWN), client))
}

test('a time is read in every form that protobuf gives it', () => {
  const forms = [1795386957, '1795386957', { low: 1795386957, high: 0, unsigned: true }, { low: -2_000_000_000, high: 0 }, null]
  assert.deepEqual(forms.map(seconds), [1795386957, 1795386957, 1795386957, 2294967296, 0])
})

test('what clients and staff write reaches Vernis once, in order, with who and what it is', async () => {
  const login = await logIn()
  const { messageId } = (await login.send({ phone: PHONE, message: 'Ждём вас', id: 'r1' })).body
  const at = Math.floor(Date.now() / 1000)
  const own = { remoteJid: `${PHONE}@s.whatsapp.net`, fromMe: true, id: messageId }
  login.inject(
    { from: PHONE, text: 'Да', id: 'I1', timestamp: at, pushName: 'Анна' },
    { from: PHONE, text: 'Да', id: 'I1', timestamp: at, type: 'append' },
    { lid: `900${PHONE}`, text: 'Завтра', id: 'I2', timestamp: at, quoted: messageId },
    { lid: '111222333444', text: 'Кто это?', id: 'I3', timestamp: at },
    { from: PHONE, kind: 'voice', id: 'I4', timestamp: at },
    { from: PHONE, kind: 'reaction', text: '👍', quoted: messageId, id: 'I5', timestamp: at },
    { from: PHONE, kind: 'edited', text: 'Нет', quoted: 'I1', id: 'I6', timestamp: at },
    { from: PHONE, kind: 'deleted', quoted: 'I1', id: 'I7', timestamp: at },
    { from: PHONE, kind: 'caption', text: 'Так', id: 'I8', timestamp: at },
    { raw: { key: { remoteJid: '120363000000000000@g.us', id: 'G1' }, message: { conversation: 'группа' } }, type: 'notify' },
    { raw: { key: own, message: { conversation: 'Ждём вас' }, messageTimestamp: at }, type: 'append' },
    { from: PHONE, staff: true, text: 'Анна, это Мария', id: 'S1', timestamp: at },
    { from: PHONE, staff: true, kind: 'reaction', text: '❤️', quoted: 'I1', id: 'S2', timestamp: at },
    { from: PHONE, text: 'старое', id: 'H1', timestamp: at - 86_400, type: 'append' },
    { from: PHONE, text: 'Всё', id: 'I9', timestamp: at },
  )

  await until(() => login.messages.some((one) => one.messageId === 'I9'))

  const known = { from: PHONE, phone: PHONE, timestamp: at }
  assert.deepEqual(login.messages, [
    { ...known, messageId: 'I1', kind: 'text', message: 'Да', pushName: 'Анна' },
    { ...known, messageId: 'I2', kind: 'text', message: 'Завтра', lid: `900${PHONE}`, quotedMessageId: messageId },
    { from: '111222333444@lid', lid: '111222333444', timestamp: at, messageId: 'I3', kind: 'text', message: 'Кто это?' },
    { ...known, messageId: 'I4', kind: 'voice', message: null },
    { ...known, messageId: 'I5', kind: 'reaction', message: '👍', quotedMessageId: messageId },
    { ...known, messageId: 'I6', kind: 'edited', message: 'Нет', quotedMessageId: 'I1' },
    { ...known, messageId: 'I7', kind: 'deleted', message: null, quotedMessageId: 'I1' },
    { ...known, messageId: 'I8', kind: 'photo', message: 'Так' },
    { ...known, messageId: 'S1', kind: 'staff', message: 'Анна, это Мария' },
    { ...known, messageId: 'I9', kind: 'text', message: 'Всё' },
  ])
})

test('what came while the bridge was away is heard when it is back', async (t) => {
  const { bridge, vernis } = await started(t)
  await bridge.logIn()
  await bridge.stop()
  bridge.inject({ from: PHONE, text: 'Есть кто?', id: 'I1' }, { from: PHONE, staff: true, text: 'Мы здесь', id: 'S1' })
  await bridge.start()

  await until(() => vernis.messages.length === 2)

  assert.deepEqual(vernis.messages.map((one) => [one.messageId, one.kind]), [['I1', 'text'], ['S1', 'staff']])
})

test('only statuses of our own messages are passed on, each once, failures with their code', async () => {
  const login = await logIn()
  const { messageId } = (await login.send({ phone: '79990000200', message: 'Да', id: 'r1' })).body
  const update = (id, change, fromMe = true) => ({ key: { id, fromMe, remoteJid: 'x' }, update: change })
  login.inject(
    { event: 'messages.update', data: [update('THEIRS', { status: 4 }, false), update('STAFF', { status: 3 })] },
    { event: 'messages.update', data: [update(messageId, { status: 5, messageTimestamp: 1795386957 })] },
    { event: 'messages.update', data: [update(messageId, { status: 4 })] },
    { event: 'messages.update', data: [update(messageId, { status: 0, messageStubParameters: ['500'] })] },
  )

  await until(() => login.statuses.some((one) => one.status === 'failed'))

  assert.deepEqual(
    login.statuses.map(({ status, error }) => [status, error]),
    [['accepted', undefined], ['read', undefined], ['failed', '500']],
  )
  assert.equal(login.statuses[1].timestamp, 1795386957)
})
