/** What the environment says. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export class SettingsError extends Error {}

const PACKAGE = new URL('../package.json', import.meta.url)
/** @type {string} */
export const VERSION = JSON.parse(readFileSync(PACKAGE, 'utf8')).version

/**
 * @param {Record<string, string | undefined>} env
 * @throws {SettingsError} one sentence that says what to set
 */
export function readSettings(env) {
  const port = number(env, 'BRIDGE_PORT', 3003)
  const host = env.BRIDGE_HOST || '127.0.0.1'
  return {
    secret: readSecret(env),
    host,
    port,
    webhook: address(env, 'BRIDGE_WEBHOOK', 'http://127.0.0.1:8080/webhooks/bridge'),
    publicUrl: env.BRIDGE_PUBLIC_URL ? address(env, 'BRIDGE_PUBLIC_URL', '').replace(/\/+$/, '') : undefined,
    data: env.BRIDGE_DATA || fileURLToPath(new URL('../data', import.meta.url)),
    accounts: (env.BRIDGE_ACCOUNTS ?? '').split(',').map((name) => name.trim()).filter(Boolean),
    whatsappVersion: env.BRIDGE_WHATSAPP_VERSION || undefined,
    sendTimeout: number(env, 'BRIDGE_SEND_TIMEOUT', 20) * 1000,
    backoff: number(env, 'BRIDGE_BACKOFF', 1) * 1000,
    proxy: readProxy(env.BRIDGE_PROXY),
    socket: env.BRIDGE_SOCKET || undefined,
  }
}

/** @param {Record<string, string | undefined>} env */
export function readSecret(env) {
  const secret = env.BRIDGE_SECRET ?? ''
  if (secret.length < 16) {
    throw new SettingsError(
      'Set BRIDGE_SECRET to a random text of at least 16 characters (openssl rand -hex 32), the same here and in Vernis.',
    )
  }
  return secret
}

/** It may hold a name and a password: it is never repeated. */
function readProxy(value) {
  if (!value) return undefined
  const url = URL.canParse(value) ? new URL(value) : undefined
  const isWhole = url?.hostname && ['', '/'].includes(url.pathname) && !url.search && !url.hash
  const isReadable = isWhole && [url.username, url.password].every(isDecodable)
  if (!isReadable || !['http:', 'https:', 'socks5:', 'socks5h:'].includes(url.protocol)) {
    throw new SettingsError(
      'BRIDGE_PROXY has to be an address such as http://127.0.0.1:3128 or socks5://name:password@host:1080.',
    )
  }
  return value
}

function isDecodable(text) {
  try {
    return typeof decodeURIComponent(text) === 'string'
  } catch {
    return false
  }
}

function number(env, name, usual) {
  const value = env[name] ? Number(env[name]) : usual
  if (!Number.isFinite(value) || value < 0) throw new SettingsError(`${name} has to be a number.`)
  return value
}

function address(env, name, usual) {
  const value = env[name] || usual
  if (!/^https?:\/\/./.test(value) || !URL.canParse(value)) {
    throw new SettingsError(`${name} has to be an address that begins with http:// or https://.`)
  }
  return value
}
