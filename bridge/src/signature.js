/** HMAC-SHA256 of what goes over the wire, both ways. */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** Seconds that the two clocks may differ by. */
export const TOLERANCE = 300

/**
 * @param {string} secret
 * @param {...(string | Buffer)} parts signed as they follow each other
 * @returns {string} `sha256=` and 64 hex digits
 */
export function sign(secret, ...parts) {
  const hmac = createHmac('sha256', secret)
  for (const part of parts) hmac.update(part)
  return `sha256=${hmac.digest('hex')}`
}

/**
 * Whether a request to the bridge was signed with the secret within the last five minutes.
 *
 * @param {string} secret
 * @param {{method: string, path: string, body: Buffer, timestamp?: unknown, signature?: unknown,
 *   now: number}} request `path` with its query; `now` in unix seconds
 */
export function isSigned(secret, { method, path, body, timestamp, signature, now }) {
  if (typeof timestamp !== 'string' || typeof signature !== 'string') return false
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now - Number(timestamp)) > TOLERANCE) return false
  const wanted = Buffer.from(sign(secret, `${timestamp}.${method} ${path}.`, body))
  const given = Buffer.from(signature)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}
