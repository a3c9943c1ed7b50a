/**
 * A WhatsApp that is not there: what BRIDGE_SOCKET names in tests and demos instead of Baileys.
 *
 * It logs in and connects at once, takes every message, and says delivered and read shortly after.
 *
 * Environment
 *   FAKE_LOG    file: one JSON line for each message that reached "WhatsApp", repeats too:
 *               {account, jid, text, messageId}
 *   FAKE_INBOX  file that tests append JSON lines to (looked at every 50 ms). Lines that come while
 *               no bridge runs are heard as `append` when one connects, as WhatsApp does it; what
 *               was heard is noted in FAKE_INBOX.<account>.read 100 ms later: a bridge that is
 *               killed before hears it again. (WhatsApp notes it some ms earlier than Baileys says
 *               what it is.)
 *   FAKE_QR=1   a login shows a QR code (or a pairing code) and waits for {"scan": true}
 *   FAKE_WAY    every phone as one of those below (0502), or `usual` for none
 *   FAKE_ABSENT phones that are not on WhatsApp, whatever FAKE_WAY says, with commas between them
 *   FAKE_DELAY  milliseconds to `delivered`, and again to `read` (20)
 *
 * Lines of FAKE_INBOX; each may have `account` (without it: every account hears it)
 *   {"from": "79990000001", "text": "Да"}   a client writes. Also: lid (instead of from, or beside
 *                 it), id, timestamp, pushName, quoted (a message id), type ("append"), staff: true
 *                 (the salon's phone writes to `from`), kind: voice | photo | sticker | reaction |
 *                 edited | deleted | location | ephemeral | caption (text is the caption, the emoji,
 *                 the new text; quoted is what is meant)
 *   {"raw": {...}, "type": "notify"}         a WAMessage as Baileys would give it
 *   {"event": "messages.update", "data": []} any event of Baileys
 *   {"scan": true}                           the phone scans the code
 *   {"close": 428}                           the connection ends with this code (401: logged out)
 *   {"cap": {"total_quota": 50, "used_quota": 20}}  what it says about new chats from now on
 *
 * Phones by their last four digits
 *   0404  not on WhatsApp
 *   0463  refused: restricted for an hour          0429  refused: too fast
 *   0479  refused for another reason               0401  logged out before the message leaves
 *   0500  taken, and never answered in any way     0502  taken, not answered, delivered later
 *   0503  the connection breaks before it leaves   0504  it breaks after: taken, no answer
 *   0505  sendMessage fails after it was taken     0200  accepted, never delivered
 *
 * LIDs: the phone with 900 before it. LIDs that do not begin with 900 have no phone.
 */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { EventEmitter } from 'node:events'

const { FAKE_LOG, FAKE_INBOX, FAKE_QR, FAKE_WAY, FAKE_DELAY = '20' } = process.env
const DELAY = Number(FAKE_DELAY)
const ABSENT = new Set((process.env.FAKE_ABSENT ?? '').split(','))
const HOUR = 3_600_000

export const initAuthCreds = () => ({ registered: false, noiseKey: Buffer.from('not a key') })

const failure = (statusCode, data) =>
  Object.assign(new Error('Connection Closed'), { output: { statusCode }, data })
const userOf = (jid) => jid.split('@')[0]
const phoneOf = (jid) => (jid.endsWith('@lid') ? userOf(jid).replace(/^900/, '') : userOf(jid))
/** How a phone behaves. */
const wayOf = (jid) => (ABSENT.has(phoneOf(jid)) ? '0404' : (FAKE_WAY ?? phoneOf(jid).slice(-4)))
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** What the phone of each account says of itself. */
const ownPhone = (account) => `7999555${String([...account].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 10_000, 7)).padStart(4, '0')}`

