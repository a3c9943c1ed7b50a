/**
 * One account's line to WhatsApp: logging in, staying connected, and what WhatsApp says about the
 * account. A closed line is opened again after 1 s, 2 s, 4 s, ... up to a minute, except where
 * WhatsApp ended the login itself.
 *
 * Codes are Baileys' DisconnectReason.
 */
import { log, libraryLogger } from './logging.js'
import { digitsOf } from './inbound.js'

/** @type {Record<number, string>} */
const REASONS = {
  401: 'logged_out',
  403: 'banned',
  405: 'outdated',
  408: 'connection_lost',
  411: 'multidevice_mismatch',
  428: 'connection_closed',
  440: 'replaced',
  500: 'bad_session',
  503: 'unavailable',
  515: 'restart_required',
}
const LONGEST_PAUSE = 60_000
/** Another program opened the same session: to fight for it would go on for ever. */
const PAUSE_AFTER_REPLACED = 300_000
/** Where WhatsApp restricts without saying until when. */
const RESTRICTED_FOR = 3_600_000
const RATE_LIMITED_FOR = 60_000
const STEADY = 60_000

/**
 * @typedef {'connecting' | 'qr' | 'pairing' | 'connected' | 'logged_out' | 'restricted' | 'disconnected'} State
 * @typedef {{state: State, reason?: string, code?: number}} Standing
 */

export class Connection {
  #account
  #session
  #driver
  #settings
  #listener
  #generation = 0
  #failures = 0
  #openedAt = 0
  /** @type {NodeJS.Timeout | undefined} */
  #retry
  /** @type {NodeJS.Timeout | undefined} */
  #release
  /** @type {NodeJS.Timeout | undefined} */
  #calm
  /** @type {string | undefined} */
  #pairingPhone
  #restrictedUntil = 0
  #isGuess = false
  /** @type {string | undefined} */
  #toldUntil
  /** @type {Standing} */
  standing = { state: 'disconnected' }
  /** @type {any} */
  socket
  isOpen = false
  /** @type {string | undefined} */
  qr
  /** @type {string | undefined} */
  pairingCode
  /** Messages that Baileys began to encrypt: what failed before that never left. */
  encrypted = 0
  /** @type {{restrictedUntil?: string, newChatsLeft?: number, newChatsLimit?: number}} */
  limits = {}

  /**
   * @param {string} account
   * @param {{session: import('./session.js').Session, driver: any, settings: any, listener: {
   *   standing: (standing: Standing) => void, qr: (text: string) => void, linked: () => void,
   *   opened: (own: {phone?: string, lid?: string}) => void, closed: () => void,
   *   upsert: (event: any) => void, updates: (updates: any[]) => void, ack: (node: any) => void,
   *   getMessage: (key: any) => Promise<any>}}} parts
   */
  constructor(account, { session, driver, settings, listener }) {
    this.#account = account
    this.#session = session
    this.#driver = driver
    this.#settings = settings
    this.#listener = listener
  }

  /** @param {string} [phone] to log in by pairing code; a login that is under way begins anew */
  async start(phone) {
    this.#drop()
    this.#pairingPhone = phone
    this.#failures = 0
    this.#stand('connecting')
    await this.#connect()
  }

