// AI Admin v2 as far as Redis sees it. Commands come as JSON lines on stdin, one JSON line each
// goes back on stdout. A key is `{prefix}:{id}`, where id is `company:phone` or
// `company:platform:phone`.
import readline from 'node:readline';
import Redis from 'ioredis';

const redis = new Redis(process.argv[2], { maxRetriesPerRequest: 1 });
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const say = (value) => process.stdout.write(JSON.stringify(value) + '\n');
const parsed = (text) => (text === null || text === undefined ? null : JSON.parse(text));
const without = (object, empty) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== empty));

const KINDS = ['dialog', 'messages', 'client', 'full_ctx'];

async function read({ id }) {
  const dialog = await redis.hgetall(`dialog:${id}`);
  const ttl = {};
  for (const kind of KINDS) ttl[kind] = await redis.ttl(`${kind}:${id}`);
  return {
    dialog: {
      ...dialog,
      selection: parsed(dialog.selection),
      pendingAction: parsed(dialog.pendingAction),
    },
    pendingActionFields: Object.keys(parsed(dialog.pendingAction) ?? {}),
    messages: (await redis.lrange(`messages:${id}`, 0, -1)).map(parsed),
    client: parsed(await redis.get(`client:${id}`)),
    full_ctx: await redis.get(`full_ctx:${id}`),
    ttl,
  };
}

// One try of the update; `null` from exec means that somebody wrote in between.
async function tryUpdate({ id, fields = {}, selection = {}, count }, afterRead) {
  const key = `dialog:${id}`;
  await redis.watch(key);
  const current = await redis.hgetall(key);
  await afterRead?.();
  const merged = { ...(parsed(current.selection) ?? {}), ...without(selection, null) };
  const next = { ...current, ...fields, selection: JSON.stringify(merged) };
  if (count) next[count] = String(Number(current[count] ?? 0) + 1);
  next.lastUpdated = new Date().toISOString();
  const transaction = redis.multi().del(key).hset(key, next).expire(key, 24 * 60 * 60);
  return (await transaction.del(`full_ctx:${id}`).exec()) !== null;
}

async function update(command, afterRead) {
  for (let conflicts = 0; conflicts <= 3; conflicts += 1) {
    if (await tryUpdate(command, conflicts === 0 ? afterRead : undefined)) return { conflicts };
  }
  return { conflicts: 4 };
}

const commands = {
  read,
  update,
  // Stops between reading and writing until the next line, for a conflict on purpose.
  pausedUpdate: (command) =>
    update(command, async () => {
      say({ paused: true });
      await lines.next();
    }),
  async race({ id, times }) {
    let conflicts = 0;
    for (let i = 0; i < times; ) {
      const outcome = await update({ id, count: 'nodeCount', selection: { service: `s${i}` } });
      conflicts += outcome.conflicts;
      if (outcome.conflicts < 4) i += 1;
    }
    return { conflicts };
  },
  async message({ id, message }) {
    const key = `messages:${id}`;
    await redis.multi().lpush(key, JSON.stringify(message)).ltrim(key, 0, 49)
      .expire(key, 24 * 60 * 60).exec();
    return {};
  },
  async cache({ id, client, ttl }) {
    await redis.set(`client:${id}`, JSON.stringify(client), 'EX', ttl);
    await redis.set(`full_ctx:${id}`, '{}', 'EX', 300);
    return {};
  },
};

for (let line = await lines.next(); !line.done; line = await lines.next()) {
  const { command, ...rest } = JSON.parse(line.value);
  say(await commands[command](rest));
}
redis.disconnect();
