/** One WhatsApp login: what can be asked of it, and what it tells. */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from './append_log.js'
import { Connection } from './connection.js'
import { Fault } from './faults.js'
import { clientOf, digitsOf, read, seconds } from './inbound.js'
import { Journal, digestOf, messageIdOf } from './journal.js'
import { log } from './logging.js'
import { Numbers } from './numbers.js'
import { Outbox } from './outbox.js'
import { Session } from './session.js'
import { codeOf, statusOf } from './statuses.js'

const SEEN = 20_000
/** Clocks differ: what is this much older than the login is from before it. Seconds. */
const SLACK = 3600
/** Of a webhook: what came while we were offline comes all at once. */
const AT_ONCE = 50

const now = () => Math.floor(Date.now() / 1000)

export class Account {
  name
  #folder
  #settings
  /** @type {Session} */
  #session
  /** @type {Journal} */
  #journal
  /** @type {Outbox} */
  #outbox
  /** @type {Connection} */
  #connection
  /** @type {Numbers} */
  #numbers
  /** @type {{linkedAt?: number, phone?: string, lid?: string, loggedOut?: string} | null} */
  #profile = null
  /** @type {Map<string, (answer: {error?: number} | 'closed' | 'over') => void>} by WhatsApp id */
  #expected = new Map()
  /** @type {Map<string, Promise<{messageId: string, repeated: boolean}>>} by WhatsApp id */
  #sending = new Map()
  /** @type {Map<string, true>} messages that were passed on, by id and sender */
  #seen = new Map()
  /** @type {Promise<void>} */
  #telling = Promise.resolve()
  /** @type {Set<Promise<void>>} webhooks on their way to the disk */
  #keeping = new Set()
  /** @type {Promise<void>} */
  #saving = Promise.resolve()
  #stopping = false

  constructor(name, folder, settings) {
    this.name = name
    this.#folder = folder
    this.#settings = settings
  }

