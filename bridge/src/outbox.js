/**
 * The webhooks of one account: on disk before they are posted, posted in order, kept until a 2xx
 * answers. A kill between the answer and its note posts one again: it has the same content.
 */
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { AppendLog } from './append_log.js'
import { log } from './logging.js'
import { sign } from './signature.js'

const LONGEST_PAUSE = 60_000
const PATIENCE = 30_000
const MAY_GROW = 1_000_000
const KINDS = ['messages', 'statuses']
const AT_ONCE = 100
/** Characters of a body: Vernis takes up to 1 MB. */
const LARGEST = 200_000

export class Outbox {
  /** @type {AppendLog} */
  #log
  #account
  #settings
  /** @type {Map<number, object>} by number, oldest first */
  #waiting = new Map()
  #next = 1
  #stop = new AbortController()
  /** @type {(() => void) | undefined} */
  #wake
  /** @type {Promise<void>} */
  #running = Promise.resolve()

  constructor(account, settings) {
    this.#account = account
    this.#settings = settings
  }

  /**
   * @param {string} folder the account's own
   * @param {string} account
   * @param {{webhook: string, secret: string, backoff: number}} settings `backoff` in milliseconds
   */
  static async open(folder, account, settings) {
    const outbox = new Outbox(account, settings)
    outbox.#log = await AppendLog.open(join(folder, 'webhooks.log'), (record) => {
      if (record.body) outbox.#waiting.set(record.n, record.body)
      else outbox.#waiting.delete(record.n)
      outbox.#next = Math.max(outbox.#next, record.n + 1)
    })
    outbox.#running = outbox.#deliver()
    return outbox
  }

  /** How many wait for a 2xx. */
  get length() {
    return this.#waiting.size
  }

  /** @param {object} body resolves when it is on disk */
  async push(body) {
    const n = this.#next++
    while (!(await this.#keep({ n, body }))) await setTimeout(1000)
    this.#waiting.set(n, body)
    this.#wake?.()
  }

  async close() {
    this.#stop.abort()
    this.#wake?.()
    await this.#running
    await this.#log.close()
  }

  async #deliver() {
    let failures = 0
    while (!this.#stop.signal.aborted) {
      const { numbers, body } = this.#oldest()
      if (!numbers.length) {
        await this.#pause()
        continue
      }
      const answer = await this.#post(body)
      if (answer === undefined) break
      if (answer >= 200 && answer < 300) {
        failures = 0
        this.#done(numbers)
        continue
      }
      if (failures === 0) log('warn', 'webhook not taken', { account: this.#account, status: answer })
      const pause = Math.min(LONGEST_PAUSE, this.#settings.backoff * 2 ** Math.min(failures++, 20))
      await this.#pause(pause * (0.75 + Math.random() / 4))
    }
  }

  /** @returns {Promise<number | undefined>} the status; 0 where there was no answer; undefined at the end */
  async #post(body) {
    const timestamp = String(Math.floor(Date.now() / 1000))
    try {
      const answer = await fetch(this.#settings.webhook, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-timestamp': timestamp,
          'x-signature': sign(this.#settings.secret, `${timestamp}.`, body),
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(PATIENCE)]),
      })
      await answer.arrayBuffer()
      return answer.status
    } catch {
      return this.#stop.signal.aborted ? undefined : 0
    }
  }

  /** What is posted next: neighbours of one kind together, so a backlog goes quickly. */
  #oldest() {
    /** @type {number[]} */
    const numbers = []
    let whole
    let size = 0
    for (const [n, body] of this.#waiting) {
      const kind = KINDS.find((each) => body[each])
      size += JSON.stringify(body).length
      if (whole && (!kind || !whole[kind] || size > LARGEST || numbers.length >= AT_ONCE)) break
      if (whole) whole[kind].push(...body[kind])
      else whole = kind ? { ...body, [kind]: [...body[kind]] } : body
      numbers.push(n)
    }
    return { numbers, body: JSON.stringify(whole) }
  }

  #done(numbers) {
    for (const n of numbers) this.#waiting.delete(n)
    if (this.#waiting.size === 0 && this.#log.size > MAY_GROW) {
      void this.#log.replace(() => [...this.#waiting].map(([left, body]) => ({ n: left, body }))).catch(complain)
    } else {
      for (const n of numbers) void this.#keep({ n })
    }
  }

  async #keep(record) {
    try {
      await this.#log.append(record)
      return true
    } catch (error) {
      complain(error)
      return false
    }
  }

  /** @param {number} [milliseconds] without it until something is pushed */
  #pause(milliseconds) {
    if (this.#stop.signal.aborted) return Promise.resolve()
    return /** @type {Promise<void>} */ (
      new Promise((resolve) => {
        const timer = milliseconds === undefined ? undefined : globalThis.setTimeout(resolve, milliseconds)
        this.#wake = () => {
          if (milliseconds !== undefined && !this.#stop.signal.aborted) return
          clearTimeout(timer)
          resolve()
        }
      })
    )
  }
}

const complain = (error) => log('error', 'the disk does not take webhooks', { code: error.code })