export default function makeWASocket(config) {
  const { account = 'default', auth } = config
  const ev = new EventEmitter()
  const ws = new EventEmitter()
  let isClosed = false
  let isOpen = false
  let reading
  let cap
  let restrictedUntil

  const socket = {
    ev,
    ws,
    get user() {
      return auth.creds.me
    },
    signalRepository: {
      lidMapping: {
        getPNForLID: async (jid) => (userOf(jid).startsWith('900') ? `${phoneOf(jid)}:0@s.whatsapp.net` : null),
        getLIDsForPNs: async (jids) => jids.map((pn) => ({ pn, lid: `900${userOf(pn)}@lid` })),
      },
    },
    onWhatsApp: async (...jids) => {
      if (!isOpen) throw failure(428)
      return jids.filter((jid) => wayOf(jid) !== '0404').map((jid) => ({ jid, exists: true }))
    },
    requestPairingCode: async () => 'ABCD1234',
    fetchNewChatMessageCap: async () => cap,
    fetchAccountReachoutTimelock: async () => {
      const isActive = restrictedUntil !== undefined && restrictedUntil > new Date()
      const reachoutTimeLock = { isActive, timeEnforcementEnds: isActive ? restrictedUntil : undefined }
      ev.emit('connection.update', { reachoutTimeLock })
      return reachoutTimeLock
    },
    logout: async () => close(401),
    end: async () => {
      isClosed = true
      isOpen = false
      clearInterval(reading)
    },
    sendMessage,
  }

  async function sendMessage(jid, { text }, { messageId }) {
    if (!isOpen) throw failure(428)
    const way = wayOf(jid)
    if (way === '0401' || way === '0503') {
      close(way === '0401' ? 401 : 428)
      throw failure(428)
    }
    config.patchMessageBeforeSending({ extendedTextMessage: { text } })
    if (FAKE_LOG) appendFileSync(FAKE_LOG, `${JSON.stringify({ account, jid, text, messageId })}\n`)
    void answer(jid, messageId, way)
    if (way === '0505') throw failure(428)
    return { key: { id: messageId, remoteJid: jid, fromMe: true } }
  }

  async function answer(jid, id, way) {
    const key = { remoteJid: jid, fromMe: true, id }
    const refused = { '0463': '463', '0429': '429', '0479': '479' }[way]
    await null
    if (way === '0504') return close(428)
    if (way === '0500' || way === '0505') return
    if (refused === '463') restrictedUntil = new Date(Date.now() + HOUR)
    if (way !== '0502') ws.emit('CB:ack,class:message', { attrs: { class: 'message', id, from: jid, error: refused } })
    if (refused) {
      ev.emit('messages.update', [{ key, update: { status: 0, messageStubParameters: [refused] } }])
      return
    }
    if (way === '0200') return
    for (const status of [3, 4]) {
      await wait(DELAY)
      if (isClosed) return
      const messageTimestamp = Math.floor(Date.now() / 1000)
      ev.emit('messages.update', [{ key, update: { status, messageTimestamp } }])
    }
  }

  function close(statusCode) {
    if (isClosed) return
    void socket.end()
    ev.emit('connection.update', { connection: 'close', lastDisconnect: { error: failure(statusCode) } })
  }

  function open() {
    isOpen = true
    ev.emit('connection.update', { connection: 'open' })
    readInbox('append')
    if (FAKE_INBOX) reading = setInterval(() => readInbox('notify'), 50)
  }

  function logIn() {
    const me = { id: `${ownPhone(account)}:1@s.whatsapp.net`, lid: `900${ownPhone(account)}:1@lid` }
    ev.emit('creds.update', { registered: true, me })
    ev.emit('connection.update', { isNewLogin: true })
  }

  function readInbox(type) {
    if (!FAKE_INBOX) return
    const mark = `${FAKE_INBOX}.${account}.read`
    const done = Math.max(heardTo.get(account) ?? 0, Number(readOr(mark, '0')))
    const bytes = Buffer.from(readOr(FAKE_INBOX, ''))
    for (let start = done, end; !isClosed && (end = bytes.indexOf(10, start) + 1) > 0; start = end) {
      const said = JSON.parse(bytes.toString('utf8', start, end))
      heardTo.set(account, end)
      if (said.close) note()
      else setTimeout(note, 100).unref()
      if (said.account === undefined || said.account === account) hear(said, type)
    }
    function note() {
      writeFileSync(mark, String(heardTo.get(account)))
    }
  }

  function hear(said, type) {
    if (said.close) return close(said.close)
    if (said.cap) {
      cap = said.cap
      return ev.emit('message-capping.update', cap)
    }
    if (said.event) return ev.emit(said.event, said.data)
    if (said.scan) return undefined
    return ev.emit('messages.upsert', { messages: [said.raw ?? message(said)], type: said.type ?? type })
  }

  function awaitScan() {
    ev.emit('connection.update', { qr: `fake-qr-of-${account},${'x'.repeat(180)}` })
    const mark = `${FAKE_INBOX}.${account}.read`
    reading = setInterval(() => {
      if (isClosed || !FAKE_INBOX) return
      const bytes = Buffer.from(readOr(FAKE_INBOX, ''))
      const fresh = bytes.subarray(Number(readOr(mark, '0'))).toString().split('\n').filter(Boolean).map((line) => JSON.parse(line))
      if (!fresh.some((said) => said.scan && (said.account ?? account) === account)) return
      heardTo.set(account, bytes.length)
      writeFileSync(mark, String(bytes.length))
      logIn()
      close(515)
    }, 50)
  }

  setTimeout(() => {
    if (isClosed) return
    if (auth.creds.registered) return open()
    if (FAKE_QR === '1') return awaitScan()
    logIn()
    open()
  })
  return socket
}

