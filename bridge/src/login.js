#!/usr/bin/env node
/**
 * Logs an account in from the terminal, through the bridge that is running:
 *
 *     npm run login -- [account] [--phone 79990000000]
 */
import { parseArgs } from 'node:util'
import { asLetters } from './qr.js'
import { SettingsError, readSettings } from './settings.js'
import { sign } from './signature.js'

try {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: { phone: { type: 'string' } } })
  await login(positionals[0] ?? 'default', values.phone)
} catch (error) {
  process.stderr.write(`${error instanceof SettingsError || error?.code ? error.message : error}\n`)
  process.exit(2)
}

async function login(account, phone) {
  const settings = readSettings(process.env)
  let now = await ask(settings, 'POST', '/accounts', { account, ...(phone && { phone }) })
  for (let shown; ; now = await ask(settings, 'GET', `/accounts/${account}`)) {
    const code = now.pairingCode ?? now.qr
    if (now.state === 'connected' || now.state === 'restricted') break
    if (now.state === 'logged_out' || now.reason === 'qr_expired') throw new SettingsError(`Not logged in: ${now.reason ?? now.state}. Begin again.`)
    if (code && code !== shown) {
      shown = code
      process.stdout.write(now.pairingCode ? `Type this code on the phone: ${code}\n` : `${asLetters(code)}\n`)
    }
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
  process.stdout.write(`Account "${account}" is connected.\n`)
}

async function ask({ secret, host, port }, method, path, body) {
  const content = body ? JSON.stringify(body) : ''
  const timestamp = String(Math.floor(Date.now() / 1000))
  const answer = await fetch(`http://${host}:${port}${path}`, {
    method,
    headers: { 'x-timestamp': timestamp, 'x-signature': sign(secret, `${timestamp}.${method} ${path}.`, content) },
    ...(body && { body: content }),
  }).catch(() => {
    throw new SettingsError(`No bridge answers at ${host}:${port}: start it first (npm start).`)
  })
  const said = await answer.json()
  if (!answer.ok) throw new SettingsError(said.message)
  return said
}