  /** The line is closed; the login stays. */
  stop() {
    this.#drop()
    clearTimeout(this.#release)
    clearTimeout(this.#calm)
  }

  /** WhatsApp is told, as far as it can be reached, and the login is forgotten. */
  async logout(reason = 'logged_out') {
    const socket = this.isOpen ? this.socket : undefined
    this.#generation++ // how it ends is said here
    if (socket) {
      const answered = socket.logout().catch(() => {})
      await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, 5000).unref())])
    }
    this.stop()
    await this.#session.forget()
    this.limits = {}
    this.#restrictedUntil = 0
    this.#stand('logged_out', reason)
  }

  /** Whatever ended the login: nothing is tried until somebody logs in. @param {string} [reason] */
  standLoggedOut(reason) {
    this.#stand('logged_out', reason)
  }

  /** @param {Date} [until] where WhatsApp said it */
  restrict(until, isGuess = !until) {
    this.#isGuess = isGuess
    this.#restrictedUntil = until?.getTime() ?? Math.max(this.#restrictedUntil, Date.now() + RESTRICTED_FOR)
    this.limits.restrictedUntil = new Date(this.#restrictedUntil).toISOString()
    this.#stand('restricted', 'new_chats_blocked', 463)
    clearTimeout(this.#release)
    const pause = Math.min(Math.max(this.#restrictedUntil - Date.now(), 0) + 1000, RESTRICTED_FOR)
    this.#release = setTimeout(() => void this.refreshLimits().then(() => this.#reconsider()), pause)
    this.#release.unref()
  }

  /** WhatsApp said 429: the state stays, with a reason for a while. */
  slowDown() {
    if (this.standing.state !== 'connected') return
    this.#stand('connected', 'rate_limited', 429)
    clearTimeout(this.#calm)
    this.#calm = setTimeout(() => {
      if (this.standing.reason === 'rate_limited') this.#stand('connected')
    }, RATE_LIMITED_FOR)
    this.#calm.unref()
  }

  /** What WhatsApp says about this account: asked when connected, and after a refusal. */
  async refreshLimits() {
    const socket = this.socket
    const [cap] = await Promise.all([
      socket?.fetchNewChatMessageCap?.().catch(() => undefined),
      socket?.fetchAccountReachoutTimelock?.().catch(() => undefined), // answers by an event
    ])
    if (cap && socket === this.socket) this.#cap(cap)
  }

  #cap({ total_quota: limit, used_quota: used }) {
    if (typeof limit !== 'number' || limit <= 0) return
    this.limits.newChatsLimit = limit
    this.limits.newChatsLeft = Math.max(0, limit - (used ?? 0))
  }

  #reconsider() {
    if (this.standing.state !== 'restricted') return
    if (Date.now() < this.#restrictedUntil) {
      this.restrict(new Date(this.#restrictedUntil), this.#isGuess)
    } else {
      this.#released()
    }
  }

  #released() {
    this.#restrictedUntil = 0
    delete this.limits.restrictedUntil
    if (this.standing.state === 'restricted') this.#stand(this.isOpen ? 'connected' : 'disconnected')
  }

  #drop() {
    this.#generation++
    clearTimeout(this.#retry)
    const { socket } = this
    this.socket = undefined
    this.isOpen = false
    this.qr = this.pairingCode = undefined
    if (socket) {
      try {
        Promise.resolve(socket.end(undefined)).catch(() => {})
      } catch {
        // it was closed already
      }
      this.#listener.closed()
    }
  }

  async #connect() {
    const generation = ++this.#generation
    if (!this.#session.isLinked) await this.#session.forget() // no rest of a login that never came about
    if (generation !== this.#generation) return
    const socket = this.#driver.default({
      account: this.#account,
      version: this.#settings.whatsappVersion,
      auth: this.#session.state,
      logger: libraryLogger(this.#account),
      ...this.#settings.way,
      getMessage: this.#listener.getMessage,
      patchMessageBeforeSending: (message) => {
        this.encrypted++
        return message
      },
    })
    this.socket = socket
    const current = (handle) => (event) => {
      if (generation === this.#generation) handle(event)
    }
    const on = { 'messages.upsert': this.#listener.upsert, 'messages.update': this.#listener.updates }
    // Baileys tells WhatsApp that it has a message, then keeps it in memory for up to 30 s before
    // it gives it away. What is read here, as it enters that memory, is on disk some ms after.
    const emit = socket.ev.emit
    socket.ev.emit = (name, event) => {
      if (on[name]) current(on[name])(event)
      return emit.call(socket.ev, name, event)
    }
    for (const [name, handle] of Object.entries(on)) socket.ev.on(name, current(handle))
    socket.ev.on('creds.update', current((update) => this.#keep(update)))
    socket.ev.on('message-capping.update', current((cap) => this.#cap(cap)))
    socket.ev.on('connection.update', current((update) => void this.#update(update)))
    socket.ws.on('CB:ack,class:message', current(this.#listener.ack))
  }

  async #update({ connection, lastDisconnect, qr, isNewLogin, reachoutTimeLock }) {
    if (qr) await this.#showLogin(qr)
    if (isNewLogin) this.#listener.linked()
    if (connection === 'open') this.#opened()
    if (connection === 'close') await this.#closed(lastDisconnect?.error)
    if (reachoutTimeLock?.isActive) this.restrict(reachoutTimeLock.timeEnforcementEnds)
    else if (reachoutTimeLock && !this.#isGuess) this.#released() // else a refusal says more than this
  }

  #keep(creds) {
    Object.assign(this.#session.creds, creds)
    this.#session
      .saveCreds()
      .catch((error) => log('error', 'session not saved', { account: this.#account, code: error.code }))
  }

  async #showLogin(qr) {
    if (!this.#pairingPhone) {
      this.qr = qr
      this.#stand('qr')
      this.#listener.qr(qr)
    } else if (!this.pairingCode) {
      const { socket } = this
      const code = await socket.requestPairingCode(this.#pairingPhone).catch(() => undefined)
      if (socket !== this.socket) return
      this.pairingCode = code
      if (code) this.#stand('pairing')
    }
  }

  #opened() {
    this.isOpen = true
    this.#openedAt = Date.now()
    this.qr = this.pairingCode = this.#pairingPhone = undefined
    const { me } = this.#session.creds
    this.#listener.opened({ phone: digitsOf(me?.id), lid: digitsOf(me?.lid) })
    if (Date.now() < this.#restrictedUntil) this.restrict(new Date(this.#restrictedUntil), this.#isGuess)
    else this.#stand('connected')
    void this.refreshLimits()
  }

  async #closed(error) {
    const code = error?.output?.statusCode ?? error?.statusCode ?? 428
    const wasSteady = this.isOpen && Date.now() - this.#openedAt > STEADY
    this.#drop()
    if (code === 401 || code === 403) {
      await this.#session.forget()
      return this.#stand('logged_out', REASONS[code], code)
    }
    if (code === 408 && !this.#session.isLinked) return this.#stand('disconnected', 'qr_expired', code)
    if (wasSteady) this.#failures = 0
    this.#stand(code === 515 ? 'connecting' : 'disconnected', REASONS[code] ?? 'unknown', code)
    this.#retry = setTimeout(() => void this.#connect(), this.#pauseAfter(code))
  }

  #pauseAfter(code) {
    if (code === 515) return 0
    if (code === 440) return PAUSE_AFTER_REPLACED
    const pause = Math.min(LONGEST_PAUSE, this.#settings.backoff * 2 ** Math.min(this.#failures++, 20))
    return pause * (0.75 + Math.random() / 4)
  }

  /** @param {State} state @param {string} [reason] @param {number} [code] */
  #stand(state, reason, code) {
    const { standing, limits } = this
    const isSame = standing.state === state && standing.reason === reason
    if (isSame && (state !== 'restricted' || this.#toldUntil === limits.restrictedUntil)) return
    this.#toldUntil = limits.restrictedUntil
    this.standing = { state, ...(reason && { reason }), ...(code && { code }) }
    log('info', 'state', { account: this.#account, ...this.standing })
    this.#listener.standing(this.standing)
  }
}