function readOr(path, otherwise) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return otherwise
  }
}

let count = 0
/** Bytes of the inbox, by account. */
const heardTo = new Map()

function message({ from, lid, text, id, timestamp, pushName, quoted, staff = false, kind = 'text' }) {
  const pn = from && `${from}@s.whatsapp.net`
  const remoteJid = lid ? `${lid}@lid` : pn
  return {
    key: {
      remoteJid,
      ...(lid && pn && { remoteJidAlt: pn }),
      fromMe: staff,
      id: id ?? `FAKE${process.pid}X${Date.now()}X${++count}`,
    },
    messageTimestamp: timestamp ?? Math.floor(Date.now() / 1000),
    ...(pushName && { pushName }),
    message: CONTENTS[kind](text, quoted),
  }
}

const context = (quoted) => (quoted ? { contextInfo: { stanzaId: quoted } } : {})
const CONTENTS = {
  text: (text, quoted) =>
    quoted ? { extendedTextMessage: { text, ...context(quoted) } } : { conversation: text },
  ephemeral: (text, quoted) => ({ ephemeralMessage: { message: { extendedTextMessage: { text, ...context(quoted) } } } }),
  caption: (text, quoted) => ({
    viewOnceMessageV2: { message: { imageMessage: { caption: text, ...context(quoted) } } },
  }),
  voice: (_, quoted) => ({ audioMessage: { ptt: true, ...context(quoted) } }),
  photo: (text, quoted) => ({ imageMessage: { caption: text, ...context(quoted) } }),
  sticker: (_, quoted) => ({ stickerMessage: { ...context(quoted) } }),
  reaction: (text, quoted) => ({ reactionMessage: { text: text ?? '', key: { id: quoted } } }),
  edited: (text, quoted) => ({
    editedMessage: { message: { protocolMessage: { type: 14, key: { id: quoted }, editedMessage: { conversation: text } } } },
  }),
  deleted: (_, quoted) => ({ protocolMessage: { type: 0, key: { id: quoted } } }),
  location: () => ({ locationMessage: { degreesLatitude: 0, degreesLongitude: 0 } }),
}
