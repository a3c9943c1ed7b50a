#!/usr/bin/env node
/** The bridge's process. */
import { createHash } from 'node:crypto'
import { mkdir, realpath } from 'node:fs/promises'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Accounts } from './accounts.js'
import { log } from './logging.js'
import { asLetters } from './qr.js'
import { throughProxy } from './proxy.js'
import { makeServer } from './server.js'
import { SettingsError, VERSION, readSettings } from './settings.js'

const PATIENCE = 15_000

process.umask(0o077)
try {
  await main()
} catch (error) {
  if (!(error instanceof SettingsError)) log('error', 'not started', { because: error?.message ?? String(error) })
  else process.stderr.write(`${error.message}\n`)
  process.exit(2)
}

async function main() {
  const settings = readSettings(process.env)
  await mkdir(settings.data, { recursive: true, mode: 0o700 })
  const lock = await holdAlone(settings.data)
  const driver = await import(settings.socket ? pathToFileURL(resolve(settings.socket)).href : './baileys.js')
  const way = throughProxy(settings.proxy)
  const accounts = new Accounts({ ...settings, way, showQr: process.stdout.isTTY ? printQr : undefined }, driver)
  const server = makeServer(accounts, settings)
  let ending = false
  const end = (signal) => {
    if (ending) return
    ending = true
    log('info', 'stopping', { signal })
    setTimeout(() => process.exit(1), PATIENCE).unref()
    server.close()
    accounts
      .stop()
      .catch((error) => log('error', 'not stopped cleanly', { because: error?.code ?? error?.name }))
      .finally(() => process.exit(0))
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
  process.on('unhandledRejection', (error) => log('error', 'unhandled', { because: error?.code ?? error?.name ?? 'unknown' }))
  await accounts.start()
  await listen(server, settings)
  const { address, port } = server.address()
  log('info', 'listening', { url: `http://${address}:${port}`, port, version: VERSION, pid: process.pid })
  server.on('close', () => lock?.close())
}

/** Two processes on one session would log each other out. The kernel lets go when we end. */
async function holdAlone(data) {
  if (process.platform !== 'linux') return undefined
  const name = createHash('sha256').update(await realpath(data)).digest('hex').slice(0, 32)
  const lock = createServer()
  return new Promise((found, failed) => {
    lock.once('error', (error) =>
      error.code === 'EADDRINUSE'
        ? failed(new SettingsError('Another bridge works on this BRIDGE_DATA already: stop it, or give this one a folder of its own.'))
        : found(undefined),
    )
    lock.listen(`\0vernis-bridge-${name}`, () => {
      lock.unref()
      found(lock)
    })
  })
}

function listen(server, { host, port }) {
  return new Promise((done, failed) => {
    server.once('error', (error) =>
      failed(new SettingsError(`The bridge cannot listen on ${host}:${port} (${error.code}): set BRIDGE_PORT or BRIDGE_HOST.`)),
    )
    server.listen(port, host, done)
  })
}

function printQr(account, text) {
  process.stdout.write(`\nScan this with the phone of account "${account}" (WhatsApp, Linked devices):\n\n${asLetters(text)}\n\n`)
}
