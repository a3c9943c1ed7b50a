// AI Admin v2 where a company keeps it as its own assistant: it asks Vernis over HTTP what a message
// answers, and reads in Redis what Vernis leaves there. One round trip, told as one JSON line.
//   node assistant.mjs REDIS_SOCKET BASE_URL KEY COMPANY PHONE [PLATFORM]
import Redis from 'ioredis';

const [socket, base, key, company, phone, platform] = process.argv.slice(2);
const redis = new Redis(socket, { maxRetriesPerRequest: 1 });
const id = [company, platform, phone].filter(Boolean).join(':');
const pending = async () => JSON.parse((await redis.hget(`dialog:${id}`, 'pendingAction')) ?? '{}');

async function vernis(route, body) {
  const response = await fetch(`${base}/v1/companies/${company}/assistants/${route}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${answer.code}: ${answer.detail}`);
  return answer;
}

const said = {};
await redis.flushall(); // whatever happened to Redis
said.context = await vernis('context', { phone: `${phone}@c.us` });
said.pendingAfterContext = await pending();

const message = { phone: `${phone}@c.us`, message_id: 'wa-1', text: 'Да, давайте завтра в 18' };
said.reply = await vernis('replies', message);
said.replyAgain = await vernis('replies', message);

// It has its own plans with this dialog meanwhile, and keeps its own fields.
await redis.set(`full_ctx:${id}`, '{"stale": true}');
await redis.hset(`dialog:${id}`, 'selection', JSON.stringify({ time: '18:00' }));

said.booking = await vernis('bookings', {
  phone: `${phone}@c.us`,
  booking_id: 918273645,
}).catch((error) => error.message); // the first try of every integration: a number, no time
said.booking = [
  said.booking,
  await vernis('bookings', {
    reactivation_id: said.reply.reactivation_id,
    booking_id: '918273645',
    service: said.reply.suggested_service,
    staff: { name: 'Ольга' },
    starts_at: said.reply.when.from,
  }),
];
said.dialog = await redis.hgetall(`dialog:${id}`);
said.fullCtx = await redis.get(`full_ctx:${id}`);
said.afterwards = await vernis('context', { phone });
process.stdout.write(JSON.stringify(said) + '\n');
redis.disconnect();
