-- name: behaviours
SELECT account_id, settings FROM accounts WHERE company_id = :company_id AND channel = 'sandbox';

-- name: deliver
-- A repeated key is delivered once, unless the sandbox plays a channel that does not know ours.
INSERT INTO sandbox_messages (company_id, account_id, direction, phone, body, key, said_at)
SELECT :company_id, t.account_id, 'out', t.phone, t.body, t.key, :now
FROM unnest(:accounts::bigint[], :phones::text[], :bodies::text[], :keys::text[])
     AS t (account_id, phone, body, key)
WHERE :again OR NOT EXISTS (
    SELECT FROM sandbox_messages s WHERE s.company_id = :company_id AND s.key = t.key);

-- name: receive
INSERT INTO sandbox_messages (company_id, account_id, direction, phone, body, key, said_at)
SELECT company_id, account_id, 'in', :phone, :body, :key, :now FROM accounts
WHERE company_id = :company_id AND channel = 'sandbox'
RETURNING account_id;

-- name: staff
INSERT INTO sandbox_messages (company_id, account_id, direction, phone, body, key, said_at)
SELECT company_id, account_id, 'out', :phone, :body, :key, :now FROM accounts
WHERE company_id = :company_id AND channel = 'sandbox'
RETURNING account_id;

-- name: chats
-- Phones with a conversation, the newest last.
SELECT phone, count(*), max(said_at) FROM sandbox_messages
WHERE company_id = :company_id GROUP BY phone ORDER BY max(said_at), phone;

-- name: chat
SELECT direction, body, said_at FROM sandbox_messages
WHERE company_id = :company_id AND phone = :phone ORDER BY said_at, id;

-- name: behave
UPDATE accounts SET settings = settings || :settings
WHERE company_id = :company_id AND channel = 'sandbox';
