/**
 * What the bridge says no with.
 *
 * `temporary`: the same request may be tried again later. Every code but `outcome_unknown` and
 * `fault` says that the message certainly did not leave.
 */

/** @type {Record<string, number>} */
const STATUS = {
  invalid: 400,
  unauthorized: 401,
  restricted: 403,
  unknown_account: 404,
  logged_out: 409,
  too_large: 413,
  not_on_whatsapp: 422,
  rate_limited: 429,
  fault: 500,
  not_connected: 503,
  outcome_unknown: 504,
}
const TEMPORARY = new Set(['not_connected', 'rate_limited', 'restricted'])

export class Fault extends Error {
  /**
   * @param {string} code one of the protocol's codes
   * @param {string} message one sentence that says what to do; no phone, no text
   * @param {{temporary?: boolean, retryAfter?: number}} [more] `retryAfter` in seconds
   */
  constructor(code, message, { temporary = TEMPORARY.has(code), retryAfter } = {}) {
    super(message)
    this.code = code
    this.status = STATUS[code]
    this.temporary = temporary
    this.retryAfter = retryAfter
  }

  toJSON() {
    return {
      success: false,
      error: this.code,
      message: this.message,
      temporary: this.temporary,
      ...(this.retryAfter === undefined ? {} : { retryAfter: Math.max(0, Math.ceil(this.retryAfter)) }),
    }
  }
}
