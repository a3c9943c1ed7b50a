import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { test } from 'node:test'
import { started, until } from './bridge.js'

/** A proxy that remembers where it was asked to go, and leads nowhere. */
async function httpProxy(t) {
  const asked = []
  const server = createServer((request, response) => response.writeHead(403).end())
  server.on('connect', (request, socket) => {
    asked.push({ to: request.url, who: request.headers['proxy-authorization'] })
    socket.destroy()
  })
  return listening(t, server, asked)
}

async function socksProxy(t) {
  const asked = []
  const server = createTcpServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => {
      socket.write(Buffer.from([5, 2]))
      socket.once('data', (login) => {
        const who = login.subarray(2, 2 + login[1]).toString()
        socket.write(Buffer.from([1, 0]))
        socket.once('data', (request) => {
          const isName = request[3] === 3
          const name = request.subarray(5, 5 + request[4]).toString()
          asked.push({ to: isName ? `${name}:${request.readUInt16BE(5 + request[4])}` : 'an address', who })
          socket.end(Buffer.from([5, 2, 0, 1, 0, 0, 0, 0, 0, 0]))
        })
      })
    })
  })
  return listening(t, server, asked)
}

async function listening(t, server, asked) {
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  t.after(() => server.close())
  return { asked, port: server.address().port }
}

for (const [kind, proxyOf, who] of [
  ['http', httpProxy, `Basic ${Buffer.from('salon:hush hush').toString('base64')}`],
  ['socks5', socksProxy, 'salon'],
]) {
  test(`WhatsApp, and nothing else, is reached through a proxy of the kind ${kind}`, async (t) => {
    const proxy = await proxyOf(t)
    const way = `${kind}://salon:hush%20hush@127.0.0.1:${proxy.port}`
    const real = { BRIDGE_SOCKET: '', BRIDGE_PROXY: way } // Baileys itself, which gets no further than this proxy
    const { bridge, vernis } = await started(t, real)

    assert.equal((await bridge.ask('POST', '/accounts', { account: 'north' })).status, 200)
    await until(() => vernis.states.find((one) => one.state === 'disconnected'))

    assert.deepEqual(proxy.asked[0], { to: 'web.whatsapp.com:443', who })
    assert.deepEqual([...new Set(proxy.asked.map((one) => one.to))], ['web.whatsapp.com:443'])
    assert.doesNotMatch(bridge.output + bridge.errors, /hush|c2Fsb246/)
  })
}