  /**
   * @param {string} name letters, digits, - and _
   * @param {string} folder its own; made where it is missing
   */
  static async open(name, folder, settings, driver) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const account = new Account(name, folder, settings)
    account.#profile = JSON.parse(await readFile(join(folder, 'account.json'), 'utf8').catch(() => 'null'))
    account.#session = await Session.open(folder, driver)
    account.#journal = await Journal.open(folder, now())
    account.#outbox = await Outbox.open(folder, name, settings)
    account.#connection = new Connection(name, {
      session: account.#session,
      driver,
      settings,
      listener: account.#listener(),
    })
    account.#numbers = new Numbers(account.#connection, async (phone) => {
      const mapped = await account.#session.state.keys.get('lid-mapping', [phone])
      return mapped[phone] !== undefined
    })
    return account
  }

  /** Whether somebody logged in, or began to, and did not delete the account since. */
  get isKnown() {
    return this.#profile !== null
  }

  get isConnected() {
    return this.#connection.isOpen
  }

  get state() {
    return this.#connection.standing.state
  }

  /** At the start of the process: a login that exists is taken up again. */
  async resume() {
    if (this.#session.isLinked) await this.#connection.start()
    else this.#connection.standLoggedOut(this.#profile?.loggedOut ?? 'not_logged_in')
  }

  /** @param {string} [phone] by pairing code; without it by QR code */
  async login(phone) {
    const { state } = this
    const isUnderWay = state === 'connecting' || state === 'qr' || state === 'pairing'
    if (this.isConnected || (isUnderWay && !phone)) return
    if (this.#session.isLinked && phone === undefined) return this.#connection.start()
    await this.#saveProfile({ ...this.#profile })
    await this.#connection.start(phone)
  }

  /** WhatsApp is told and the login forgotten. What was sent stays known; webhooks still go out. */
  async forget() {
    await this.#connection.logout('deleted')
    await this.#saving
    await rm(join(this.#folder, 'account.json'), { force: true })
    this.#profile = null
  }

  /** Waits for messages that are on their way, then closes the line. */
  async stop() {
    this.#stopping = true
    const patience = new Promise((resolve) => setTimeout(resolve, 10_000).unref())
    await Promise.race([Promise.allSettled(this.#sending.values()), patience])
    this.#connection.stop()
    await this.#telling
    await Promise.all([...this.#keeping, this.#saving])
    await this.#outbox.close()
    await Promise.all([this.#journal.close(), this.#session.close()])
  }

  /** The protocol's answer to `GET /accounts/{account}`. */
  describe() {
    const { standing, qr, pairingCode, limits } = this.#connection
    return {
      account: this.name,
      state: standing.state,
      ...(standing.reason && { reason: standing.reason }),
      ...(qr && { qr }),
      ...(pairingCode && { pairingCode }),
      ...(this.#profile?.phone && { phone: this.#profile.phone }),
      ...(Object.keys(limits).length > 0 && { limits }),
    }
  }

  /**
   * @param {{phone?: string, lid?: string, text: string, id?: string}} message digits, and the
   *   caller's own id
   * @returns {Promise<{messageId: string, repeated: boolean}>} when WhatsApp has said yes
   * @throws {Fault}
   */
  send({ phone, lid, text, id }) {
    const messageId = messageIdOf(this.name, id)
    const recipient = lid ? `${lid}@lid` : `${phone}@s.whatsapp.net`
    const digest = digestOf(recipient, text)
    const before = this.#journal.get(messageId)
    if (before && before.digest !== digest) {
      throw new Fault('invalid', 'This id belongs to another message already; a new message needs an id of its own.')
    }
    if (before?.outcome === 'sent') return Promise.resolve({ messageId, repeated: true })
    const running = this.#sending.get(messageId)
    if (running) return running.then((sent) => ({ ...sent, repeated: true }))
    const repeated = before?.outcome === 'started'
    const sending = this.#send(messageId, { phone, recipient, digest, text, repeated })
      .then(() => ({ messageId, repeated }))
      .catch((error) => {
        throw repeated ? stillUnknown(error) : error
      })
      .finally(() => this.#sending.delete(messageId))
    this.#sending.set(messageId, sending)
    return sending
  }

  /** @param {string[]} phones digits @returns {Promise<{phone: string, exists: boolean, lid?: string}[]>} */
  async lookUp(phones) {
    this.#refuseWhereAway()
    return this.#noticing(() => this.#numbers.lookUp(phones))
  }

  /** @param {string} lid digits @returns {Promise<string | null>} the phone's digits */
  async phoneOf(lid) {
    const { socket } = this.#connection
    const jid = await socket?.signalRepository?.lidMapping.getPNForLID(`${lid}@lid`).catch(() => null)
    if (jid) return digitsOf(jid) ?? null
    const stored = await this.#session.state.keys.get('lid-mapping', [`${lid}_reverse`])
    return stored[`${lid}_reverse`] ?? null
  }

  async #send(messageId, { phone, recipient, digest, text, repeated }) {
    this.#refuseWhereAway()
    let jid = recipient
    if (phone) {
      const found = await this.#noticing(() => this.#numbers.find(phone))
      if (!found) throw new Fault('not_on_whatsapp', 'This number is not on WhatsApp.')
      jid = found
    }
    const { socket } = this.#connection
    if (!socket) this.#refuseWhereAway()
    await this.#journal.begin(messageId, { digest, text, now: now() }).catch((error) => {
      throw new Fault('not_connected', `The journal cannot be written (${error.code}), so nothing was sent.`)
    })
    const encrypted = this.#connection.encrypted
    const answered = this.#answer(messageId)
    const failed = (async () => socket.sendMessage(jid, { text, linkPreview: null }, { messageId }))().then(
      () => never,
      () => /** @type {const} */ ('failed'),
    )
    let answer = await Promise.race([answered, failed])
    this.#expected.get(messageId)?.('over')
    this.#expected.delete(messageId)
    if (typeof answer === 'object') return this.#settle(messageId, answer.error, repeated)
    if (answer === 'closed') answer = await Promise.race([failed, later(500, answer)])
    if (answer === 'failed' && this.#connection.encrypted === encrypted) {
      if (!repeated) await this.#journal.note(messageId, { outcome: 'refused' })
      this.#refuseWhereAway()
      throw new Fault('not_connected', 'The connection to WhatsApp broke before the message left.')
    }
    log('warn', 'outcome unknown', { account: this.name, messageId, answer: String(answer) })
    throw new Fault('outcome_unknown', 'WhatsApp may have the message: only a delivery event or the same id can tell.')
  }

  /** WhatsApp's own answer to the message, or that there will be none. */
  #answer(messageId) {
    /** @type {Promise<{error?: number} | 'closed' | 'over' | 'timeout'>} */
    const answered = new Promise((resolve) => {
      const timer = setTimeout(() => resolve('timeout'), this.#settings.sendTimeout)
      this.#expected.set(messageId, (answer) => {
        clearTimeout(timer)
        resolve(answer)
      })
    })
    return answered
  }

  /** @param {string} messageId @param {number | undefined} error of the acknowledgement @param {boolean} repeated */
  async #settle(messageId, error, repeated) {
    if (error === undefined) return
    if (error >= 500) {
      throw new Fault('outcome_unknown', `WhatsApp answered with its own fault ${error}: it may have the message.`)
    }
    if (!repeated) await this.#journal.note(messageId, { outcome: 'refused' })
    if (error === 463) {
      const until = this.#connection.limits.restrictedUntil
      const retryAfter = until && (Date.parse(until) - Date.now()) / 1000
      throw new Fault('restricted', 'WhatsApp lets this account begin no new chats at present (463).', {
        ...(retryAfter && { retryAfter }),
      })
    }
    if (error === 429) throw slowDown()
    throw new Fault('invalid', `WhatsApp did not take the message (${error}).`, { temporary: error === 479 })
  }

  #listener() {
    return {
      standing: (standing) => {
        if (standing.state === 'logged_out' && this.#profile && standing.reason !== 'deleted') {
          void this.#saveProfile({ ...this.#profile, loggedOut: standing.reason })
        }
        const { limits } = this.#connection
        const told = { ...standing, timestamp: now(), ...(Object.keys(limits).length > 0 && { limits: { ...limits } }) }
        if (!this.#stopping) this.#tell({ state: told })
      },
      qr: (text) => this.#settings.showQr?.(this.name, text),
      linked: () => void this.#saveProfile({ linkedAt: now() }),
      opened: (own) => void this.#saveProfile({ linkedAt: now(), ...this.#profile, ...own, loggedOut: undefined }),
      closed: () => {
        for (const answer of this.#expected.values()) answer('closed')
      },
      upsert: (event) => this.#upsert(event),
      updates: (updates) => this.#updates(updates),
      ack: (node) => this.#acked(node?.attrs ?? {}),
      getMessage: async ({ id }) => {
        const text = this.#journal.get(id)?.text
        return text === undefined ? undefined : { extendedTextMessage: { text } }
      },
    }
  }

  #acked({ id, error }) {
    const sent = this.#journal.get(id)
    if (!sent) return
    const code = error === undefined ? undefined : Number(error)
    if (code === 463) {
      this.#connection.restrict()
      void this.#connection.refreshLimits()
    }
    if (code === 429) this.#connection.slowDown()
    const answer = this.#expected.get(id)
    answer?.({ error: code })
    if (code === undefined) {
      this.#report(id, 'accepted', now())
    } else if (answer) {
      sent.told = [...(sent.told ?? []), 'failed'] // the caller hears it as the answer
    } else {
      this.#report(id, 'failed', now(), code)
    }
  }

  #updates(updates) {
    for (const { key, update } of updates ?? []) {
      const status = statusOf(update?.status)
      if (!key?.fromMe || !status) continue
      const code = codeOf(update)
      // a refusal comes as the answer to the message as well, and is reported from there
      if (status === 'failed' && this.#expected.has(key.id)) continue
      this.#report(key.id, status, seconds(update.messageTimestamp) || now(), code)
    }
  }

  #report(messageId, status, timestamp, error) {
    const sent = this.#journal.get(messageId)
    if (!sent || sent.told?.includes(status)) return
    const told = [...(sent.told ?? []), status]
    const outcome = status === 'failed' ? (sent.outcome === 'started' ? 'refused' : sent.outcome) : 'sent'
    sent.told = told
    void this.#journal.note(messageId, { told, outcome }).catch(() => {})
    this.#tell({ statuses: [{ messageId, status, timestamp, ...(error && { error: String(error) }) }] })
  }

  #upsert({ messages, type }) {
    for (let i = 0; i < (messages?.length ?? 0); i += AT_ONCE) {
      const heard = messages.slice(i, i + AT_ONCE).flatMap((message) => this.#hear(message, type) ?? [])
      if (heard.length) this.#tell(async () => ({ messages: await Promise.all(heard.map((one) => this.#complete(one))) }))
    }
  }

  /** @returns {object | undefined} nothing for what is not a client's or staff's, or was passed on */
  #hear(message, type) {
    const { key } = message ?? {}
    if (!key?.id || (key.fromMe && this.#journal.get(key.id))) return undefined
    const timestamp = seconds(message.messageTimestamp) || now()
    // what came while we were offline is `append` as well, but never older than the login
    if (type === 'append' && timestamp < (this.#profile?.linkedAt ?? 0) - SLACK) return undefined
    const client = clientOf(key, { phone: this.#profile?.phone, lid: this.#profile?.lid })
    const said = read(message.message) ?? (key.isViewOnce ? { kind: 'photo', text: null } : null)
    if (!client || !said) return undefined
    if (key.fromMe && (said.kind === 'reaction' || said.kind === 'deleted')) return undefined
    if (!this.#isNew(`${key.id} ${key.fromMe ? 1 : 0} ${client.phone ?? client.lid}`)) return undefined
    return {
      messageId: key.id,
      client,
      message: said.text,
      timestamp,
      kind: key.fromMe ? 'staff' : said.kind,
      ...(said.quotedMessageId && { quotedMessageId: said.quotedMessageId }),
      ...(message.pushName && !key.fromMe && { pushName: message.pushName }),
    }
  }

  async #complete({ messageId, client, ...rest }) {
    const { lid } = client
    const phone = client.phone ?? (await this.phoneOf(lid).catch(() => null)) ?? undefined
    return { messageId, from: phone ?? `${lid}@lid`, ...(phone && { phone }), ...(lid && { lid }), ...rest }
  }

  #isNew(name) {
    if (this.#seen.has(name)) return false
    this.#seen.set(name, true)
    if (this.#seen.size > SEEN) this.#seen.delete(this.#seen.keys().next().value ?? '')
    return true
  }

  /** @param {object | (() => Promise<object>)} news one after the other, as they happened */
  #tell(news) {
    this.#telling = this.#telling.then(async () => {
      const body = typeof news === 'function' ? await news() : news
      // not awaited: what happens together is written together
      const kept = this.#outbox.push({ account: this.name, ...body }).finally(() => this.#keeping.delete(kept))
      this.#keeping.add(kept)
    })
  }

  #refuseWhereAway() {
    if (this.#stopping) throw new Fault('not_connected', 'The bridge is shutting down.')
    if (this.isConnected) return
    if (this.#session.isLinked) throw new Fault('not_connected', 'The account is not connected to WhatsApp at present.')
    throw new Fault('logged_out', 'The account is logged out: log in again by QR or pairing code.')
  }

  /** Passes on what it gets, and notes what its faults say about the account. */
  async #noticing(ask) {
    try {
      return await ask()
    } catch (error) {
      if (codeOf(error) === 429) {
        this.#connection.slowDown()
        throw slowDown()
      }
      if (error instanceof Fault) throw error
      this.#refuseWhereAway()
      throw new Fault('not_connected', 'WhatsApp did not answer whether the number exists; nothing was sent.')
    }
  }

  #saveProfile(profile) {
    this.#profile = profile
    this.#saving = this.#saving.then(() => this.#writeProfile(profile)).catch((error) =>
      log('error', 'account not saved', { account: this.name, code: error.code }),
    )
    return this.#saving
  }

  async #writeProfile(profile) {
    const path = join(this.#folder, 'account.json')
    const file = await open(`${path}.new`, 'w', 0o600)
    try {
      await file.writeFile(JSON.stringify(profile))
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${path}.new`, path)
    await syncFolder(this.#folder)
  }
}

const slowDown = () => new Fault('rate_limited', 'WhatsApp asks to slow down (429).', { retryAfter: 60 })

/** A repeat that was refused tells nothing about the try before it. @param {Error} error */
const stillUnknown = (error) =>
  error instanceof Fault && error.code !== 'outcome_unknown'
    ? new Fault('outcome_unknown', `An earlier try may have arrived, and now: ${error.message}`)
    : error

const never = /** @type {Promise<never>} */ (new Promise(() => {}))

const later = (milliseconds, value) => new Promise((resolve) => setTimeout(resolve, milliseconds, value))
